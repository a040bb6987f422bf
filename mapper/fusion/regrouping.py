"""Regrouping: which reports of a neighbourhood form one incident now.

A closed part is grouped anew as a whole. In an open one (a hot spot) whoever sits in an incident stays,
and new reports join the incident whose reports they fit best on average, or each other.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mapper.fusion.clustering import NEVER, average_link, components, join_groups
from mapper.fusion.linkage import Linkage
from mapper.fusion.members import Member
from mapper.fusion.neighbourhood import Neighbourhood
from mapper.fusion.pairs import Edges
from mapper.fusion.partition import MOST_TOGETHER, group_part

MOST_INCIDENTS = 3  # that a new report of a hot spot is compared with
MOST_COMPARED = 24  # reports of one incident there


@dataclass(frozen=True)
class Group:
    """Reports that belong together, in the order they stand in line.

    `incident` is set where people or a hot spot hold them in one. In a hot spot `reports` are only the
    new ones: the others keep their seats (`is_addition`).
    """

    reports: tuple[uuid.UUID, ...]
    incident: uuid.UUID | None = None
    is_addition: bool = False


def regroup(hood: Neighbourhood, linkage: Linkage) -> list[Group]:
    """Return the groups of every report that could be affected."""
    found = hood.pairs.edges()
    likely = found.where(found.probability >= linkage.levels.join)
    return [group for part in _parts(hood, likely) for group in _grouped(hood, part, likely, linkage)]


def _parts(hood: Neighbourhood, likely: Edges) -> list[list[Member]]:
    """Members joined by likely pairs or by sitting in one incident."""
    line = sorted(hood.members.values(), key=lambda m: m.order)
    place = {m.id: number for number, m in enumerate(line)}
    sitting = [seat for seat in hood.seats.values() if seat.report in place]
    first = {seat.incident: place[seat.report] for seat in sitting}
    places = hood.pairs.places(place)
    together = [(place[seat.report], first[seat.incident]) for seat in sitting]
    i, j = np.array(together, dtype=np.intp).reshape(-1, 2).T
    i, j = np.concatenate([i, places[likely.i]]), np.concatenate([j, places[likely.j]])
    return [[line[row] for row in rows] for rows in components(len(line), i, j)]


def _grouped(hood: Neighbourhood, part: Sequence[Member], likely: Edges, linkage: Linkage) -> list[Group]:
    if len(part) == 1 and part[0].id not in hood.seats:
        return [Group((part[0].id,))]
    if any(m.id not in hood.expanded for m in part):
        return _additions(hood, part, likely, linkage)
    if len(part) > MOST_TOGETHER:
        if any(_is_held(hood, m) for m in part):
            return _additions(hood, part, likely, linkage)
        return _divided(hood, part, likely, linkage)
    held = [hood.seats[m.id].incident if _is_held(hood, m) else None for m in part]
    numbers = {incident: number for number, incident in enumerate(dict.fromkeys(held)) if incident}
    blocks = [numbers[incident] if incident else None for incident in held]
    square = linkage.matrix(hood.crowds.table(part))
    groups = []
    for rows in average_link(square, linkage.threshold, blocks if numbers else None):
        incident = next((held[row] for row in rows if held[row]), None)
        groups.append(Group(tuple(part[row].id for row in rows), incident))
    return groups


def _divided(hood: Neighbourhood, part: Sequence[Member], likely: Edges, linkage: Linkage) -> list[Group]:
    """Group a part that is too large to compare all with all."""
    places = hood.pairs.places(m.id for m in part)
    keep = (places[likely.i] >= 0) & (places[likely.j] >= 0)
    edges = Edges(places[likely.i[keep]], places[likely.j[keep]], likely.probability[keep])
    found = group_part(hood.crowds.table(part), np.arange(len(part)), edges, linkage)
    return [Group(tuple(part[row].id for row in rows)) for rows in found]


def _is_held(hood: Neighbourhood, member: Member) -> bool:
    return member.id in hood.seats and hood.seats[member.id].is_held


def _additions(hood: Neighbourhood, part: Sequence[Member], likely: Edges, linkage: Linkage) -> list[Group]:
    free = [m for m in part if m.id not in hood.seats]
    if not free:
        return []
    sitting = _compared(hood, free, likely)
    incidents = sorted(sitting)
    line = free + [m for incident in incidents for m in sitting[incident]]
    table = hood.crowds.table(line)
    size = len(free) + len(incidents)
    mean = np.full((size, size), NEVER)
    i, j = np.triu_indices(len(free), 1)
    mean[i, j] = mean[j, i] = linkage.between(table, i, j)
    start = len(free)
    for number, incident in enumerate(incidents, len(free)):
        others = np.arange(start, start + len(sitting[incident]))
        rows = np.repeat(np.arange(len(free)), len(others))
        found = linkage.between(table, rows, np.tile(others, len(free)))
        mean[number, : len(free)] = mean[: len(free), number] = found.reshape(len(free), -1).mean(axis=1)
        start += len(others)
    sizes = np.array([1.0] * len(free) + [float(len(sitting[one])) for one in incidents])
    groups = []
    for numbers in join_groups(mean, sizes, linkage.threshold):
        reports = tuple(free[n].id for n in numbers if n < len(free))
        target = next((incidents[n - len(free)] for n in numbers if n >= len(free)), None)
        if reports:
            groups.append(Group(reports, target, is_addition=target is not None))
    return groups


def _compared(hood: Neighbourhood, free: Sequence[Member], likely: Edges) -> dict[uuid.UUID, list[Member]]:
    """Return for each incident worth comparing some of its reports, always the same ones."""
    best: dict[uuid.UUID, dict[uuid.UUID, float]] = defaultdict(dict)
    is_free = hood.pairs.places(m.id for m in free) >= 0
    beside = likely.where(is_free[likely.i] != is_free[likely.j])
    ends = np.where(is_free[beside.i], beside.i, beside.j), np.where(is_free[beside.i], beside.j, beside.i)
    for a, b, probability in zip(*(x.tolist() for x in (*ends, beside.probability)), strict=True):
        one, other = hood.pairs.reports[a], hood.pairs.reports[b]
        if other in hood.seats:
            incident = hood.seats[other].incident
            best[one][incident] = max(probability, best[one].get(incident, 0.0))
    wanted = {
        incident
        for m in free
        for incident in sorted(best[m.id], key=lambda one: (-best[m.id][one], one))[:MOST_INCIDENTS]
    }
    sitting: dict[uuid.UUID, list[Member]] = defaultdict(list)
    for report in sorted(seat.report for seat in hood.seats.values() if seat.incident in wanted):
        incident = hood.seats[report].incident
        if report in hood.members and len(sitting[incident]) < MOST_COMPARED:
            sitting[incident].append(hood.members[report])
    return sitting
