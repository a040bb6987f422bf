"""Provenance: which reports gave each field of an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from mapper.store.tables import Incident, Report


def given_by(incident: Incident, reports: Sequence[Report]) -> dict[str, list[str]]:
    """Return for each field the ids of the reports that say its value, the oldest first.

    A field that no report says as it stands, because a person decided it or it is a mean, has none.
    """
    return {
        field: [str(report.id) for report in reports if says(report, incident)]
        for field, says in _SAYS.items()
    }


def _same(name: str) -> Callable[[Report, Incident], bool]:
    def says(report: Report, incident: Incident) -> bool:
        return getattr(report, name) is not None and getattr(report, name) == getattr(incident, name)

    return says


def _people(end: str) -> Callable[[Report, Incident], bool]:
    def says(report: Report, incident: Incident) -> bool:
        return report.people_affected is not None and report.people_affected == getattr(incident, end)

    return says


def _seen(report: Report) -> Iterable[datetime | None]:
    return [moment for moment in (report.observed_at, report.observed_until) if moment] or [
        report.received_at
    ]


# Positions are a mean of all that have one, needs a union: every report that says something takes part.
_SAYS: Mapping[str, Callable[[Report, Incident], bool]] = {
    "sector": lambda report, incident: report.sector == incident.sector != "unknown",
    "asset": _same("asset"),
    "damage_low": _same("damage_low"),
    "damage_high": _same("damage_high"),
    "service_state": _same("service_state"),
    "needs": lambda report, incident: not set(incident.needs).isdisjoint(report.needs),
    "people_affected_low": _people("people_affected_low"),
    "people_affected_high": _people("people_affected_high"),
    "happened_from": lambda report, incident: incident.happened_from in _seen(report),
    "happened_to": lambda report, incident: incident.happened_to in _seen(report),
    "position": lambda report, incident: report.cell_key is not None and incident.cell_key is not None,
}
