"""What a video or a PDF says of where and when it was made. For verifiers only; anybody can write anything.

Videos: ISO 6709 places and the times of QuickTime and MP4 headers. PDF: `CreationDate` (ISO 32000-1, 7.9.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from mapper.files.exif import NULL_ISLAND, OUT_OF_RANGE, PHOTO_ACCURACY_M, UNREADABLE, PhotoStamp

PLACES = ("com.apple.quicktime.location.ISO6709", "location", "location-eng")
TIMES = ("com.apple.quicktime.creationdate", "creation_time")  # the first has the zone of the place
PLACE = re.compile(r"([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)(?:[+-][\d.]+)?(?:CRS\w+)?/?")
PDF_TIME = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?.*", re.DOTALL)
EPOCHS = ("1904-", "1970-01-01")  # what writers leave that know no time


def video_stamp(width: int, height: int, tags: Mapping[str, str]) -> PhotoStamp:
    """Return what a video's tags say, as a photo's stamp; what cannot be used is flagged."""
    text = next((tags[name] for name in PLACES if tags.get(name)), "")
    longitude, latitude, flag = _place(text) if text else (None, None, None)
    accuracy = PHOTO_ACCURACY_M if longitude is not None else None
    taken_at = next((moment for name in TIMES if (moment := _moment(tags.get(name, "")))), None)
    return PhotoStamp(width, height, 1, longitude, latitude, accuracy, flag, taken_at)


def pdf_time(text: str) -> str | None:
    """Return a PDF's date as RFC 3339, without an offset where it has none; None where it is none."""
    found = PDF_TIME.fullmatch(text.strip())
    if not found:
        return None
    year, month, day, hour, minute, second, utc, sign, hours, minutes = found.groups()
    offset = "+00:00" if utc else f"{sign}{hours}:{minutes or '00'}" if sign else ""
    return _moment(f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{offset}")


def _place(text: str) -> tuple[float | None, float | None, str | None]:
    found = PLACE.fullmatch(text.strip())
    if not found:
        return None, None, UNREADABLE
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None, None, OUT_OF_RANGE
    return longitude, latitude, NULL_ISLAND if latitude == longitude == 0 else None


def _moment(text: str) -> str | None:
    if text.startswith(EPOCHS):
        return None
    try:
        return datetime.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return None
