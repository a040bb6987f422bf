"""The verb of this room: `decide` takes one decision, in one transaction, under the incident's lock."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from mapper.fusion.service import look_again
from mapper.store import ledger
from mapper.store.blindness import SALT
from mapper.store.store import Store
from mapper.store.tables import Crisis, Decision, Incident
from mapper.verification.claims import NOT_HELD_OFF, check_free, settle
from mapper.verification.effects import Change, apply
from mapper.verification.references import check_references
from mapper.verification.refusals import NoSuchIncident, Stale
from mapper.verification.rules import Actor, Outcome, check_right, outcome
from mapper.verification.schemas import Order, kind_of, read_order
from mapper.verification.situations import current_round, decisions_of, locked_incidents, situation_of
from mapper.vocabulary.states import Effect, Kind, State
from mapper.vocabulary.text import N_


def decide(
    store: Store,
    crisis: Crisis,
    incident_id: uuid.UUID,
    actor: Actor,
    kind: str,
    details: Mapping[str, Any],
    reason: object,
    if_match: Sequence[int] | None = None,
) -> Incident:
    """Take a decision and return the incident after it; raises a `refusals.Refused`.

    `details` are the kind's own fields as they came. `if_match` are the versions the person may have
    looked at; None asks for no particular one.
    """
    wanted = kind_of(kind)
    check_right(actor, wanted)
    order = read_order(wanted, details, reason)
    with store.write() as session:
        incident = _locked(session, crisis.id, incident_id, order)
        if if_match is not None and incident.version not in if_match:
            raise Stale(
                N_("You looked at version %(seen)s and it is now at version %(version)s. Look at it again."),
                seen=", ".join(map(str, if_match)) or "–",
                version=incident.version,
            )
        return _decide(store, session, incident, actor, order)


def _locked(session: Session, crisis_id: int, incident_id: uuid.UUID, order: Order) -> Incident:
    ids = [incident_id]
    if order.kind is Kind.MERGE:
        ids.append(uuid.UUID(order.content["into"]))
    if order.kind is Kind.KEEP_APART:
        ids.append(uuid.UUID(order.content["other"]))
    found = locked_incidents(session, crisis_id, ids).get(incident_id)
    if found is None:
        raise NoSuchIncident(N_("There is no such incident in this crisis."))
    return found


def _decide(store: Store, session: Session, incident: Incident, actor: Actor, order: Order) -> Incident:
    at = store.clock()
    if order.kind not in NOT_HELD_OFF:
        check_free(session, incident.crisis_id, incident.id, actor.user_id, at)
    earlier = decisions_of(session, incident.crisis_id, incident.id)
    order = check_references(session, store.keys, incident, order, at)
    found = outcome(situation_of(session, incident, earlier), actor, order)
    decision = _record(incident, earlier, actor, order, found, at)
    session.add(decision)
    session.flush()  # what recomputes the incident must read this decision
    incident.status = found.state.value
    if found.effect is Effect.APPLIED:
        before = State(decision.state_before)
        change = Change(session, store, incident, before, decision.id, order.content, found, at)
        decision.details = decision.details | apply(order.kind, change)
    look_again(session, incident.crisis_id, incident.id)  # what it holds now may move its neighbours
    incident.version += 1
    incident.changed_at = at
    settle(session, incident, actor.user_id)
    ledger.append(session, incident.crisis_id, "decision", str(decision.id), _entry(decision), at)
    return incident


def _record(
    incident: Incident,
    earlier: Sequence[Decision],
    actor: Actor,
    order: Order,
    found: Outcome,
    at: datetime,
) -> Decision:
    details = order.content | {SALT: os.urandom(32).hex()}
    if found.confirms is not None:
        details["confirms"] = str(found.confirms)
    return Decision(
        crisis_id=incident.crisis_id,
        id=uuid.uuid4(),
        incident_id=incident.id,
        number=1 + max((item.number for item in earlier), default=0),
        kind=order.kind.value,
        round=current_round(earlier),
        effect=found.effect.value,
        actor_user_id=actor.user_id,
        decided_at=at,
        reason=order.reason,
        details=details,
        state_before=incident.status,
        state_after=found.state.value,
    )


def _entry(decision: Decision) -> dict[str, Any]:
    """Return what the ledger holds of a decision: who did what by id, and a commitment to the rest.

    Grades and reasons are not in the clear: a reason may name a person, and an open round's grades are
    nobody else's business. Whoever holds the decision's row, salt included, can recompute it.
    """
    return {
        "incident": str(decision.incident_id),
        "number": decision.number,
        "kind": decision.kind,
        "effect": decision.effect,
        "round": decision.round,
        "actor": decision.actor_user_id,
        "before": decision.state_before,
        "after": decision.state_after,
        "content": content_commitment(decision),
    }


def content_commitment(decision: Decision) -> str:
    """Return the salted commitment to a decision's details and reason."""
    salt = bytes.fromhex(decision.details[SALT])
    return hashlib.sha256(
        salt + rfc8785.dumps({"details": decision.details, "reason": decision.reason})
    ).hexdigest()
