"""Media at the door: told apart by their first bytes, before anything is decoded.

Photos are looked at from the header; videos and PDFs only by their size: workers open them behind the fence.
"""

from __future__ import annotations

import hashlib
import io
import warnings

from mapper.config import Settings
from mapper.files.exif import PhotoStamp, read_stamp
from mapper.files.media_fence import PDF
from mapper.intake.drafts import DraftMedium, NotAccepted

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
# A decoded-to-encoded ratio no camera reaches: an 18 kB PNG can claim 144 megapixels.
MOST_EXPANSION = 1_000
SMALL_PIXELS = 4_000_000
TAKEN = "send JPEG, PNG, WebP, HEIC, MP4, MOV, WebM or PDF"
# ISO 14496-12 major brands of pictures, which Pillow tells apart; every other brand is a film's.
PICTURE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"hevc", b"hevx")
OLD_QUICKTIME = (b"moov", b"mdat", b"wide")  # QuickTime before it had brands
EBML, WEBM = b"\x1aE\xdf\xa3", b"\x42\x82\x84webm"  # RFC 8794, and its DocType


def sniff(data: bytes) -> str | None:
    """Return the content type of a video or PDF by its first bytes; None for anything else."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data[4:8] == b"ftyp" and data[8:12] not in PICTURE_BRANDS:
        return "video/quicktime" if data[8:12] == b"qt  " else "video/mp4"
    if data[4:8] in OLD_QUICKTIME:
        return "video/quicktime"
    return "video/webm" if data.startswith(EBML) and WEBM in data[:64] else None


def check_medium(data: bytes, position: int, settings: Settings) -> DraftMedium:
    """Return a photo, video or PDF as a draft's medium; raises NotAccepted: 413 too large, 415 other kind.

    The type is what the bytes say, never what the sender's file name or header says.
    """
    kind = sniff(data)
    if kind is None:
        return check_photo(data, position, settings)
    most = settings.max_pdf_bytes if kind == PDF else settings.max_video_bytes
    if len(data) > most:
        raise NotAccepted([(f"/media/{position}", f"is larger than {most} bytes")], status=413)
    return DraftMedium(data, kind, hashlib.sha256(data).hexdigest())


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
        detail = f"cannot be read: {TAKEN}"
        raise NotAccepted([(pointer, detail)], status=415) from error
