"""Joining: where each new report goes, given the reports around it and the incidents these are in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mapper.fusion.candidates import is_candidate
from mapper.fusion.clustering import average_link, components
from mapper.fusion.features import agreement
from mapper.fusion.linkage import Linkage
from mapper.fusion.partition import MOST_TOGETHER, located_table
from mapper.fusion.traits import Indices, Traits, TraitTable
from mapper.fusion.words import Floats

MOST_OF_AN_INCIDENT = 12  # members compared; more say nothing new


@dataclass(frozen=True)
class Group:
    """New reports that belong together, and the incident they join; None: they start one."""

    reports: tuple[uuid.UUID, ...]
    incident_id: uuid.UUID | None


@dataclass(frozen=True)
class Reason:
    """Why a report is in its incident: its likeliest neighbour there, in numbers."""

    score: float | None
    why: dict[str, Any]


@dataclass(frozen=True)
class Joined:
    """Where all new reports of a batch go."""

    groups: list[Group]
    reasons: dict[uuid.UUID, Reason]


def join(
    new: Sequence[Traits],
    known: Sequence[Traits],
    incident_of: Mapping[uuid.UUID, uuid.UUID],
    linkage: Linkage,
) -> Joined:
    """Group new reports by average linkage with the incidents around them, which never join each other."""
    kept = _fewer(known, incident_of)
    ordered = sorted([*kept, *new], key=lambda item: (item.at, str(item.report)))
    table = located_table(ordered)
    fresh = {item.report for item in new}
    rows = np.array([row for row, item in enumerate(ordered) if item.report in fresh], dtype=np.intp)
    i, j, probability = _likely(table, rows, linkage)
    groups: list[Group] = []
    reasons: dict[uuid.UUID, Reason] = {}
    for part in components(len(ordered), i, j):
        inner = [row for row in part if ordered[row].report in fresh]
        if not inner:
            continue
        for some in _grouped(table, part, ordered, incident_of, linkage):
            members = [row for row in some if ordered[row].report in fresh]
            if members:
                groups.append(_group(members, some, ordered, incident_of))
                reasons |= _reasons(table, ordered, members, some, i, j, probability)
    return Joined(groups, reasons)


def _fewer(known: Sequence[Traits], incident_of: Mapping[uuid.UUID, uuid.UUID]) -> list[Traits]:
    """Keep the newest members of each incident."""
    counts: dict[uuid.UUID, int] = {}
    kept = []
    for item in sorted(known, key=lambda item: (-item.at, str(item.report))):
        incident = incident_of.get(_id(item))
        if incident is None:
            continue
        counts[incident] = counts.get(incident, 0) + 1
        if counts[incident] <= MOST_OF_AN_INCIDENT:
            kept.append(item)
    return kept


def _likely(table: TraitTable, rows: Indices, linkage: Linkage) -> tuple[Indices, Indices, Floats]:
    """Return the likely pairs of new rows with any row, and their probabilities."""
    every = np.arange(len(table), dtype=np.intp)
    i, j = np.repeat(rows, len(every)), np.tile(every, len(rows))
    keep = (i != j) & is_candidate(table, i, j)
    i, j = i[keep], j[keep]
    probability = linkage.between(table, i, j)
    likely = probability >= linkage.threshold
    return i[likely], j[likely], probability[likely]


def _grouped(
    table: TraitTable,
    part: list[int],
    ordered: Sequence[Traits],
    incident_of: Mapping[uuid.UUID, uuid.UUID],
    linkage: Linkage,
) -> list[list[int]]:
    if len(part) == 1:
        return [part]
    some = np.array(part[:MOST_TOGETHER], dtype=np.intp)
    numbers: dict[uuid.UUID, int] = {}
    blocks = []
    for row in some:
        incident = incident_of.get(_id(ordered[row]))
        blocks.append(None if incident is None else numbers.setdefault(incident, len(numbers)))
    groups = average_link(linkage.matrix(table.take(some)), linkage.threshold, blocks)
    return [some[rows].tolist() for rows in groups] + [[row] for row in part[MOST_TOGETHER:]]


def _group(
    members: list[int], some: list[int], ordered: Sequence[Traits], incident_of: Mapping[uuid.UUID, uuid.UUID]
) -> Group:
    incidents = {incident_of[_id(ordered[row])] for row in some if _id(ordered[row]) in incident_of}
    return Group(tuple(_id(ordered[row]) for row in members), next(iter(incidents), None))


def _reasons(
    table: TraitTable,
    ordered: Sequence[Traits],
    members: list[int],
    some: list[int],
    i: Indices,
    j: Indices,
    probability: Floats,
) -> dict[uuid.UUID, Reason]:
    found: dict[uuid.UUID, Reason] = {}
    for row in members:
        pairs = np.flatnonzero((i == row) & np.isin(j, some))
        if not len(pairs):
            found[_id(ordered[row])] = Reason(None, {"kind": "first"})
            continue
        best = pairs[int(np.argmax(probability[pairs]))]
        other = int(j[best])
        why = explain(table, row, other) | {"with": str(_id(ordered[other]))}
        found[_id(ordered[row])] = Reason(round(float(probability[best]), 4), why)
    return found


def explain(table: TraitTable, row: int, other: int) -> dict[str, Any]:
    """Return how two reports agree, in numbers that a screen puts into words."""
    pair = agreement(table, np.array([row]), np.array([other]))
    distance = float(pair.distance_m[0])
    return {
        "kind": "joined",
        "distance_m": None if np.isnan(distance) else round(distance),
        "accuracy_m": round(float(pair.accuracy_m[0])),
        "hours": round(float(pair.hours[0]), 1),
        "words": round(float(pair.words[0]), 2),
        "same_category": bool(pair.same_category[0]),
        "other_category": bool(pair.other_category[0]),
        "same_place": round(float(pair.place[0]), 2) if pair.both_placed[0] else None,
        "same_link": bool(pair.same_link[0]),
        "same_photo": bool(pair.same_photo[0]),
    }


def _id(item: Traits) -> uuid.UUID:
    assert isinstance(item.report, uuid.UUID)  # noqa: S101 - narrows: traits of stored reports
    return item.report
