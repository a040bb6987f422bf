"""Aggregate: what an incident's reports say together. Pure; conflicts stay visible, unknown stays null."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from mapper.geography.cells import cell_key
from mapper.geography.positions import distance_m, from_e7, to_e7
from mapper.store.tables import Report
from mapper.vocabulary.damage import DamageInterval, hull, intersection

UNSTATED_M = 100.0  # a hand-placed pin or a phone outdoors, as in `centroids`
SMALLEST_M = 10.0
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Member:
    """One report of an incident, and the codes that copies of one origin share."""

    report: Report
    origin_marks: frozenset[str]
    source: str


def aggregate(members: Sequence[Member]) -> dict[str, Any]:
    """Return the incident's derived fields by column name. `members` must not be empty."""
    reports = [member.report for member in members]
    sector, asset = _sector_and_asset(reports)
    return {
        "sector": sector,
        "asset": asset,
        "service_state": _newest_state(reports),
        "needs": sorted({need for report in reports for need in report.needs}),
        "reports": len(reports),
        "sources": len({member.source for member in members}),
        "origins": count_origins([member.origin_marks for member in members]),
        "first_reported_at": min(report.received_at for report in reports),
        "last_reported_at": max(report.received_at for report in reports),
        **_damage(reports),
        **_people(reports),
        **_times(reports),
        **_position(reports),
    }


def count_origins(marks: Sequence[frozenset[str]]) -> int:
    """Return how many origins there are: reports that share a mark, directly or through others, are one."""
    groups: list[set[str]] = []
    unmarked = 0
    for own in marks:
        if not own:
            unmarked += 1
            continue
        joined, apart = set(own), []
        for group in groups:
            if group & own:
                joined |= group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return len(groups) + unmarked


def happened_at(report: Report) -> datetime:
    """Return when a report says it happened; receipt where it does not, or where it names a later time."""
    observed = report.observed_at
    return report.received_at if observed is None else min(observed, report.received_at)


def _damage(reports: Iterable[Report]) -> dict[str, Any]:
    """Intervals meet, or they conflict and the whole range is shown."""
    graded = [
        DamageInterval(report.damage_low, report.damage_high)
        for report in reports
        if report.damage_low is not None and report.damage_high is not None
    ]
    shared, around = intersection(graded), hull(graded)
    found = shared or around
    return {
        "damage_low": found.low if found else None,
        "damage_high": found.high if found else None,
        "damage_conflict": bool(graded) and shared is None,
    }


def _people(reports: Iterable[Report]) -> dict[str, Any]:
    counts = [report.people_affected for report in reports if report.people_affected is not None]
    return {
        "people_affected_low": min(counts, default=None),
        "people_affected_high": max(counts, default=None),
    }


def _times(reports: Iterable[Report]) -> dict[str, Any]:
    starts, ends = [], []
    for report in reports:
        starts.append(happened_at(report))
        ends.append(report.observed_until or happened_at(report))
    return {"happened_from": min(starts), "happened_to": max(*starts, *ends)}


def _position(reports: Iterable[Report]) -> dict[str, Any]:
    """The mean, each report weighing as its accuracy allows; the accuracy covers most of the spread."""
    placed = [
        (
            from_e7(report.lon_e7),
            from_e7(report.lat_e7),
            max(SMALLEST_M, report.position_accuracy_m or UNSTATED_M),
        )
        for report in reports
        if report.lon_e7 is not None and report.lat_e7 is not None
    ]
    if not placed:
        return {"lon_e7": None, "lat_e7": None, "cell_key": None, "position_accuracy_m": None}
    lon, lat, accuracy = (np.array(column) for column in zip(*placed, strict=True))
    weight = 1.0 / accuracy**2
    longitude = float(np.average(lon, weights=weight))
    latitude = float(np.average(lat, weights=weight))
    squares = [distance_m(longitude, latitude, x, y) ** 2 for x, y in zip(lon, lat, strict=True)]
    spread = math.sqrt(float(np.average(squares, weights=weight)))
    return {
        "lon_e7": to_e7(longitude),
        "lat_e7": to_e7(latitude),
        "cell_key": cell_key(longitude, latitude),
        "position_accuracy_m": round(max(float(accuracy.min()), spread), 1),
    }


def _sector_and_asset(reports: Sequence[Report]) -> tuple[str, str | None]:
    """The sector most reports name; then the asset most of those name. Ties go to the first said."""
    ordered = sorted(reports, key=lambda report: (report.received_at, str(report.id)))
    sectors = Counter(report.sector for report in ordered if report.sector != UNKNOWN)
    if not sectors:
        return UNKNOWN, next((report.asset for report in ordered if report.asset), None)
    sector = sectors.most_common(1)[0][0]
    assets = Counter(report.asset for report in ordered if report.sector == sector and report.asset)
    return sector, assets.most_common(1)[0][0] if assets else None


def _newest_state(reports: Iterable[Report]) -> str | None:
    told = [report for report in reports if report.service_state]
    newest = max(
        told, key=lambda report: (happened_at(report), report.received_at, str(report.id)), default=None
    )
    return newest.service_state if newest else None
