"""Blindness: who may see which assessment, so that two people judge apart.

Every answer that shows decisions or comments (an incident's detail, its history, the case page, mentions,
handovers) goes through here. Until a round of assessments has ended in `verified`, an assessment is shown to
nobody but the person who gave it: everybody else with a right to verify could be the second, and people
talk. What its author says beside it is hidden with it, since grades slip into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mapper.store.tables import Comment, Decision
from mapper.vocabulary.states import Effect, Kind, State

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
    """Return how many people's assessments of the incident `visible_decisions` keeps from this person."""
    shown = {item.id for item in visible_decisions(decisions, asker_user_id)}
    corrected = {(item.round, item.details.get("supersedes")) for item in decisions}
    return sum(item.id not in shown and (item.round, item.number) not in corrected for item in decisions)


def withheld_reasons(decisions: Sequence[Decision], asker_user_id: int | None) -> frozenset[int]:
    """Return the numbers of visible decisions whose reason waits for the open review's end.

    Whoever has assessed may still triage or redact; why, they might explain by what they found.
    """
    if not decisions or decisions[-1].state_after != State.IN_REVIEW:
        return frozenset()
    authors = _hidden_authors(decisions) - {(decisions[-1].round, asker_user_id)}
    return frozenset(
        item.number
        for item in decisions
        if item.kind != Kind.VERIFY
        and item.round == decisions[-1].round
        and (item.round, item.actor_user_id) in authors
    )


def visible_comments(
    comments: Iterable[Comment], decisions: Sequence[Decision], asker_user_id: int | None
) -> list[Comment]:
    """Return the comments on ONE incident that a person may see: an assessor's wait with the assessment."""
    authors = _hidden_authors(decisions)
    return [
        item
        for item in comments
        if item.author_user_id == asker_user_id or (item.round, item.author_user_id) not in authors
    ]


def silent_assessors(decisions: Sequence[Decision], asker_user_id: int | None) -> frozenset[int | None]:
    """Return whose words about the incident's media wait: people whose assessment this person may not see."""
    return frozenset(author for _, author in _hidden_authors(decisions)) - {asker_user_id}


def shown_details(decision: Decision) -> dict[str, Any]:
    """Return a visible decision's own fields as readers get them."""
    return {name: value for name, value in decision.details.items() if name != SALT}


def _hidden_authors(decisions: Sequence[Decision]) -> frozenset[tuple[int, int | None]]:
    """Return (round, person) of every assessment in a round that has not ended in `verified`."""
    ended = _verified_rounds(decisions)
    return frozenset(
        (item.round, item.actor_user_id)
        for item in decisions
        if item.kind == Kind.VERIFY and item.round not in ended
    )


def _verified_rounds(decisions: Sequence[Decision]) -> frozenset[int]:
    return frozenset(
        item.round for item in decisions if item.kind == Kind.VERIFY and item.effect == Effect.APPLIED
    )
