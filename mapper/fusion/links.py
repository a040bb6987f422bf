"""Links: which other incidents one may be the same as, and which earlier damage it struck again.

Both are for people: fusion joins neither by itself. Two incidents whose reports are the same damage with
a probability below the level for joining, but not far below, are proposed to a verifier. Damage at the
place of an earlier one, after so long that it is another, follows it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import hypot
from typing import Any, NamedTuple

import numpy as np

from mapper.fusion.explain import numbers
from mapper.fusion.linkage import Linkage
from mapper.fusion.members import Member
from mapper.fusion.neighbourhood import Neighbourhood
from mapper.fusion.pairs import Edges
from mapper.geography.positions import distance_m, from_e7

MAYBE_SAME, FOLLOWS, FOLLOWED_BY, KEPT_APART = "maybe_same", "follows", "followed_by", "kept_apart"
MOST_PROPOSED = 5  # of one incident: the likeliest
MOST_COMPARED = 24  # reports of each of the two
APART = timedelta(hours=48)  # later than what is still told of one damage
LONGEST_AGO = timedelta(days=200)
SQUARE_E7 = 100_000  # 0.01 degrees, wider than a site up to 70 degrees of latitude
SITE_M = (30.0, 300.0)  # least and most distance that still is one site, whatever the accuracies

Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass
class Links:
    """Rows to write, and the incidents whose derived links they replace."""

    renewed: set[uuid.UUID] = field(default_factory=set)
    rows: list[dict[str, Any]] = field(default_factory=list)


class Strike(NamedTuple):
    """What is compared of two incidents at one site."""

    incident: uuid.UUID
    lon_e7: int | None
    lat_e7: int | None
    accuracy_m: float | None
    sector: str
    asset: str | None
    begun: datetime | None
    ended: datetime | None


def doubts(hood: Neighbourhood, incident_of: Mapping[uuid.UUID, uuid.UUID]) -> list[Pair]:
    """Return the pairs of incidents that could be one, the likeliest of each incident; the lower id first."""
    incidents = sorted(set(incident_of.values()), key=lambda one: one.int)
    number = {incident: place for place, incident in enumerate(incidents)}
    seats = (incident_of.get(report) for report in hood.pairs.reports)
    numbers_of = np.array([-1 if seat is None else number[seat] for seat in seats], dtype=np.intp)
    found = hood.pairs.edges()
    between = Edges(numbers_of[found.i], numbers_of[found.j], found.probability)
    between = between.where((between.i >= 0) & (between.j >= 0) & (between.i != between.j))
    best = between.where(np.argsort(-between.probability, kind="stable")).once(len(incidents))
    seen: dict[uuid.UUID, int] = defaultdict(int)
    chosen = []
    order = np.lexsort((best.j, best.i, -best.probability))
    for low, high in zip(best.i[order].tolist(), best.j[order].tolist(), strict=True):
        pair = incidents[low], incidents[high]
        if all(seen[incident] < MOST_PROPOSED for incident in pair):
            chosen.append(pair)
            for incident in pair:
                seen[incident] += 1
    return chosen


def judged(
    hood: Neighbourhood,
    pairs: Sequence[Pair],
    sitting: Mapping[uuid.UUID, Sequence[Member]],
    linkage: Linkage,
) -> Iterator[tuple[Pair, float, dict[str, Any]]]:
    """Yield the pairs of incidents to propose: the mean probability, and how the likeliest reports agree.

    `sitting` are the reports of each incident in line. All pairs are compared together.
    """
    members = {m.id: m for pair in pairs for one in pair for m in sitting[one][:MOST_COMPARED]}
    place = {report: number for number, report in enumerate(members)}
    table = hood.crowds.table(list(members.values()))
    rows = {
        one: np.array([place[m.id] for m in sitting[one][:MOST_COMPARED]], dtype=np.intp)
        for one in {one for pair in pairs for one in pair}
    }
    i = [np.repeat(rows[one], len(rows[other])) for one, other in pairs]
    j = [np.tile(rows[other], len(rows[one])) for one, other in pairs]
    probability = linkage.between(table, np.concatenate(i), np.concatenate(j))
    ends = np.cumsum([len(some) for some in i])
    ids = list(members)
    for pair, one, other, values in zip(pairs, i, j, np.split(probability, ends[:-1]), strict=True):
        mean, best = float(values.mean()), int(np.argmax(values))
        if mean >= linkage.levels.propose:
            why = numbers(table, int(one[best]), int(other[best])) | {
                "kind": MAYBE_SAME,
                "with": str(ids[int(other[best])]),
                "report": str(ids[int(one[best])]),
                "compared": len(values),
                "probability": round(float(values[best]), 4),
            }
            yield pair, round(mean, 4), why


def follow(new: Collection[uuid.UUID], strikes: Sequence[Strike]) -> Iterator[tuple[Pair, dict[str, Any]]]:
    """Yield which incident follows which at one site, and why, where one of the two is new."""
    near: dict[tuple[str, int, int], list[Strike]] = defaultdict(list)
    for strike in strikes:
        for place in _places(strike, 0):
            near[place].append(strike)
    for strike in strikes:
        if strike.incident in new:
            for other in [other for place in _places(strike, 1) for other in near[place]]:
                if other.incident not in new or other.incident > strike.incident:
                    yield from _followed(strike, other)


def _followed(one: Strike, other: Strike) -> Iterator[tuple[Pair, dict[str, Any]]]:
    for first, second in ((one, other), (other, one)):
        why = _at_one_site(first, second) if _is_before(first, second) else None
        if why:
            yield (second.incident, first.incident), why


def _places(strike: Strike, around: int) -> Iterator[tuple[str, int, int]]:
    """Yield the squares of a position that is known, and so many around it."""
    if strike.lon_e7 is not None and strike.lat_e7 is not None and strike.sector != "unknown":
        column, line = strike.lon_e7 // SQUARE_E7, strike.lat_e7 // SQUARE_E7
        steps = range(-around, around + 1)
        yield from ((strike.sector, column + x, line + y) for x in steps for y in steps)


def _is_before(first: Strike, second: Strike) -> bool:
    if first.ended is None or second.begun is None:
        return False
    return APART <= second.begun - first.ended <= LONGEST_AGO


def _at_one_site(first: Strike, second: Strike) -> dict[str, Any] | None:
    """Return how two incidents agree in place and kind; None where they do not."""
    if not _same_asset(first, second):
        return None
    if first.lon_e7 is None or first.lat_e7 is None or second.lon_e7 is None or second.lat_e7 is None:
        return None
    metres = distance_m(*map(from_e7, (first.lon_e7, first.lat_e7, second.lon_e7, second.lat_e7)))
    accuracy = hypot(first.accuracy_m or 0.0, second.accuracy_m or 0.0)
    if metres > min(max(accuracy, SITE_M[0]), SITE_M[1]):
        return None
    return {"kind": FOLLOWS, "distance_m": round(metres), "accuracy_m": round(accuracy)}


def _same_asset(first: Strike, second: Strike) -> bool:
    return first.asset is None or second.asset is None or first.asset == second.asset
