"""Deciding the same about many incidents at once: previewed first, then each by the rules of a single one.

An assessment is not among the kinds: whoever has not opened a case has not assessed it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident
from mapper.verification.claims import NOT_HELD_OFF, check_free
from mapper.verification.queue import incidents_by_id
from mapper.verification.refusals import Refused
from mapper.verification.rules import Actor, check_right, outcome
from mapper.verification.schemas import Order
from mapper.verification.service import decide
from mapper.verification.situations import decisions_of, situation_of
from mapper.vocabulary.states import Kind

KINDS = (Kind.TRIAGE, Kind.UNVERIFIABLE, Kind.REJECT)
MOST = 200

Likeness = tuple[object, ...]


@dataclass(frozen=True)
class Candidate:
    """One incident of a bulk decision: whether it is like most of the others, and what refuses it."""

    incident: Incident
    is_alike: bool
    refusal: Refused | None


@dataclass(frozen=True)
class Result:
    """What became of one: None refused nothing."""

    incident_id: uuid.UUID
    refusal: Refused | None


def preview(
    session: Session, store: Store, crisis_id: int, ids: Sequence[uuid.UUID], kind: Kind, actor: Actor
) -> list[Candidate]:
    """Return what a decision would meet at each incident. Raises NoRight."""
    check_right(actor, kind)
    incidents = incidents_by_id(session, crisis_id, ids[:MOST])
    if not incidents:
        return []
    usual = Counter(likeness(incident) for incident in incidents).most_common(1)[0][0]
    return [
        Candidate(incident, likeness(incident) == usual, _refusal(session, store, incident, kind, actor))
        for incident in incidents
    ]


def decide_all(
    store: Store, crisis: Crisis, versions: Mapping[uuid.UUID, int], kind: Kind, actor: Actor, reason: str
) -> list[Result]:
    """Decide each incident at the version that was previewed; one that is refused stops no other."""
    results = []
    for incident_id, version in list(versions.items())[:MOST]:
        refusal = None
        try:
            decide(store, crisis, incident_id, actor, kind.value, {}, reason, [version])
        except Refused as error:
            refusal = error
        results.append(Result(incident_id, refusal))
    return results


def likeness(incident: Incident) -> Likeness:
    """Return what makes two cases the same for a bulk decision."""
    return (
        incident.status,
        incident.sector,
        incident.asset,
        incident.damage_low,
        incident.damage_high,
        incident.origins,
    )


def _refusal(session: Session, store: Store, incident: Incident, kind: Kind, actor: Actor) -> Refused | None:
    try:
        if kind not in NOT_HELD_OFF:
            check_free(session, incident.crisis_id, incident.id, actor.user_id, store.clock())
        decisions = decisions_of(session, incident.crisis_id, incident.id)
        outcome(situation_of(session, incident, decisions), actor, Order(kind, {}, "preview"))
    except Refused as refusal:
        return refusal
    return None
