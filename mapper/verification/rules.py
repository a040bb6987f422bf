"""What a decision leads to, as pure rules: states, agreement of assessments, two people.

Two assessments agree when both ends of their damage intervals lie within 1 of each other, or when both
say that the damage cannot be told. The first to agree with an earlier one of the round ends it, and the
hull of the two intervals is taken: neither person's doubt is thrown away (intervals never narrow unaided).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mapper.verification.refusals import DoesNotFit, NoRight
from mapper.verification.schemas import Order
from mapper.vocabulary.states import STATES, TABLE, Effect, Kind, State, Step, may, step
from mapper.vocabulary.text import N_

TOLERANCE = 1  # damage classes by which each end of two agreeing intervals may differ
NOT_BY_SENDERS = frozenset({Kind.VERIFY, Kind.OVERRIDE})  # nobody confirms what they reported


@dataclass(frozen=True)
class Actor:
    """Who decides: the account and the roles it holds in the incident's crisis."""

    user_id: int
    roles: frozenset[str]
    organisation: str | None = None


@dataclass(frozen=True)
class Taken:
    """An earlier decision of the open round that a new one may have to be compared with."""

    id: uuid.UUID
    kind: Kind
    user_id: int
    content: dict[str, Any]
    number: int = 0  # of the decision within its incident


@dataclass(frozen=True)
class Situation:
    """What an incident is when a decision arrives."""

    state: State
    merged: bool = False  # it is only a signpost to another incident
    needs_review: bool = False  # reports came in after it was verified
    senders: frozenset[int] = frozenset()  # accounts that sent one of its reports
    organisations: frozenset[str] = frozenset()  # theirs, as `organisation_key` writes them
    assessments: Sequence[Taken] = ()  # of the open round
    proposals: Sequence[Taken] = ()  # that wait for a second person


@dataclass(frozen=True)
class Outcome:
    """What the decision does. `agreed` holds the verified fields when a round ends in `verified`."""

    effect: Effect
    state: State
    confirms: uuid.UUID | None = None  # the decision of the other person
    agreed: dict[str, Any] | None = None


def check_right(actor: Actor, kind: Kind) -> None:
    """Raise NoRight where none of the person's roles allows this kind of decision."""
    if not may(actor.roles, kind):
        raise NoRight(N_("Your role in this crisis does not allow this decision."))


def outcome(situation: Situation, actor: Actor, order: Order) -> Outcome:
    """Return what an order does in a situation; raises DoesNotFit. The right was checked before."""
    allowed = _allowed_step(situation, order.kind)
    if order.kind in NOT_BY_SENDERS and actor.user_id in situation.senders:
        raise DoesNotFit(N_("You sent one of its reports, so other people must judge it."))
    if order.kind in NOT_BY_SENDERS:
        _check_organisation(situation, actor, order)
    if order.kind is Kind.VERIFY:
        return _assess(situation, actor, order, allowed)
    _check_assessor(situation, actor, order.kind)
    if allowed.people == 2:
        return _propose(situation, actor, order, allowed)
    return Outcome(Effect.APPLIED, allowed.to)


def _allowed_step(situation: Situation, kind: Kind) -> Step:
    if situation.merged:
        raise DoesNotFit(N_("It was merged into another incident; decide there."))
    allowed = step(kind, situation.state)
    if allowed is None:
        raise DoesNotFit(
            N_("“%(decision)s” is not possible while the incident is in the state “%(state)s”."),
            decision=TABLE[kind].label,
            state=STATES[situation.state].label,
        )
    if kind is Kind.TRIAGE and situation.state is State.VERIFIED and not situation.needs_review:
        raise DoesNotFit(N_("It is verified, and no report has come in since."))
    return allowed


def organisation_key(name: str | None) -> str:
    """Return an organisation's name without what people write in different ways; empty for none."""
    return " ".join((name or "").casefold().split())


def is_own_organisation(situation: Situation, actor: Actor) -> bool:
    """Whether somebody of the actor's organisation sent one of the incident's reports."""
    return organisation_key(actor.organisation) in situation.organisations


def _check_organisation(situation: Situation, actor: Actor, order: Order) -> None:
    """Refuse to judge what one's own organisation reported, unless that is said."""
    if is_own_organisation(situation, actor) and not order.content.get("own_organisation"):
        raise DoesNotFit(
            N_("Your own organisation sent one of its reports. Say so with your assessment, or leave it.")
        )


def _check_assessor(situation: Situation, actor: Actor, kind: Kind) -> None:
    """Refuse a regrade by somebody whose assessment is still hidden: it would show what they found."""
    if kind is Kind.REGRADE and any(item.user_id == actor.user_id for item in situation.assessments):
        raise DoesNotFit(N_("You have assessed it; wait until somebody else has, apart from you."))


def _assess(situation: Situation, actor: Actor, order: Order, allowed: Step) -> Outcome:
    mine = [item for item in situation.assessments if item.user_id == actor.user_id]
    corrected = order.content.get("supersedes")
    if corrected is not None:
        _check_correction(situation, mine, corrected)
        return Outcome(Effect.ASSESSMENT, allowed.to)
    if mine:
        raise DoesNotFit(N_("You have already assessed it; the next assessment must be another person's."))
    partner = _nearest(situation.assessments, order.content)
    if partner is None:
        return Outcome(Effect.ASSESSMENT, allowed.to)
    return Outcome(Effect.APPLIED, State.VERIFIED, partner.id, _agreed(partner.content, order.content))


def _check_correction(situation: Situation, mine: Sequence[Taken], corrected: int) -> None:
    """Let people correct themselves while nobody else has assessed: later it could be made to agree."""
    if corrected not in {item.number for item in mine}:
        raise DoesNotFit(N_("You can correct only your own assessment of this round, by its number."))
    if len(situation.assessments) > len(mine):
        raise DoesNotFit(
            N_("Somebody else has assessed it since, so yours stands; a third person or a new round decides.")
        )


def _propose(situation: Situation, actor: Actor, order: Order, allowed: Step) -> Outcome:
    same = [item for item in situation.proposals if (item.kind, item.content) == (order.kind, order.content)]
    for item in same:
        if item.user_id != actor.user_id:
            return Outcome(Effect.APPLIED, allowed.to, item.id)
    if same:
        raise DoesNotFit(N_("You have already proposed this; another person must decide the same."))
    return Outcome(Effect.PROPOSED, situation.state)


def agree(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two damage intervals agree: both ends within 1, or both unknown."""
    return _distance(first, second) is not None


def _distance(first: dict[str, Any], second: dict[str, Any]) -> int | None:
    """Return how far two agreeing intervals lie apart, summed over the ends; None if they do not agree."""
    if first["damage_low"] is None or second["damage_low"] is None:
        return 0 if first["damage_low"] is second["damage_low"] else None
    ends = [abs(first[end] - second[end]) for end in ("damage_low", "damage_high")]
    return sum(ends) if max(ends) <= TOLERANCE else None


def _nearest(assessments: Sequence[Taken], content: dict[str, Any]) -> Taken | None:
    """Return the assessment that agrees best, the earliest of equals."""
    near = [(gap, item) for item in assessments if (gap := _distance(item.content, content)) is not None]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _agreed(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return what two people hold together: the hull, and the more cautious of everything else."""
    unknown = first["damage_low"] is None
    worst = {
        name: max(first[name], second[name])
        for name in ("source_grade", "information_grade", "position_accuracy_m")
    }
    for name in ("place_precision", "time_precision"):
        if name in first and name in second:
            worst[name] = max(first[name], second[name])
    for name in ("imagery", "own_organisation"):
        if first.get(name) or second.get(name):
            worst[name] = True
    if "service_state" in first and first["service_state"] == second.get("service_state"):
        worst["service_state"] = first["service_state"]
    return worst | {
        "damage_low": None if unknown else min(first["damage_low"], second["damage_low"]),
        "damage_high": None if unknown else max(first["damage_high"], second["damage_high"]),
    }
