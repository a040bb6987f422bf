"""Behind the fence: a stranger's video or PDF becomes pictures and a video of our own, without metadata.

Every frame and page is decoded, scaled, covered by boxes where they are asked for, and encoded anew.
Runs in the process that `fence` starts; `media_fence` asks for it.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mapper.files.boxes import cover
from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.files.video_stamp import pdf_time, video_stamp
from mapper.vocabulary.text import N_

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_SECONDS, MOST_FRAME_RATE = 180, 30  # of a video's copy; what is longer is cut
MOST_PIXELS = 40_000_000  # of one frame
VIDEO_SIDE, PAGE_SIDE, THUMBNAIL_SIDE = 960, 1600, 320  # pixels of the longer side
MOST_PAGES = 40
POSTER_SECONDS = 1.0  # videos often begin black
CLOCK = 90_000  # ticks a second, as MPEG has them
DEMUXERS = {"video/mp4": "mov", "video/quicktime": "mov", "video/webm": "matroska"}
QUALITY = 85


def copy_video(folder: Path, task: dict[str, Any], _limits: Limits) -> dict[str, Any]:
    """Write `copy` (H.264 and AAC in MP4) and `thumbnail`; answer what the video says of itself."""
    import av

    try:
        # The demuxer is named, so that no playlist or script is taken for a video.
        with av.open(task["source"], format=DEMUXERS[task["type"]], metadata_errors="replace") as source:
            if not source.streams.video:
                raise FileRefused(N_("The video has no pictures."))
            stream = source.streams.video[0]
            if stream.width * stream.height > MOST_PIXELS:
                raise FileTooLarge(N_("The video's pictures are too large."))
            tags = {**stream.metadata, **source.metadata}
            is_cut = _transcode(av, source, folder, task["boxes"])
            stamp = video_stamp(stream.width, stream.height, tags)
    except av.FFmpegError as error:
        raise FileRefused(N_("The video cannot be decoded.")) from error
    return {"stamp": stamp.as_json(), "is_cut": is_cut, "pages": 0}


def _transcode(av: Any, source: Any, folder: Path, boxes: list[dict[str, Any]]) -> bool:
    target = folder / "copy"
    options = {"movflags": "+faststart", "fflags": "+bitexact"}  # bitexact: no name of the muxer, no time
    with av.open(str(target), "w", format="mp4", options=options) as copy:
        writer = _Writer(av, source, copy, folder, boxes)
        streams = [source.streams.video[0], *source.streams.audio[:1]]
        is_cut = False
        for packet in source.demux(streams):
            for frame in _decoded(av, packet):
                is_cut = is_cut or (frame.time or 0) - writer.start > MOST_SECONDS
                if not is_cut:
                    writer.take(frame)
            if is_cut:
                break
        writer.finish()
    if not writer.has_pictures:
        raise FileRefused(N_("The video has no pictures."))
    return is_cut


def _decoded(av: Any, packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except av.FFmpegError:
        return []  # one broken packet; the rest may be sound


class _Writer:
    """Encodes frames anew in their order, with times from the first picture on."""

    def __init__(self, av: Any, source: Any, copy: Any, folder: Path, boxes: list[dict[str, Any]]) -> None:
        self.av, self.copy, self.folder, self.boxes = av, copy, folder, boxes
        self.start = (source.start_time or 0) / av.time_base
        self.pictures: Any = None
        self.sound = copy.add_stream("aac", rate=44_100, layout="mono") if source.streams.audio else None
        self.last, self.poster_at = -1.0, -1.0

    @property
    def has_pictures(self) -> bool:
        """Whether at least one frame could be decoded."""
        return self.pictures is not None

    def take(self, frame: Any) -> None:
        """Encode one frame."""
        if isinstance(frame, self.av.VideoFrame):
            self._picture(frame)
        elif self.sound is not None:
            frame.pts = None  # the encoder counts samples
            self.copy.mux(self.sound.encode(frame))

    def finish(self) -> None:
        """Write what the encoders still hold."""
        for stream in (self.pictures, self.sound):
            if stream is not None:
                self.copy.mux(stream.encode(None))

    def _picture(self, frame: Any) -> None:
        at = max(0.0, (frame.time or 0.0) - self.start)
        if self.last >= 0 and at - self.last < 0.9 / MOST_FRAME_RATE:
            return
        self.last = at
        image = _upright(frame)
        cover(image, self.boxes)
        if self.poster_at < 0 or self.poster_at < POSTER_SECONDS <= at:
            self.poster_at = at
            _save_thumbnail(image, self.folder)
        if self.pictures is None:
            self._open(image.size)
        image = image.crop((0, 0, self.pictures.width, self.pictures.height))
        clean = self.av.VideoFrame.from_image(image)
        clean.pts, clean.time_base = round(at * CLOCK), Fraction(1, CLOCK)
        self.copy.mux(self.pictures.encode(clean))

    def _open(self, size: tuple[int, int]) -> None:
        self.pictures = self.copy.add_stream("libx264", rate=MOST_FRAME_RATE)
        self.pictures.width, self.pictures.height = (max(2, side // 2 * 2) for side in size)
        self.pictures.pix_fmt = "yuv420p"
        self.pictures.codec_context.time_base = Fraction(1, CLOCK)
        self.pictures.codec_context.options = {"preset": "veryfast", "crf": "27"}


def _upright(frame: Any) -> Image:
    share = min(1.0, VIDEO_SIDE / max(frame.width, frame.height))
    size = [max(2, round(side * share)) for side in (frame.width, frame.height)]
    image: Image = frame.reformat(width=size[0], height=size[1], format="rgb24").to_image()
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def copy_pdf(folder: Path, task: dict[str, Any], _limits: Limits) -> dict[str, Any]:
    """Write `page-1` and on as JPEG, and `thumbnail`; answer how many pages and when it was made."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(task["source"]) as document:
            pages = len(document)
            for number in range(min(pages, MOST_PAGES)):
                image = _drawn(document[number])
                cover(image, task["boxes"], number + 1)
                image.save(folder / f"page-{number + 1}", "JPEG", quality=QUALITY)
                if number == 0:
                    first = image.size
                    _save_thumbnail(image, folder)
            made = pdf_time(document.get_metadata_dict().get("CreationDate", ""))
    except pypdfium2.PdfiumError as error:
        raise FileRefused(N_("The PDF cannot be read: it is damaged or needs a password.")) from error
    if not pages:
        raise FileRefused(N_("The PDF has no pages."))
    stamp = video_stamp(*first, {"creation_time": made or ""})
    return {"stamp": stamp.as_json(), "is_cut": pages > MOST_PAGES, "pages": min(pages, MOST_PAGES)}


def _drawn(page: Any) -> Image:
    longer, shorter = max(page.get_size()), min(page.get_size())
    if not longer > 0 or not shorter > 0:
        raise FileRefused(N_("A page of the PDF has no size."))
    image: Image = page.render(scale=PAGE_SIDE / longer, may_draw_forms=False).to_pil().convert("RGB")
    return image


def _save_thumbnail(image: Image, folder: Path) -> None:
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    small.save(folder / "thumbnail", "JPEG", quality=QUALITY)
