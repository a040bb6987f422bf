"""States of an incident, kinds of decision, and the one table of who may decide what in which state.

A decision's step leads from one state to another and needs one person or two. `verify` is the
exception to a plain step: one assessment leads to `in_review`, agreeing ones to `verified`
(`verification.rules` compares them). Source: contract.md "Decisions" and "Roles", field-notes.md 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mapper.vocabulary.text import N_


class State(StrEnum):
    """What is known of an incident."""

    NEW = "new"
    TRIAGED = "triaged"
    IN_REVIEW = "in_review"
    VERIFIED = "verified"
    UNVERIFIABLE = "unverifiable"
    FALSE = "false"
    DISPUTED = "disputed"
    RETRACTED = "retracted"  # a tombstone: it was here, and it was withdrawn
    OVERRIDE = "override"  # taken as true by one person in an emergency; never public


class Kind(StrEnum):
    """What a person can decide about an incident."""

    TRIAGE = "triage"
    VERIFY = "verify"
    REJECT = "reject"
    UNVERIFIABLE = "unverifiable"
    DISPUTE = "dispute"
    REOPEN = "reopen"
    REGRADE = "regrade"
    MOVE = "move"
    MERGE = "merge"
    SPLIT = "split"
    DIVIDE = "divide"
    REJOIN = "rejoin"
    KEEP_APART = "keep_apart"
    REPAIR = "repair"
    RETRACT = "retract"
    REDACT = "redact"
    OVERRIDE = "override"


class Effect(StrEnum):
    """What a decision did when it was taken."""

    APPLIED = "applied"
    ASSESSMENT = "assessment"  # one of several that are compared; hidden until the round ends
    PROPOSED = "proposed"  # waits for a second person who decides the same


@dataclass(frozen=True)
class StateEntry:
    """How a state is called, and what it means, for people."""

    label: str
    meaning: str


STATES: Mapping[State, StateEntry] = {
    State.NEW: StateEntry(N_("New"), N_("Nobody has looked at it yet.")),
    State.TRIAGED: StateEntry(N_("Triaged"), N_("Somebody found it worth checking.")),
    State.IN_REVIEW: StateEntry(N_("In review"), N_("At least one person has assessed it.")),
    State.VERIFIED: StateEntry(N_("Verified"), N_("Two people assessed it apart and agree.")),
    State.UNVERIFIABLE: StateEntry(N_("Unverifiable"), N_("It can be neither confirmed nor excluded.")),
    State.FALSE: StateEntry(N_("False"), N_("It did not happen as reported.")),
    State.DISPUTED: StateEntry(N_("Disputed"), N_("Somebody gave grounds against it.")),
    State.RETRACTED: StateEntry(N_("Retracted"), N_("It was withdrawn; only this note remains.")),
    State.OVERRIDE: StateEntry(
        N_("Emergency override"), N_("One person took it as true in an emergency. It is never public.")
    ),
}

VERIFIERS = frozenset({"verifier", "admin"})
DECIDERS = VERIFIERS | {"coordinator"}  # everybody who may make at least one decision


@dataclass(frozen=True)
class Rule:
    """One row of the table: who may make a decision, and where it leads from each state."""

    label: str
    steps: Mapping[State, State]  # from -> to; a state that is absent does not allow the decision
    roles: frozenset[str] = VERIFIERS
    two_people: frozenset[State] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Step:
    """What one decision does in one state: where it leads, and how many people it takes."""

    to: State
    people: int


# Somebody still works on it: neither concluded by two people nor put away.
OPEN = (State.NEW, State.TRIAGED, State.IN_REVIEW, State.UNVERIFIABLE, State.DISPUTED, State.OVERRIDE)
_VERIFIED = frozenset({State.VERIFIED})


def _all_to(to: State, *states: State) -> dict[State, State]:
    return dict.fromkeys(states, to)


def _kept(*states: State) -> dict[State, State]:
    return {state: state for state in states}


TABLE: Mapping[Kind, Rule] = {
    # On a verified incident: the reports that came in since change nothing.
    Kind.TRIAGE: Rule(N_("Triage"), {State.NEW: State.TRIAGED, State.VERIFIED: State.VERIFIED}),
    Kind.VERIFY: Rule(
        N_("Give an assessment"),
        _all_to(State.IN_REVIEW, State.NEW, State.TRIAGED, State.IN_REVIEW, State.OVERRIDE),
    ),
    Kind.REJECT: Rule(N_("Reject as false"), _all_to(State.FALSE, *OPEN)),
    Kind.UNVERIFIABLE: Rule(
        N_("Set to unverifiable"),
        _all_to(
            State.UNVERIFIABLE, State.NEW, State.TRIAGED, State.IN_REVIEW, State.DISPUTED, State.OVERRIDE
        ),
    ),
    Kind.DISPUTE: Rule(
        N_("Dispute"),
        _all_to(State.DISPUTED, State.NEW, State.TRIAGED, State.IN_REVIEW, State.VERIFIED, State.OVERRIDE),
    ),
    Kind.REOPEN: Rule(
        N_("Reopen"),
        _all_to(
            State.TRIAGED, State.VERIFIED, State.UNVERIFIABLE, State.FALSE, State.DISPUTED, State.OVERRIDE
        ),
        two_people=_VERIFIED,
    ),
    Kind.REGRADE: Rule(N_("Change the damage"), _kept(*OPEN, State.VERIFIED), two_people=_VERIFIED),
    Kind.MOVE: Rule(N_("Move"), _kept(*OPEN, State.VERIFIED), two_people=_VERIFIED),
    Kind.MERGE: Rule(N_("Merge into another"), _kept(*OPEN, State.VERIFIED), two_people=_VERIFIED),
    Kind.SPLIT: Rule(N_("Split"), _kept(*OPEN, State.VERIFIED), two_people=_VERIFIED),
    Kind.DIVIDE: Rule(N_("Divide a report into claims"), _kept(*OPEN)),
    Kind.REJOIN: Rule(N_("Put a divided report together again"), _kept(*OPEN)),
    Kind.KEEP_APART: Rule(N_("Keep apart from another"), _kept(*OPEN, State.VERIFIED)),
    Kind.REPAIR: Rule(N_("Record a repair"), _kept(*OPEN, State.VERIFIED), roles=VERIFIERS | {"coordinator"}),
    Kind.RETRACT: Rule(
        N_("Retract"), _all_to(State.RETRACTED, *OPEN, State.VERIFIED, State.FALSE), two_people=_VERIFIED
    ),
    Kind.REDACT: Rule(N_("Redact"), _kept(*State)),
    Kind.OVERRIDE: Rule(
        N_("Override in an emergency"),
        _all_to(
            State.OVERRIDE, State.NEW, State.TRIAGED, State.IN_REVIEW, State.UNVERIFIABLE, State.DISPUTED
        ),
    ),
}


def may(roles: Iterable[str], kind: Kind) -> bool:
    """Whether any of a person's roles gives the right to this kind of decision."""
    return not TABLE[kind].roles.isdisjoint(roles)


def step(kind: Kind, state: State) -> Step | None:
    """Return where a decision leads from a state, or None where the state does not allow it.

    For `verify` it is the step of an assessment that stands alone; agreeing ones lead to `verified`.
    """
    rule = TABLE[kind]
    to = rule.steps.get(state)
    if to is None:
        return None
    return Step(to, 2 if kind is Kind.VERIFY or state in rule.two_people else 1)


def choices(roles: Iterable[str], state: State) -> list[Kind]:
    """Return the decisions a person with these roles can make in a state, in the table's order."""
    held = frozenset(roles)
    return [kind for kind in Kind if may(held, kind) and step(kind, state) is not None]
