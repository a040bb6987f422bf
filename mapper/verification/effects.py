"""What an applied decision changes on the incident. The caller holds its lock and has checked the rules."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mapper.fusion import service as fusion
from mapper.geography.cells import cell_key
from mapper.geography.positions import to_e7
from mapper.store.store import Store
from mapper.store.tables import Incident
from mapper.verification.dividing import divide
from mapper.verification.gate import conditions, facts_of, unmet
from mapper.verification.rules import Outcome
from mapper.vocabulary.states import Kind, State


@dataclass(frozen=True)
class Change:
    """One applied decision and what it needs to take effect."""

    session: Session
    store: Store
    incident: Incident
    state_before: State
    decision_id: uuid.UUID
    content: dict[str, Any]
    outcome: Outcome
    at: datetime


def apply(kind: Kind, change: Change) -> dict[str, Any]:
    """Change the incident's fields and membership; return what the decision's record gains by it.

    Status, version and time of change are the caller's.
    """
    incident = change.incident
    if change.outcome.state != change.state_before:
        incident.verified_at = None
        incident.needs_review = False
    effect = _EFFECTS.get(kind)
    return effect(change) if effect else {}


def _verify(change: Change) -> dict[str, Any]:
    agreed = change.outcome.agreed or {}
    incident = change.incident
    incident.verified_at = change.at
    if incident.cell_key is not None:
        incident.position_accuracy_m = agreed["position_accuracy_m"]
    incident.service_state = agreed.get("service_state", incident.service_state)
    _set_damage(incident, agreed)
    return {"agreed": agreed, "gate_unmet": unmet(conditions(facts_of(incident, agreed), agreed))}


def _regrade(change: Change) -> dict[str, Any]:
    _set_damage(change.incident, change.content)
    return {}


def _set_damage(incident: Incident, fields: Mapping[str, Any]) -> None:
    incident.damage_low, incident.damage_high = fields["damage_low"], fields["damage_high"]
    incident.damage_conflict = False
    incident.needs_review = False


def _triage(change: Change) -> dict[str, Any]:
    change.incident.needs_review = False
    return {}


def _move(change: Change) -> dict[str, Any]:
    incident, content = change.incident, change.content
    longitude, latitude = content["longitude"], content["latitude"]
    incident.lon_e7, incident.lat_e7 = to_e7(longitude), to_e7(latitude)
    incident.cell_key = cell_key(longitude, latitude)
    incident.position_accuracy_m = content["position_accuracy_m"]
    incident.area_codes, incident.areas_version = None, None  # a worker looks the areas up again
    incident.outside_areas = False
    return {}


def _merge(change: Change) -> dict[str, Any]:
    incident = change.incident
    into = uuid.UUID(change.content["into"])
    moved = fusion.merge(
        change.session,
        change.store.keys,
        incident.crisis_id,
        incident.id,
        into,
        change.decision_id,
        change.at,
    )
    return {"moved": sorted(map(str, moved))}


def _split(change: Change) -> dict[str, Any]:
    incident = change.incident
    reports = [uuid.UUID(report_id) for report_id in change.content["reports"]]
    created = fusion.split(
        change.session,
        change.store.keys,
        incident.crisis_id,
        incident.id,
        reports,
        change.decision_id,
        change.at,
    )
    return {"created": str(created)}


def _divide(change: Change) -> dict[str, Any]:
    content, at = change.content, change.at
    return divide(change.store, change.session, change.incident, content, change.decision_id, at)


def _rejoin(change: Change) -> dict[str, Any]:
    incident, whole = change.incident, uuid.UUID(change.content["report"])
    keys, decision_id = change.store.keys, change.decision_id
    fusion.rejoin(change.session, keys, incident.crisis_id, incident.id, whole, decision_id, change.at)
    return {}


def _keep_apart(change: Change) -> dict[str, Any]:
    incident, other = change.incident, uuid.UUID(change.content["other"])
    fusion.keep_apart(change.session, incident.crisis_id, incident.id, other, change.decision_id, change.at)
    return {}


def _reopen(change: Change) -> dict[str, Any]:
    """What had been agreed no longer holds: the fields follow the reports again."""
    incident = change.incident
    change.session.flush()
    fusion.recompute(change.session, change.store.keys, incident.crisis_id, incident.id, change.at)
    return {}


def _repair(change: Change) -> dict[str, Any]:
    incident, content = change.incident, change.content
    incident.service_state = content.get("service_state", incident.service_state)
    if "repaired_at" in content:
        incident.repaired_at = datetime.fromisoformat(content["repaired_at"])
    return {}


_EFFECTS: Mapping[Kind, Callable[[Change], dict[str, Any]]] = {
    Kind.TRIAGE: _triage,
    Kind.VERIFY: _verify,
    Kind.REGRADE: _regrade,
    Kind.MOVE: _move,
    Kind.MERGE: _merge,
    Kind.SPLIT: _split,
    Kind.DIVIDE: _divide,
    Kind.REJOIN: _rejoin,
    Kind.KEEP_APART: _keep_apart,
    Kind.REOPEN: _reopen,
    Kind.REPAIR: _repair,
}
