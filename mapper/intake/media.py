"""Photos at the door: looked at from the header only, before anything is decoded."""

from __future__ import annotations

import hashlib
import io
import warnings

from mapper.config import Settings
from mapper.files.exif import PhotoStamp, read_stamp
from mapper.intake.drafts import DraftMedium, NotAccepted

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
# A decoded-to-encoded ratio no camera reaches: an 18 kB PNG can claim 144 megapixels.
MOST_EXPANSION = 1_000
SMALL_PIXELS = 4_000_000


def check_photo(data: bytes, position: int, settings: Settings) -> DraftMedium:
    """Return the photo as a draft's medium, or raise NotAccepted: 413 too large, 415 not a photo.

    The type is what the bytes say, never what the sender's file name or header says.
    """
    pointer = f"/media/{position}"
    if len(data) > settings.max_photo_bytes:
        raise NotAccepted([(pointer, f"is larger than {settings.max_photo_bytes} bytes")], status=413)
    kind, stamp = _header(data, pointer)
    pixels = stamp.width * stamp.height
    if pixels > settings.max_photo_pixels:
        raise NotAccepted([(pointer, f"has more than {settings.max_photo_pixels} pixels")], status=413)
    if pixels > SMALL_PIXELS and pixels * 3 > MOST_EXPANSION * len(data):
        raise NotAccepted([(pointer, "claims far more pixels than its bytes can hold")], status=413)
    return DraftMedium(data, FORMATS[kind], hashlib.sha256(data).hexdigest(), stamp)


def _header(data: bytes, pointer: str) -> tuple[str, PhotoStamp]:
    import pi_heif
    from PIL import Image, UnidentifiedImageError

    pi_heif.register_heif_opener()
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # check_photo has a limit of its own
    try:
        with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
            return str(image.format), read_stamp(image)
    except Image.DecompressionBombError as error:
        raise NotAccepted([(pointer, "claims more pixels than any photo")], status=413) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        detail = "is no photo that can be read: send JPEG, PNG, WebP or HEIC"
        raise NotAccepted([(pointer, detail)], status=415) from error
