"""Photos beside a case: where else nearly the same one is, and what an original says of itself."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.originals import open_original
from mapper.store.store import Store
from mapper.store.tables import IncidentReport, Medium

MOST_DIFFERENT_BITS = 8  # of 64, in which two perceptual hashes of one picture may differ
MOST_FOUND = 12
LONGEST_VALUE = 120
# What of an EXIF block helps a verifier. Anybody can write anything into it.
TOLD: Mapping[int, str] = {
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x0132: "DateTime",
    0x9003: "DateTimeOriginal",
    0x9011: "OffsetTimeOriginal",
}
EXIF_BLOCK, GPS_BLOCK = 0x8769, 0x8825


@dataclass(frozen=True)
class Twin:
    """A photo elsewhere in the crisis: its incident, and in how many of 64 bits it differs."""

    medium_id: uuid.UUID
    incident_id: uuid.UUID
    bits: int
    is_same_file: bool


def twins(session: Session, crisis_id: int, incident_id: uuid.UUID) -> dict[uuid.UUID, list[Twin]]:
    """Return for each photo of an incident where else nearly the same one is, the likest first."""
    mine, others = _hashes(session, crisis_id, incident_id)
    if not mine or not others:
        return {}
    digits = np.array([_number(row.perceptual_hash) for row in others], dtype=np.uint64)
    found = {}
    for row in mine:
        bits = np.bitwise_count(digits ^ _number(row.perceptual_hash))
        near = np.flatnonzero(bits <= MOST_DIFFERENT_BITS)
        near = near[np.argsort(bits[near], kind="stable")][:MOST_FOUND]
        likest = [_twin(row, others[int(at)], int(bits[at])) for at in near]
        found[row.id] = sorted(likest, key=lambda twin: not twin.is_same_file)
    return found


def told_by_original(
    store: Store, crisis_id: int, medium_id: uuid.UUID, user_id: int, reason: str
) -> Mapping[str, str] | None:
    """Open a sealed original, note who did and why, and return its metadata; None if there is none."""
    opened = open_original(store, crisis_id, medium_id, user_id, reason)
    return None if opened is None else read_metadata(opened.data)


def read_metadata(data: bytes) -> dict[str, str]:
    """Return what a photo's EXIF block says, as short texts; empty where it says nothing or is broken."""
    from PIL import ExifTags, Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            exif = image.getexif()
            values = {**exif, **exif.get_ifd(EXIF_BLOCK)}
            gps = exif.get_ifd(GPS_BLOCK)
            found = {name: _short(values[tag]) for tag, name in TOLD.items() if values.get(tag)}
            place = _place(gps, ExifTags.GPS)
    except Exception:
        # A stranger's bytes break decoders in their own ways; then the photo says nothing.
        return {}
    return found | ({"GPS": place} if place else {})


def _hashes(session: Session, crisis_id: int, incident_id: uuid.UUID) -> tuple[Sequence[Any], Sequence[Any]]:
    same = (IncidentReport.crisis_id == Medium.crisis_id) & (IncidentReport.report_id == Medium.report_id)
    query = (
        select(Medium.id, Medium.sha256, Medium.perceptual_hash, IncidentReport.incident_id)
        .join(IncidentReport, same)
        .where(Medium.crisis_id == crisis_id, Medium.perceptual_hash.is_not(None))
    )
    mine = session.execute(query.where(IncidentReport.incident_id == incident_id)).all()
    if not mine:
        return [], []
    others = session.execute(query.where(IncidentReport.incident_id != incident_id).order_by(Medium.id)).all()
    return mine, others


def _twin(mine: Any, other: Any, bits: int) -> Twin:
    is_same_file = mine.sha256 is not None and other.sha256 == mine.sha256
    return Twin(other.id, other.incident_id, bits, is_same_file)


def _number(perceptual_hash: str) -> np.uint64:
    return np.uint64(int(perceptual_hash, 16))


def _short(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST_VALUE]


def _place(gps: Mapping[int, Any], tags: Any) -> str:
    """Return latitude and longitude in degrees, as people write them."""
    if tags.GPSLatitude not in gps or tags.GPSLongitude not in gps:
        return ""
    sides = ((tags.GPSLatitude, tags.GPSLatitudeRef, "S"), (tags.GPSLongitude, tags.GPSLongitudeRef, "W"))
    degrees = []
    for value, reference, negative in sides:
        whole, minutes, seconds = (float(part) for part in gps[value])
        sign = -1 if gps.get(reference) == negative else 1
        degrees.append(sign * (whole + minutes / 60 + seconds / 3600))
    return f"{degrees[0]:.5f}, {degrees[1]:.5f}"
