"""Small videos and PDFs as people send them, with metadata that must not leave."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import pypdfium2
from PIL import Image

PLACE = "+18.5392-072.3350/"
MADE = "2026-03-01T10:00:00Z"


def clip(
    container: str = "mp4", seconds: int = 2, size: tuple[int, int] = (320, 240), sound: bool = False
) -> bytes:
    """Return a video that is red at its left half and green at its right."""
    image = Image.new("RGB", size, (0, 160, 0))
    image.paste((200, 0, 0), (0, 0, size[0] // 2, size[1]))
    buffer = io.BytesIO()
    options = {"movflags": "use_metadata_tags"} if container in ("mp4", "mov") else {}
    with av.open(buffer, "w", format=container, options=options) as target:
        target.metadata.update({"location": PLACE, "creation_time": MADE, "comment": "SECRET-OWNER"})
        stream: Any = target.add_stream("libvpx" if container == "webm" else "libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        voice: Any = target.add_stream("aac", rate=44_100, layout="mono") if sound else None
        for number in range(10 * seconds):
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(1, 10)
            target.mux(stream.encode(frame))
            if voice:
                tone = av.AudioFrame(format="fltp", layout="mono", samples=4410)
                tone.rate, tone.pts, tone.time_base = 44_100, number * 4410, Fraction(1, 44_100)
                for plane in tone.planes:
                    plane.update(bytes(plane.buffer_size))
                target.mux(voice.encode(tone))
        target.mux(stream.encode(None))
        if voice:
            target.mux(voice.encode(None))
    return buffer.getvalue()


def pdf(pages: int = 2) -> bytes:
    """Return a PDF of empty pages that says when it was made and by whom."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(300, 200)
    buffer = io.BytesIO()
    document.save(buffer)
    data = buffer.getvalue()
    info = b"<</CreationDate(D:20260301100000+02'00')/Author(SECRET-OWNER)>>"
    return data.replace(b"trailer", b"99 0 obj\n" + info + b"\nendobj\ntrailer", 1)


def pictures_of(data: bytes) -> list[Image.Image]:
    """Return a video's frames."""
    with av.open(io.BytesIO(data)) as source:
        return [frame.to_image() for frame in source.decode(video=0)]
