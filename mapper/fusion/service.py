"""What fusion does to incidents: derive their fields again, and carry out what people decide."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapper.fusion.aggregate import aggregate
from mapper.fusion.fields import fields_of
from mapper.fusion.members import Member, Members, portions, with_accuracy
from mapper.fusion.neighbourhood import Crowds
from mapper.store.keys import Keyring
from mapper.store.tables import Decision, Incident, IncidentReport, Report

DECIDED: dict[str, Any] = {"kind": "decision"}


def recompute(session: Session, keys: Keyring, crisis_id: int, incident_id: uuid.UUID, at: datetime) -> None:
    """Derive an incident's fields again from its reports and from what people decided of it.

    A concluded incident only counts its reports anew and is flagged where there are more of them.
    """
    incident = session.get_one(Incident, (crisis_id, incident_id))
    members = Members(keys, crisis_id).read(session, _reports(session, crisis_id, incident_id))
    fields: dict[str, Any] = {"reports": 0, "sources": 0, "origins": 0}
    if members:
        fields = _fields(session, incident, members)
    for name, value in fields.items():
        setattr(incident, name, value)
    incident.version += 1
    incident.changed_at = at


def merge(
    session: Session,
    keys: Keyring,
    crisis_id: int,
    from_id: uuid.UUID,
    into_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> list[uuid.UUID]:
    """Move every report of one incident into another; the emptied one becomes a signpost to it.

    Returns the ids of the moved reports. All reports of both stay as the person put them.
    """
    moved = [report.id for report in _reports(session, crisis_id, from_id)]
    staying = [report.id for report in _reports(session, crisis_id, into_id)]
    _place(session, crisis_id, moved, into_id, decision_id, at)
    _hold(session, crisis_id, staying, decision_id)
    session.get_one(Incident, (crisis_id, from_id)).merged_into = into_id
    session.flush()
    recompute(session, keys, crisis_id, from_id, at)
    recompute(session, keys, crisis_id, into_id, at)
    return moved


def split(
    session: Session,
    keys: Keyring,
    crisis_id: int,
    incident_id: uuid.UUID,
    report_ids: Sequence[uuid.UUID],
    decision_id: uuid.UUID,
    at: datetime,
) -> uuid.UUID:
    """Move some reports of an incident into a new one and return its id; both stay as the person put them."""
    created = _new_incident(session, crisis_id, at)
    leaving = set(report_ids)
    staying = [one.id for one in _reports(session, crisis_id, incident_id) if one.id not in leaving]
    _place(session, crisis_id, report_ids, created, decision_id, at)
    _hold(session, crisis_id, staying, decision_id)
    session.flush()
    recompute(session, keys, crisis_id, incident_id, at)
    recompute(session, keys, crisis_id, created, at)
    return created


def _fields(session: Session, incident: Incident, members: Sequence[Member]) -> dict[str, Any]:
    crisis_id = incident.crisis_id
    accuracies = Crowds(session, crisis_id).around(members).accuracy_m.tolist()
    decisions = session.scalars(
        select(Decision).where(Decision.crisis_id == crisis_id, Decision.incident_id == incident.id)
    )
    return fields_of(aggregate(map(with_accuracy, members, accuracies)), incident, decisions.all())


def _new_incident(session: Session, crisis_id: int, at: datetime) -> uuid.UUID:
    """Add an incident that has no report yet and return its id."""
    times = {"first_reported_at": at, "last_reported_at": at, "changed_at": at}
    empty: dict[str, Any] = {"sector": "unknown", "needs": [], "version": 0, "reports": 0}
    incident = Incident(crisis_id=crisis_id, id=uuid.uuid4(), status="new", **times, **empty)
    session.add(incident)
    session.flush()
    return incident.id


def _reports(session: Session, crisis_id: int, incident_id: uuid.UUID) -> Sequence[Report]:
    same = (IncidentReport.crisis_id == Report.crisis_id) & (IncidentReport.report_id == Report.id)
    query = (
        select(Report)
        .join(IncidentReport, same)
        .where(IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == incident_id)
        .order_by(Report.received_at, Report.id)
    )
    return session.scalars(query).all()


def _place(
    session: Session,
    crisis_id: int,
    report_ids: Sequence[uuid.UUID],
    incident_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> None:
    seat = {"incident_id": incident_id, "decision_id": decision_id, "joined_at": at}
    for some in portions(report_ids):
        here = (IncidentReport.crisis_id == crisis_id, IncidentReport.report_id.in_(some))
        session.execute(update(IncidentReport).where(*here).values(**seat, score=None, why=DECIDED))


def _hold(session: Session, crisis_id: int, report_ids: Sequence[uuid.UUID], decision_id: uuid.UUID) -> None:
    for some in portions(report_ids):
        here = (IncidentReport.crisis_id == crisis_id, IncidentReport.report_id.in_(some))
        session.execute(update(IncidentReport).where(*here).values(decision_id=decision_id))
