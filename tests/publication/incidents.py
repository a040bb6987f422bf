"""Incidents and their reports written straight into the tables, for tests."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from mapper.store.store import Store
from mapper.store.tables import Area, Crisis, Incident, IncidentReport, Layer, Report


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


def add_areas(store: Store, crisis: Crisis) -> None:
    """Load two provinces of one country, side by side: P1 from 0 to 1 degrees east, P2 from 1 to 2."""
    with store.write() as session:
        found = session.get_one(Crisis, crisis.id)
        found.areas_version += 1
        layer = Layer(
            crisis_id=crisis.id,
            id=uuid.uuid4(),
            kind="areas",
            level=1,
            name="provinces",
            version_label="1",
            sha256="0" * 64,
            features=2,
            since_version=found.areas_version,
            added_at=store.clock(),
        )
        session.add(layer)
        session.flush()
        for number in (1, 2):
            session.add(
                Area(
                    crisis_id=crisis.id,
                    layer_id=layer.id,
                    code=f"P{number}",
                    level=1,
                    names={"en": f"Province {number}"},
                    parents={"0": "P"},
                    geometry=shapely.to_wkb(shapely.box(number - 1, 0, number, 1)),
                )
            )
        crisis.areas_version = found.areas_version


def add_verified(
    store: Store, crisis: Crisis, number: int, area: str | None = "P1", **fields: Any
) -> list[Incident]:
    """Add verified incidents, 1 km apart, each with one report by somebody else."""
    now = store.clock()
    found = []
    for _ in range(number):
        place = next(PLACES)
        usual: dict[str, Any] = {
            "status": "verified",
            "verified_at": now,
            "happened_from": now,
            "happened_to": now,
            "damage_low": 2,
            "damage_high": 3,
            "lon_e7": (0 if area == "P1" else 10_000_000) + 1_000_003 + place * 100_000,
            "lat_e7": 5_000_007,
            "area_codes": {"0": "P", "1": area} if area else None,
            "areas_version": crisis.areas_version,
        }
        found.append(add_incident(store, crisis, **usual | fields))
    add_reports(store, crisis, found)
    return found


PLACES = itertools.cycle(range(60))


def add_reports(
    store: Store, crisis: Crisis, incidents: Sequence[Incident], contact: str | None = None
) -> None:
    """Give each incident a report of its own; all by one person where a contact is given."""
    with store.write() as session:
        for incident in incidents:
            report = Report(
                crisis_id=crisis.id,
                id=uuid.uuid4(),
                received_at=store.clock(),
                channel="api",
                sender_key="anonymous",
                receipt_hash="0" * 64,
                sector="housing",
                needs=[],
                consent="internal",
                contact_fingerprint=contact,
                commitment="0" * 64,
                ledger_id=uuid.uuid4(),
            )
            session.add(report)
            session.add(
                IncidentReport(
                    crisis_id=crisis.id,
                    report_id=report.id,
                    incident_id=incident.id,
                    why={},
                    joined_at=store.clock(),
                )
            )
