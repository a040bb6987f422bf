"""Makes incidents with reports in a store, and people who decide about them."""

from __future__ import annotations

import uuid
from typing import Any

from mapper.geography.cells import cell_key
from mapper.geography.positions import to_e7
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.store import Store
from mapper.store.tables import Crisis, Decision, Incident, IncidentReport
from mapper.verification.rules import Actor
from mapper.verification.service import decide
from sqlalchemy import select

ANNA, BORIS, CHEN, DINA = (Actor(number, frozenset({"verifier"})) for number in (1, 2, 3, 4))
ADMIN = Actor(5, frozenset({"admin"}))
COORDINATOR = Actor(6, frozenset({"coordinator"}))
LONGITUDE, LATITUDE = -72.33, 18.54

FIELDS: dict[str, dict[str, Any]] = {
    "verify": {
        "damage_low": 3,
        "damage_high": 4,
        "source_grade": "B",
        "information_grade": "2",
        "position_accuracy_m": 50,
    },
    "regrade": {"damage_low": 1, "damage_high": 2},
    "move": {"longitude": -72.4, "latitude": 18.6, "position_accuracy_m": 15},
    "repair": {"service_state": "working"},
}


def make_incident(
    store: Store,
    crisis: Crisis,
    reports: int = 2,
    sender: Sender | None = None,
    draft: dict[str, Any] | None = None,
    **changes: Any,
) -> uuid.UUID:
    """Add an incident with reports as fusion leaves it; `changes` are columns of the incident."""
    at = store.clock()
    fields = {"longitude": LONGITUDE, "latitude": LATITUDE, "category": "hospital"}
    fields |= {"damage_low": 2, "damage_high": 3} | (draft or {})
    drafts = [
        ReportDraft(**({"text": f"The roof fell in, {number}", "content_hash": uuid.uuid4().hex} | fields))
        for number in range(reports)
    ]
    kept = accept(store, crisis, drafts, sender or Sender("anonymous"))
    incident = Incident(
        crisis_id=crisis.id,
        id=uuid.uuid4(),
        **(
            {
                "sector": "health",
                "asset": "hospital",
                "needs": [],
                "damage_low": 2,
                "damage_high": 3,
                "reports": reports,
                "sources": reports,
                "origins": reports,
                "first_reported_at": at,
                "last_reported_at": at,
                "lon_e7": to_e7(LONGITUDE),
                "lat_e7": to_e7(LATITUDE),
                "cell_key": cell_key(LONGITUDE, LATITUDE),
                "position_accuracy_m": 120.0,
                "changed_at": at,
            }
            | changes
        ),
    )
    with store.write() as session:
        session.add(incident)
        for outcome in kept:
            session.add(
                IncidentReport(
                    crisis_id=crisis.id,
                    report_id=outcome.report_id,
                    incident_id=incident.id,
                    why={},
                    joined_at=at,
                )
            )
    return incident.id


def do(
    store: Store, crisis: Crisis, incident_id: uuid.UUID, actor: Actor, kind: str, **fields: Any
) -> Incident:
    """Take a decision with the kind's usual fields; `fields` override them."""
    return decide(store, crisis, incident_id, actor, kind, FIELDS.get(kind, {}) | fields, "because")


def verified(store: Store, crisis: Crisis, **changes: Any) -> uuid.UUID:
    """Add an incident that Anna and Boris have verified."""
    incident_id = make_incident(store, crisis, **changes)
    do(store, crisis, incident_id, ANNA, "verify")
    assert do(store, crisis, incident_id, BORIS, "verify").status == "verified"
    return incident_id


def load(store: Store, crisis: Crisis, incident_id: uuid.UUID) -> Incident:
    """Read an incident."""
    with store.read() as session:
        return session.get_one(Incident, (crisis.id, incident_id))


def decisions(store: Store, crisis: Crisis, incident_id: uuid.UUID) -> list[Decision]:
    """Read the decisions of an incident in order."""
    query = select(Decision).where(Decision.crisis_id == crisis.id, Decision.incident_id == incident_id)
    with store.read() as session:
        return list(session.scalars(query.order_by(Decision.number)))


def report_ids(store: Store, crisis: Crisis, incident_id: uuid.UUID) -> list[str]:
    """Read the ids of an incident's reports."""
    query = select(IncidentReport.report_id).where(
        IncidentReport.crisis_id == crisis.id, IncidentReport.incident_id == incident_id
    )
    with store.read() as session:
        return sorted(map(str, session.scalars(query)))
