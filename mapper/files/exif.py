"""What a photo's EXIF says of where and when it was taken. Read at the door, for verifiers only.

A position counts only with both references (N or S, E or W): without them the signs are unknown, and the
place may be on another continent. Nothing is guessed; what cannot be used is flagged with its reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

# Tags of EXIF 2.32 (JEITA CP-3451).
ORIENTATION, EXIF_IFD, GPS_IFD = 0x0112, 0x8769, 0x8825
TAKEN, TAKEN_OFFSET = 0x9003, 0x9011
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE = 1, 2, 3, 4
GPS_TIME, GPS_DATE, GPS_ERROR_M = 7, 29, 31
# How far the damage may lie from the camera: a phone's fix is good to some 20 m, and people photograph a
# building from across the street or from the next hill.
PHOTO_ACCURACY_M = 200.0
WORST_ERROR_M = 100_000.0

NO_REFERENCE = "no_reference"  # the degrees have no N, S, E or W
UNREADABLE = "unreadable"
OUT_OF_RANGE = "out_of_range"
NULL_ISLAND = "null_island"  # 0, 0: what devices write that have no fix


@dataclass(frozen=True)
class PhotoStamp:
    """Where and when a photo says it was taken; None: it does not say, or not so that it can be used.

    Degrees are WGS 84. `flag` is why a position must not be used as it is. `taken_at` is RFC 3339, without
    an offset where the camera wrote none. `orientation` is EXIF's, 1 to 8; width and height are as stored.
    """

    width: int
    height: int
    orientation: int = 1
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    flag: str | None = None
    taken_at: str | None = None

    @property
    def is_placed(self) -> bool:
        """Whether it has a position that can be used."""
        return self.longitude is not None and self.flag is None

    def as_json(self) -> dict[str, Any]:
        """Return what is kept beside the photo."""
        return asdict(self)


def read_stamp(image: Image) -> PhotoStamp:
    """Return what an opened image says; damaged metadata is flagged and never raised."""
    width, height = image.size
    try:
        exif = image.getexif()
        gps, details = dict(exif.get_ifd(GPS_IFD)), dict(exif.get_ifd(EXIF_IFD))
        orientation = exif.get(ORIENTATION, 1)
    except Exception:
        # Pillow meets a stranger's bytes with errors of any class; the pixels may still be sound.
        return PhotoStamp(width, height, flag=UNREADABLE)
    where = _position(gps)
    return PhotoStamp(
        width,
        height,
        orientation if orientation in range(1, 9) else 1,
        *where,
        taken_at=_taken(gps, details),
    )


def _position(gps: Mapping[int, Any]) -> tuple[float | None, float | None, float | None, str | None]:
    """Return longitude, latitude, accuracy and flag."""
    if LATITUDE not in gps and LONGITUDE not in gps:
        return None, None, None, None
    north, east = _reference(gps.get(LATITUDE_REF), "NS"), _reference(gps.get(LONGITUDE_REF), "EW")
    latitude, longitude = _degrees(gps.get(LATITUDE)), _degrees(gps.get(LONGITUDE))
    if latitude is None or longitude is None:
        return None, None, None, UNREADABLE
    if north is None or east is None:
        return None, None, None, NO_REFERENCE
    if latitude > 90 or longitude > 180:
        return None, None, None, OUT_OF_RANGE
    flag = NULL_ISLAND if latitude == longitude == 0 else None
    return east * longitude, north * latitude, _accuracy(gps.get(GPS_ERROR_M)), flag


def _reference(value: Any, letters: str) -> int | None:
    """Return 1 for the first of two letters, -1 for the second, None for anything else."""
    text = (_text(value) or "").upper()
    return None if len(text) != 1 or text not in letters else 1 - 2 * letters.index(text)


def _degrees(value: Any) -> float | None:
    """Return degrees from degrees, minutes and seconds; None where a part is missing or no number."""
    parts = value if isinstance(value, tuple | list) else (value,)
    if not 1 <= len(parts) <= 3:
        return None
    numbers = [_number(part) for part in parts]
    if any(number is None or number < 0 for number in numbers):
        return None
    degrees, minutes, seconds = (*(number or 0.0 for number in numbers), 0.0, 0.0)[:3]
    return None if minutes >= 60 or seconds >= 60 else degrees + minutes / 60 + seconds / 3600


def _accuracy(value: Any) -> float:
    """Return how far the damage may lie from the photo's position, in metres."""
    error = _number(value)
    return PHOTO_ACCURACY_M + (error if error is not None and 0 < error < WORST_ERROR_M else 0.0)


def _taken(gps: Mapping[int, Any], details: Mapping[int, Any]) -> str | None:
    """Return when it was taken: the camera's time with its offset, else the satellites', else as written."""
    local = _local_time(_text(details.get(TAKEN)))
    offset = _offset(_text(details.get(TAKEN_OFFSET)))
    if local is not None and offset is not None:
        return local.replace(tzinfo=offset).isoformat()
    fixed = _gps_time(gps)
    if fixed is not None:
        return fixed.isoformat()
    return local.isoformat() if local else None


def _local_time(text: str | None) -> datetime | None:
    try:
        return datetime.strptime((text or "")[:19], "%Y:%m:%d %H:%M:%S")  # it has no zone
    except ValueError:
        return None


def _offset(text: str | None) -> timezone | None:
    found = re.fullmatch(r"([+-])(\d\d):(\d\d)", text or "")
    if not found or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-span if found[1] == "-" else span)


def _gps_time(gps: Mapping[int, Any]) -> datetime | None:
    parts = gps.get(GPS_TIME)
    if not isinstance(parts, tuple | list) or len(parts) != 3:
        return None
    hour, minute, second = (_number(part) for part in parts)
    try:
        day = datetime.strptime(_text(gps.get(GPS_DATE)) or "", "%Y:%m:%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    if hour is None or minute is None or second is None or not (0 <= hour < 24 and 0 <= minute < 60):
        return None
    return day + timedelta(hours=int(hour), minutes=int(minute), seconds=int(second))


def _number(value: Any) -> float | None:
    """Return a finite number; a rational with denominator zero is none."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str | None:
    """Return an ASCII value without its end mark; some writers leave bytes."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip("\0 \t") if isinstance(value, str) else None
