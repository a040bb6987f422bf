"""What fusion does to incidents: derive their fields again, and carry out what people decide."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapper.fusion.aggregate import aggregate
from mapper.fusion.gathering import members_of
from mapper.geography.cells import cell_key
from mapper.geography.positions import from_e7
from mapper.store.keys import Keyring
from mapper.store.standing import Standing, standing
from mapper.store.tables import Decision, Incident, IncidentReport, Report

# What was concluded in these states is not altered by what came in later.
CONCLUDED = frozenset({"verified", "override", "false", "retracted"})
COUNTED = ("reports", "sources", "origins", "first_reported_at", "last_reported_at")


def recompute(session: Session, keys: Keyring, crisis_id: int, incident_id: uuid.UUID, at: datetime) -> None:
    """Derive an incident's fields again from its reports and from what people decided of it.

    A concluded incident only counts its reports anew and is flagged where there are more of them.
    """
    incident = session.get_one(Incident, (crisis_id, incident_id))
    reports = _reports(session, crisis_id, incident_id)
    if not reports:
        incident.reports = incident.sources = incident.origins = 0
        _touch(incident, at)
        return
    fields = aggregate(members_of(session, keys, reports))
    if incident.status in CONCLUDED:
        incident.needs_review = incident.needs_review or fields["reports"] > incident.reports
        fields = {name: fields[name] for name in COUNTED}
    else:
        decisions = session.scalars(
            select(Decision).where(Decision.crisis_id == crisis_id, Decision.incident_id == incident_id)
        )
        fields |= _decided(standing(decisions))
        _forget_areas_if_moved(incident, fields)
    for name, value in fields.items():
        setattr(incident, name, value)
    _touch(incident, at)


def merge(
    session: Session,
    keys: Keyring,
    crisis_id: int,
    source_id: uuid.UUID,
    into_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> list[uuid.UUID]:
    """Move every report of one incident into another; the emptied one becomes a signpost to it.

    Returns the ids of the moved reports. A person put them there: fusion leaves them.
    """
    moved = [report.id for report in _reports(session, crisis_id, source_id)]
    _place(session, crisis_id, moved, into_id, decision_id, at)
    session.get_one(Incident, (crisis_id, source_id)).merged_into = into_id
    session.flush()
    recompute(session, keys, crisis_id, source_id, at)
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
    created = new_incident(session, crisis_id, at)
    staying = [
        report.id for report in _reports(session, crisis_id, incident_id) if report.id not in set(report_ids)
    ]
    _place(session, crisis_id, report_ids, created, decision_id, at)
    _place(session, crisis_id, staying, incident_id, decision_id, at)
    session.flush()
    recompute(session, keys, crisis_id, incident_id, at)
    recompute(session, keys, crisis_id, created, at)
    return created


def new_incident(session: Session, crisis_id: int, at: datetime) -> uuid.UUID:
    """Add an incident that has no report yet and return its id."""
    empty: dict[str, Any] = {"sector": "unknown", "needs": [], "version": 0}
    incident = Incident(
        crisis_id=crisis_id,
        id=uuid.uuid4(),
        status="new",
        first_reported_at=at,
        last_reported_at=at,
        changed_at=at,
        **empty,
    )
    session.add(incident)
    session.flush()
    return incident.id


def _reports(session: Session, crisis_id: int, incident_id: uuid.UUID) -> Sequence[Report]:
    query = (
        select(Report)
        .join(
            IncidentReport,
            (IncidentReport.crisis_id == Report.crisis_id) & (IncidentReport.report_id == Report.id),
        )
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
    for start in range(0, len(report_ids), 500):
        session.execute(
            update(IncidentReport)
            .where(
                IncidentReport.crisis_id == crisis_id,
                IncidentReport.report_id.in_(report_ids[start : start + 500]),
            )
            .values(incident_id=incident_id, decision_id=decision_id, joined_at=at)
        )


def _decided(held: Standing) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if held.damage:
        fields |= {"damage_low": held.damage.low, "damage_high": held.damage.high, "damage_conflict": False}
    if held.accuracy_m is not None:
        fields["position_accuracy_m"] = held.accuracy_m
    if held.place:
        place = held.place
        key = cell_key(from_e7(place.lon_e7), from_e7(place.lat_e7))
        fields |= {"lon_e7": place.lon_e7, "lat_e7": place.lat_e7, "cell_key": key}
        fields["position_accuracy_m"] = place.accuracy_m
    if held.service_state:
        fields["service_state"] = held.service_state
    if held.repaired_at:
        fields["repaired_at"] = held.repaired_at
    return fields


def _forget_areas_if_moved(incident: Incident, fields: dict[str, Any]) -> None:
    if (incident.lon_e7, incident.lat_e7) != (fields["lon_e7"], fields["lat_e7"]):
        fields |= {"area_codes": None, "areas_version": None, "outside_areas": False}


def _touch(incident: Incident, at: datetime) -> None:
    incident.version += 1
    incident.changed_at = at
