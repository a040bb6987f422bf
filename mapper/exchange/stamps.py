"""What a photo says of itself beside what its sender said: shown to verifiers, who judge. Never public.

A photo's place and time can be wrong, stripped or forged: nothing here changes an incident.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mapper.exchange.features import point
from mapper.geography.positions import distance_m, from_e7, to_e7
from mapper.store.tables import Report

FAR_M = 1_000.0  # beyond both accuracies
# A camera without a zone is off by up to 14 hours, and a date that people write by a day.
TOLERANCE = timedelta(days=1)
OLD = timedelta(days=30)  # before it was sent, where nobody says when it happened

FAR = "photo_far_from_report"
BEFORE = "photo_taken_before"
AFTER = "photo_taken_after_it_was_sent"


def stamp_of(stamp: Mapping[str, Any] | None, report: Report) -> dict[str, Any] | None:
    """Return a photo's place and time, its distance from the report's in metres, and what is suspicious."""
    if stamp is None:
        return None
    longitude, latitude = stamp["longitude"], stamp["latitude"]
    is_placed = longitude is not None and stamp["flag"] is None
    metres = _distance(longitude, latitude, report) if is_placed else None
    return {
        "position": point(to_e7(longitude), to_e7(latitude)) if is_placed else None,
        "accuracy_m": stamp["accuracy_m"] if is_placed else None,
        "position_flag": stamp["flag"],
        "taken_at": stamp["taken_at"],
        "metres_from_report": None if metres is None else round(metres),
        "risks": _risks(stamp, metres, report),
    }


def _distance(longitude: float, latitude: float, report: Report) -> float | None:
    if report.lon_e7 is None or report.lat_e7 is None or report.position_flag == "position_from_photo":
        return None
    return distance_m(longitude, latitude, from_e7(report.lon_e7), from_e7(report.lat_e7))


def _risks(stamp: Mapping[str, Any], metres: float | None, report: Report) -> list[str]:
    found = []
    if metres is not None and metres > FAR_M + stamp["accuracy_m"] + (report.position_accuracy_m or 0):
        found.append(FAR)
    if stamp["taken_at"]:
        taken = datetime.fromisoformat(stamp["taken_at"])
        taken = taken if taken.tzinfo else taken.replace(tzinfo=UTC)
        event = report.observed_at or report.received_at - OLD
        if taken < event - TOLERANCE:
            found.append(BEFORE)
        if taken > report.received_at + TOLERANCE:
            found.append(AFTER)
    return found
