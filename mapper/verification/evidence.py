"""Evidence: working copies of photos, re-encoded without metadata; the original stays sealed."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mapper.store.keys import seal, unseal
from mapper.store.originals import open_sealed, readable_medium
from mapper.store.store import Store
from mapper.store.tables import Medium

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
COPY_SIDE, THUMBNAIL_SIDE = 2400, 320  # pixels of the longer side
COPY_TYPE = "image/jpeg"
QUALITY = 85


class NotAPhoto(Exception):
    """The bytes cannot be decoded; the message says why."""


@dataclass(frozen=True)
class Copies:
    """What is made of a photo: JPEG bytes without metadata, and 16 hexadecimal digits of perceptual hash."""

    copy: bytes
    thumbnail: bytes
    perceptual_hash: str


def make_copies(data: bytes) -> Copies:
    """Decode a photo, turn it upright and encode its pixels anew. Raises NotAPhoto."""
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
    small = clean.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Copies(_jpeg(clean), _jpeg(small), str(imagehash.phash(small)))


def read_copy(
    store: Store, session: Session, crisis_id: int, medium_id: uuid.UUID, *, is_small: bool
) -> bytes | None:
    """Return a working copy's bytes; None where there is none (yet), it is withheld, or was erased."""
    medium = readable_medium(session, crisis_id, medium_id)
    if medium is None:
        return None
    return open_sealed(store, session, medium, medium.thumbnail_blob if is_small else medium.copy_blob)


def process(store: Store, medium: Medium, wrapped: bytes) -> dict[str, str | None]:
    """Make, seal and keep the copies of one medium; return the columns that name them."""
    secret = store.keys.unwrap(medium.report_id, wrapped)
    original = unseal(secret, store.blobs.get(medium.blob or ""), medium.report_id)
    try:
        copies = make_copies(original)
    except NotAPhoto as error:
        return {"problem": str(error)[:500]}
    return {
        "copy_blob": store.blobs.put(seal(secret, copies.copy, medium.report_id)),
        "thumbnail_blob": store.blobs.put(seal(secret, copies.thumbnail, medium.report_id)),
        "perceptual_hash": copies.perceptual_hash,
        "problem": None,
    }


def _jpeg(image: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY, optimize=True)  # type: ignore[attr-defined]
    return buffer.getvalue()
