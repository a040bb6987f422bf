"""Blindness: who may see which assessment, so that two people judge apart.

Every answer that shows decisions (an incident's detail, its history, the case page) goes through here.
Until a round of assessments has ended in `verified`, an assessment is shown to nobody but the person
who gave it: everybody else with a right to verify could be the second, and people talk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mapper.store.tables import Decision
from mapper.vocabulary.states import Effect, Kind

SALT = "salt"  # of the reason's commitment in the ledger; no business of a reader


def visible_decisions(decisions: Iterable[Decision], asker_user_id: int | None) -> list[Decision]:
    """Return the decisions of ONE incident that a person may see, in their given order.

    A round that ended otherwise than in `verified` stays hidden for good: whoever reads it could be a
    second person of the next round. Pass all decisions of the incident, or a round's end is missed.
    """
    every = list(decisions)
    ended = _verified_rounds(every)
    return [
        item
        for item in every
        if item.kind != Kind.VERIFY or item.round in ended or item.actor_user_id == asker_user_id
    ]


def hidden_assessments(decisions: Sequence[Decision], asker_user_id: int | None) -> int:
    """Return how many assessments of the incident `visible_decisions` keeps from this person."""
    return len(decisions) - len(visible_decisions(decisions, asker_user_id))


def shown_details(decision: Decision) -> dict[str, Any]:
    """Return a visible decision's own fields as readers get them."""
    return {name: value for name, value in decision.details.items() if name != SALT}


def _verified_rounds(decisions: Sequence[Decision]) -> frozenset[int]:
    return frozenset(
        item.round for item in decisions if item.kind == Kind.VERIFY and item.effect == Effect.APPLIED
    )
