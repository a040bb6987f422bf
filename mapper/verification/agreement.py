"""Agreement: how far verifiers who judged apart come to the same, from rounds that have ended.

Assessments of a round that is still open, or that ended without `verified`, are left out: a changing figure
must not tell what a hidden assessment says. That makes the figure a little too good, and the page says so.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.tables import Decision
from mapper.verification.rules import agree
from mapper.vocabulary.states import Effect, Kind

NEWEST = 5_000  # assessments that are looked at
FEWEST = 5  # pairs, below which a figure says nothing


@dataclass(frozen=True)
class Pair:
    """Two people's assessments of the same incident, each given without sight of the other."""

    first_user_id: int
    second_user_id: int
    first: dict[str, Any]
    second: dict[str, Any]


@dataclass(frozen=True)
class Agreement:
    """Shares from 0 to 1; `alpha` is Krippendorff's, with interval distances, over both ends of the damage.

    `lean` is how many classes one person grades above the others, on average; None for everybody.
    """

    pairs: int
    within_one: float | None
    equal: float | None
    alpha: float | None
    lean: float | None = None


def pairs_of(session: Session, crisis_id: int) -> list[Pair]:
    """Return the pairs of the newest rounds that ended in `verified`."""
    query = (
        select(Decision)
        .where(Decision.crisis_id == crisis_id, Decision.kind == Kind.VERIFY.value)
        .order_by(Decision.decided_at.desc())
        .limit(NEWEST)
    )
    rounds: defaultdict[tuple[Any, int], list[Decision]] = defaultdict(list)
    for decision in session.scalars(query):
        rounds[decision.incident_id, decision.round].append(decision)
    return [pair for given in rounds.values() for pair in _pairs(given)]


def everybodys(pairs: Sequence[Pair]) -> Agreement:
    """Return the agreement of all pairs."""
    return _measure(pairs, None)


def ones_own(pairs: Sequence[Pair], user_id: int) -> Agreement:
    """Return a person's agreement with the others."""
    mine = [pair for pair in pairs if user_id in (pair.first_user_id, pair.second_user_id)]
    leans = [_middle(own) - _middle(other) for own, other in _graded(_turned(pair, user_id) for pair in mine)]
    return _measure(mine, fmean(leans) if len(leans) >= FEWEST else None)


def _pairs(given: Sequence[Decision]) -> Iterable[Pair]:
    if not any(item.effect == Effect.APPLIED for item in given):
        return []
    corrected = {item.details.get("supersedes") for item in given}
    counts = [item for item in given if item.number not in corrected]
    return [
        Pair(first.actor_user_id, second.actor_user_id, first.details, second.details)
        for first, second in itertools.combinations(counts, 2)
    ]


def _measure(pairs: Sequence[Pair], lean: float | None) -> Agreement:
    if len(pairs) < FEWEST:
        return Agreement(len(pairs), None, None, None)
    return Agreement(
        len(pairs),
        within_one=fmean(agree(pair.first, pair.second) for pair in pairs),
        equal=fmean(_ends(pair.first) == _ends(pair.second) for pair in pairs),
        alpha=_alpha(pairs),
        lean=lean,
    )


def _alpha(pairs: Sequence[Pair]) -> float | None:
    """Krippendorff's alpha of two judges without gaps: 1 - observed over expected squared difference."""
    both = _graded((pair.first, pair.second) for pair in pairs)
    units = [ends for first, second in both for ends in zip(_ends(first), _ends(second), strict=True)]
    values = [value for unit in units for value in unit]
    if len(values) < 2 * FEWEST or len(set(values)) == 1:
        return None
    observed = fmean((a - b) ** 2 for a, b in units)
    return float(1 - observed / (2 * variance(values)))


def _turned(pair: Pair, user_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a pair with the person's own assessment first."""
    return (pair.first, pair.second) if pair.first_user_id == user_id else (pair.second, pair.first)


def _graded(
    pairs: Iterable[tuple[dict[str, Any], dict[str, Any]]],
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the pairs in which both could tell the damage."""
    return [both for both in pairs if all(item["damage_low"] is not None for item in both)]


def _ends(assessment: dict[str, Any]) -> tuple[Any, Any]:
    return assessment["damage_low"], assessment["damage_high"]


def _middle(assessment: dict[str, Any]) -> float:
    return float(assessment["damage_low"] + assessment["damage_high"]) / 2
