"""Partition: from reports to groups. A pure function of the reports, whatever their order.

Only reports joined by a chain of likely pairs can end in one group, so each such part is grouped by
itself, and the store does the same with the part around a new report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from mapper.fusion.candidates import candidate_pairs
from mapper.fusion.centroids import count_texts, surroundings
from mapper.fusion.clustering import average_link, components
from mapper.fusion.linkage import CHUNK, Linkage
from mapper.fusion.pairs import Edges, joined
from mapper.fusion.traits import Indices, Traits, TraitTable, tabulate

FEW_TOGETHER = 40
SMALL_AT_ONCE = 500  # parts
MOST_TOGETHER = 400  # rows that are compared all with all
HOT_LEVELS = (0.8, 0.9, 0.95, 0.98)  # what a likely pair must reach where parts grow larger


def partition(reports: Sequence[Traits], linkage: Linkage) -> list[list[int]]:
    """Return groups of indices into `reports`, each sorted, by lowest index."""
    order = sorted(range(len(reports)), key=lambda index: (reports[index].at, str(reports[index].report)))
    table = located_table([reports[index] for index in order])
    groups = group(table, likely_pairs(table, linkage), linkage)
    return sorted(sorted(order[row] for row in rows) for rows in groups)


def located_table(reports: Sequence[Traits]) -> TraitTable:
    """Return the reports as a table, with accuracies as their digits and their neighbours betray them."""
    around = surroundings(reports, *count_texts(reports))
    return tabulate(reports, around.accuracy_m, around.crowd)


def likely_pairs(table: TraitTable, linkage: Linkage) -> Edges:
    """Return the candidates whose probability reaches the threshold, each once."""
    found: list[Edges] = []
    for i, j in _gathered(candidate_pairs(table)):
        probability = linkage.between(table, i, j)
        likely = probability >= linkage.threshold
        found.append(Edges(i[likely], j[likely], probability[likely]))
    return joined(found).once(len(table))


def _gathered(parts: Iterable[tuple[Indices, Indices]]) -> Iterator[tuple[Indices, Indices]]:
    """Yield the same pairs in fewer arrays: comparing a few pairs costs as much as comparing many."""
    waiting: list[tuple[Indices, Indices]] = []
    count = 0
    for i, j in parts:
        waiting.append((i, j))
        count += len(i)
        if count >= CHUNK:
            yield _joined(waiting)
            waiting, count = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(parts: Sequence[tuple[Indices, Indices]]) -> tuple[Indices, Indices]:
    return np.concatenate([i for i, _ in parts]), np.concatenate([j for _, j in parts])


def group(table: TraitTable, edges: Edges, linkage: Linkage) -> list[list[int]]:
    """Group the rows of a table, part by part."""
    groups: list[list[int]] = []
    small: list[Indices] = []
    for part in components(len(table), edges.i, edges.j):
        if len(part) == 1:
            groups.append(part)
        elif len(part) <= FEW_TOGETHER:
            small.append(np.array(part))
        else:
            groups += group_part(table, np.array(part), edges, linkage)
    return sorted(groups + _group_small(table, small, linkage))


def _group_small(table: TraitTable, parts: Sequence[Indices], linkage: Linkage) -> list[list[int]]:
    """Group small parts; the pairs of all are compared together."""
    groups: list[list[int]] = []
    for start in range(0, len(parts), SMALL_AT_ONCE):
        some = parts[start : start + SMALL_AT_ONCE]
        corners = [np.triu_indices(len(rows), 1) for rows in some]
        pairs = [(rows[i], rows[j]) for rows, (i, j) in zip(some, corners, strict=True)]
        probability = linkage.between(table, *_joined(pairs))
        ends = np.cumsum([len(i) for i, _ in pairs])
        for rows, (i, j), values in zip(some, corners, np.split(probability, ends[:-1]), strict=True):
            square = np.zeros((len(rows), len(rows)))
            square[i, j] = square[j, i] = values
            groups += [rows[one].tolist() for one in average_link(square, linkage.threshold)]
    return groups


def group_part(
    table: TraitTable, rows: Indices, edges: Edges, linkage: Linkage, levels: tuple[float, ...] = HOT_LEVELS
) -> list[list[int]]:
    """Group one part; a hot spot's is first divided by asking more and more of a likely pair."""
    if len(rows) <= MOST_TOGETHER:
        square = linkage.matrix(table.take(rows))
        return [rows[some].tolist() for some in average_link(square, linkage.threshold)]
    if not levels:
        return _around_leaders(table, rows, linkage)
    groups: list[list[int]] = []
    inner = edges.within(rows, len(table), levels[0])
    for part in components(len(rows), inner.i, inner.j):
        groups += group_part(table, rows[part], edges, linkage, levels[1:])
    return groups


def _around_leaders(table: TraitTable, rows: Indices, linkage: Linkage) -> list[list[int]]:
    """Group the first rows, let every other join the group it fits best, and go on with the rest."""
    groups: list[list[int]] = []
    while len(rows):
        first, rest = rows[:MOST_TOGETHER], rows[MOST_TOGETHER:]
        square = linkage.matrix(table.take(first))
        led = [first[some].tolist() for some in average_link(square, linkage.threshold)]
        i, j = np.repeat(rest, len(first)), np.tile(first, len(rest))
        probability = linkage.between(table, i, j).reshape(len(rest), len(first))
        place = {int(row): number for number, row in enumerate(first)}
        means = np.column_stack([probability[:, [place[row] for row in some]].mean(axis=1) for some in led])
        best, value = means.argmax(axis=1), means.max(axis=1)
        fits = value >= linkage.threshold
        groups += [sorted(some + rest[fits & (best == n)].tolist()) for n, some in enumerate(led)]
        rows = rest[~fits]
    return groups
