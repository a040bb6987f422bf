"""Seats: which incident each report sits in now, and which of them people hold where they are."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapper.fusion.members import portions
from mapper.store.tables import Decision, IncidentReport, Report


@dataclass(frozen=True)
class Seat:
    """Where a report sits. `is_held`: a person put it there or decided about it, or it was erased."""

    report: uuid.UUID
    incident: uuid.UUID
    is_held: bool
    is_erased: bool


def incidents_of(session: Session, crisis_id: int, reports: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return the incidents in which any of these reports sit."""
    found: set[uuid.UUID] = set()
    for some in portions(sorted(reports)):
        found.update(
            session.scalars(
                select(IncidentReport.incident_id).where(
                    IncidentReport.crisis_id == crisis_id, IncidentReport.report_id.in_(some)
                )
            )
        )
    return sorted(found)


def seats_in(session: Session, crisis_id: int, incidents: Collection[uuid.UUID]) -> dict[uuid.UUID, Seat]:
    """Return every seat of these incidents by report.

    What people looked at stays together: a report that sat in an incident when somebody decided about
    it is held there; what joined later may still move.
    """
    found: dict[uuid.UUID, Seat] = {}
    for some in portions(sorted(incidents)):
        decided = _decided_at(session, crisis_id, some)
        query = select(
            IncidentReport.report_id,
            IncidentReport.incident_id,
            IncidentReport.decision_id,
            IncidentReport.joined_at,
            Report.erased_at,
        ).join(
            Report,
            (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id),
        )
        here = (IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id.in_(some))
        for row in session.execute(query.where(*here)):
            last = decided.get(row.incident_id)
            looked_at = last is not None and row.joined_at <= last
            held = row.decision_id is not None or row.erased_at is not None or looked_at
            found[row.report_id] = Seat(row.report_id, row.incident_id, held, row.erased_at is not None)
    return found


def _decided_at(
    session: Session, crisis_id: int, incidents: Collection[uuid.UUID]
) -> dict[uuid.UUID, datetime]:
    query = (
        select(Decision.incident_id, func.max(Decision.decided_at))
        .where(Decision.crisis_id == crisis_id, Decision.incident_id.in_(incidents))
        .group_by(Decision.incident_id)
    )
    return dict(session.execute(query).all())
