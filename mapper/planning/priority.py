"""Priorities of areas: P = 100 * S * N * G * V, each factor 0 to 1 (field-notes.md, section 4).

S  damage: the grades of the area's verified incidents added up, as a share of what they would be if each
   area had as many incidents as the one with most, all destroyed. One incident each: its grade / 5.
N  people: log(1 + people of the area) / log(1 + people of the largest).
G  gap: 1 - min(1, reached / in need).
V  vulnerability: the same for all until a layer says otherwise.

What is not known is never 0: damage stands at a prior, people at the middle of the others, the gap open.
Each factor is an interval with a best estimate inside; from the intervals comes the range of ranks.
Access is shown beside the priority and never multiplied: who is hard to reach must not sink.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from mapper.vocabulary.damage import HIGHEST

DEFAULT_VULNERABILITY = 0.5
# Damage that two people verified without agreeing on a grade: some, perhaps all; as in the queue, 3.
PRIOR_LOW, PRIOR, PRIOR_HIGH = 1, 3, HIGHEST


@dataclass(frozen=True)
class Estimate:
    """A best estimate within what it could be."""

    low: float
    value: float
    high: float

    def __mul__(self, other: Estimate) -> Estimate:
        """Return the product; all parts are 0 or more."""
        return Estimate(self.low * other.low, self.value * other.value, self.high * other.high)

    def times(self, factor: float) -> Estimate:
        """Return the estimate with a number multiplied in."""
        return Estimate(self.low * factor, self.value * factor, self.high * factor)


@dataclass(frozen=True)
class Basis:
    """What a priority is made from: one area in the chosen sector."""

    code: str
    incidents: int  # verified, at least 1
    grades_low: int  # sums over incidents with a known interval
    grades_high: int
    unknown: int  # verified incidents whose damage is not known
    people: int | None = None  # who live there
    reached: int | None = None
    in_need: int | None = None


@dataclass(frozen=True)
class Priority:
    """A priority with its factors; `best_rank` to `worst_rank` is where it could stand."""

    code: str
    damage: Estimate  # S
    people: Estimate  # N
    gap: float  # G
    vulnerability: float  # V
    total: Estimate  # P
    rank: int = 0
    best_rank: int = 0
    worst_rank: int = 0


def rank(areas: Sequence[Basis]) -> list[Priority]:
    """Return the priorities of areas, the highest first; equals in the order of their codes.

    Where no area's people are known N is 1 for all: damage alone ranks.
    """
    most_incidents = max((area.incidents for area in areas), default=0)
    people = _people_factors(areas)
    found = [_priority(area, most_incidents, share) for area, share in zip(areas, people, strict=True)]
    return _ranked(sorted(found, key=lambda item: (-item.total.value, -item.total.high, item.code)))


def gap(reached: int | None, in_need: int | None) -> float:
    """Return G: the share of need that is not met. 1 while nobody knows, 0 where nobody is in need."""
    if in_need == 0:
        return 0.0
    if reached is None or in_need is None:
        return 1.0
    return 1 - min(1, reached / in_need)


def _priority(area: Basis, most_incidents: int, people: Estimate) -> Priority:
    damage = _damage_factor(area, most_incidents)
    open_share = gap(area.reached, area.in_need)
    total = (damage * people).times(100 * open_share * DEFAULT_VULNERABILITY)
    return Priority(area.code, damage, people, open_share, DEFAULT_VULNERABILITY, total)


def _damage_factor(area: Basis, most_incidents: int) -> Estimate:
    whole = HIGHEST * most_incidents
    middle = (area.grades_low + area.grades_high) / 2
    return Estimate(
        (area.grades_low + area.unknown * PRIOR_LOW) / whole,
        (middle + area.unknown * PRIOR) / whole,
        (area.grades_high + area.unknown * PRIOR_HIGH) / whole,
    )


def _people_factors(areas: Sequence[Basis]) -> list[Estimate]:
    known = [area.people for area in areas if area.people is not None]
    largest = max(known, default=0)
    if largest == 0:
        return [Estimate(1, 1, 1)] * len(areas)
    shares = [math.log1p(people) / math.log1p(largest) for people in known]
    unknown = Estimate(min(shares), median(shares), 1)
    return [
        unknown if area.people is None else _exactly(math.log1p(area.people) / math.log1p(largest))
        for area in areas
    ]


def _exactly(value: float) -> Estimate:
    return Estimate(value, value, value)


def _ranked(found: Sequence[Priority]) -> list[Priority]:
    """Add the ranks: at best behind those that are surely higher, at worst behind all that may be."""
    lows = sorted(item.total.low for item in found)
    highs = sorted(item.total.high for item in found)
    ranked = []
    for place, item in enumerate(found, start=1):
        surely_higher = len(found) - bisect_right(lows, item.total.high)
        may_be_higher = len(found) - bisect_right(highs, item.total.low)
        others = may_be_higher - (item.total.high > item.total.low)
        ranked.append(
            replace(
                item,
                rank=place,
                best_rank=min(place, 1 + surely_higher),
                worst_rank=max(place, 1 + others),
            )
        )
    return ranked
