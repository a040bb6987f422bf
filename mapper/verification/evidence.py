"""Evidence: working copies of photos, videos and PDFs, encoded anew without metadata; originals stay shut."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.files.boxes import cover
from mapper.files.media_fence import PDF, VIDEOS, copy_fenced
from mapper.files.refusals import FileRefused
from mapper.store.keys import seal, unseal
from mapper.store.originals import open_sealed, readable_medium
from mapper.store.store import Store
from mapper.store.tables import Medium, MediumPage, Redaction

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
COPY_SIDE, THUMBNAIL_SIDE = 2400, 320  # pixels of the longer side
COPY_TYPE, VIDEO_TYPE = "image/jpeg", "video/mp4"
QUALITY = 85


class NotAPhoto(Exception):
    """The bytes cannot be decoded; the message says why."""


@dataclass(frozen=True)
class Copies:
    """What is made of a medium, without its metadata; 16 hexadecimal digits of perceptual hash of a photo.

    `pages` are those of a PDF, `stamp` what a video or PDF says of itself, `is_cut` whether more is in it.
    """

    copy: bytes
    thumbnail: bytes
    perceptual_hash: str | None
    copy_type: str = COPY_TYPE
    pages: Sequence[bytes] = ()
    stamp: Mapping[str, Any] | None = None
    is_cut: bool = False


def copies_of(data: bytes, content_type: str, boxes: Sequence[Mapping[str, Any]] = ()) -> Copies:
    """Return the copies of a medium, with boxes painted over; raises NotAPhoto or FileRefused."""
    if content_type not in (*VIDEOS, PDF):
        return make_copies(data, boxes)
    made = copy_fenced(data, content_type, boxes)
    kind = COPY_TYPE if content_type == PDF else VIDEO_TYPE
    return Copies(made.copy, made.thumbnail, None, kind, made.pages, made.stamp, made.is_cut)


def make_copies(data: bytes, boxes: Sequence[Mapping[str, Any]] = ()) -> Copies:
    """Decode a photo, turn it upright, paint boxes and encode its pixels anew. Raises NotAPhoto."""
    import imagehash
    import pi_heif
    from PIL import Image, ImageOps

    pi_heif.register_heif_opener()
    try:
        with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
            image.draft("RGB", (COPY_SIDE, COPY_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            # A fresh image takes the pixels and nothing else: re-saving keeps a JPEG's comment.
            clean = Image.new("RGB", upright.size)
            clean.paste(upright)
    except Exception as error:
        # Decoders meet a stranger's bytes with errors of any class; one photo must not stop the worker.
        raise NotAPhoto(f"{type(error).__name__}: {error}") from error
    clean.thumbnail((COPY_SIDE, COPY_SIDE))
    cover(clean, boxes)
    small = clean.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Copies(_jpeg(clean), _jpeg(small), str(imagehash.phash(small)))


@dataclass(frozen=True)
class ShownCopy:
    """A copy's bytes and their content type."""

    data: bytes
    content_type: str


def read_copy(
    store: Store, session: Session, crisis_id: int, medium_id: uuid.UUID, *, is_small: bool, page: int = 1
) -> ShownCopy | None:
    """Return the copy that everybody sees; None where there is none (yet), it is withheld, or was erased.

    Once a medium was redacted, that is the latest redaction's, and none until a worker has made it.
    """
    medium = readable_medium(session, crisis_id, medium_id)
    if medium is None:
        return None
    latest = latest_redaction(session, crisis_id, medium_id)
    row: Medium | Redaction = latest or medium
    blob = row.thumbnail_blob if is_small else row.copy_blob
    if page > 1 and not is_small:
        found = session.get(MediumPage, (crisis_id, medium_id, latest.number if latest else 0, page))
        blob = found.blob if found else None
    data = open_sealed(store, session, medium, blob)
    kind = COPY_TYPE if is_small else medium.copy_type or COPY_TYPE
    return None if data is None else ShownCopy(data, kind)


def latest_redaction(session: Session, crisis_id: int, medium_id: uuid.UUID) -> Redaction | None:
    """Return a medium's latest redaction, which is the one in force."""
    query = select(Redaction).where(Redaction.crisis_id == crisis_id, Redaction.medium_id == medium_id)
    return session.scalars(query.order_by(Redaction.number.desc()).limit(1)).first()


@dataclass(frozen=True)
class Sealed:
    """The columns that name the sealed copies (or say why there are none), and the blobs of the pages."""

    columns: dict[str, Any]
    pages: Sequence[str] = ()
    made: Copies | None = None

    @property
    def blobs(self) -> list[str]:
        """Every blob's name."""
        names = (self.columns.get("copy_blob"), self.columns.get("thumbnail_blob"), *self.pages)
        return [name for name in names if name]


def process(store: Store, medium: Medium, wrapped: bytes, boxes: Sequence[Mapping[str, Any]] = ()) -> Sealed:
    """Make, seal and keep the copies of one medium."""
    secret = store.keys.unwrap(medium.report_id, wrapped)
    original = unseal(secret, store.blobs.get(medium.blob or ""), medium.report_id)
    try:
        copies = copies_of(original, medium.content_type, boxes)
    except (NotAPhoto, FileRefused) as error:
        return Sealed({"problem": str(error)[:500]})
    copy, thumbnail, *pages = (
        store.blobs.put(seal(secret, data, medium.report_id))
        for data in (copies.copy, copies.thumbnail, *copies.pages[1:])
    )
    columns = {"copy_blob": copy, "thumbnail_blob": thumbnail, "problem": None}
    return Sealed(columns, pages, copies)


def _jpeg(image: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, optimize=True)  # type: ignore[attr-defined]
    return buffer.getvalue()
