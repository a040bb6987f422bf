"""Incidents and their reports written straight into the tables, for tests."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident


def add_incident(store: Store, crisis: Crisis, **fields: Any) -> Incident:
    """Add one incident; what is not given is as fusion leaves a fresh one."""
    now = store.clock()
    usual: dict[str, Any] = {
        "crisis_id": crisis.id,
        "id": uuid.uuid4(),
        "sector": "housing",
        "needs": [],
        "reports": 1,
        "sources": 1,
        "origins": 1,
        "first_reported_at": now,
        "last_reported_at": now,
        "changed_at": now,
    }
    with store.write() as session:
        incident = Incident(**usual | fields)
        session.add(incident)
    return incident


def change_incident(store: Store, incident: Incident, at: datetime | None = None, **fields: Any) -> None:
    """Change an incident as a decision would: with a new version and time."""
    with store.write() as session:
        found = session.get_one(Incident, (incident.crisis_id, incident.id))
        for name, value in fields.items():
            setattr(found, name, value)
        found.version += 1
        found.changed_at = at or store.clock()
