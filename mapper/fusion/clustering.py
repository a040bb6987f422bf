"""Clustering: groups from pairs, by average linkage, so that a chain of neighbours is no group.

The result depends only on the reports and their pairs, never on the order in which they came: ties go
to the lower row, and rows stand in the order the caller gives (fusion: by time of receipt and id).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mapper.fusion.traits import Indices
from mapper.fusion.words import Floats

NEVER = -np.inf


def components(size: int, i: Indices, j: Indices) -> list[list[int]]:
    """Return the connected parts of a graph over rows 0 .. size - 1, each sorted, by lowest row."""
    label = np.arange(size)
    while len(i := i[differ := label[i] != label[j]]):
        j = j[differ]
        low, high = np.minimum(label[i], label[j]), np.maximum(label[i], label[j])
        np.minimum.at(label, high, low)
        while (further := label[label]).tobytes() != label.tobytes():
            label = further
    order = np.argsort(label, kind="stable")
    ends = np.flatnonzero(np.diff(label[order])) + 1
    return [part.tolist() for part in np.split(order, ends)] if size else []


def average_link(
    probability: Floats, threshold: float, blocks: Sequence[int | None] | None = None
) -> list[list[int]]:
    """Group rows while the mean probability between two groups is at least `threshold`.

    `probability` is a symmetric square matrix; its diagonal is ignored. Rows with the same number in
    `blocks` start together and rows with different numbers never meet: people put them so. Groups come
    sorted, each with its lowest row first.
    """
    groups = _first_groups(len(probability), blocks)
    mean = _first_means(probability, groups, blocks)
    joined = join_groups(mean, np.array([len(rows) for rows in groups], dtype=np.float64), threshold)
    return sorted(sorted(row for group in numbers for row in groups[group]) for numbers in joined)


def join_groups(mean: Floats, sizes: Floats, threshold: float) -> list[list[int]]:
    """Join groups while the mean between two is at least `threshold`; return which went together.

    `mean` is square and symmetric, `NEVER` where two may not meet; `sizes` weighs the means of joined
    groups. Both are used up.
    """
    together = [[number] for number in range(len(mean))]
    np.fill_diagonal(mean, NEVER)
    nearest = _Nearest(mean)
    while (best := nearest.pair()) and mean[best] >= threshold:
        low, high = best
        together[low] = together[low] + together[high]
        together[high] = []
        joined = (mean[low] * sizes[low] + mean[high] * sizes[high]) / (sizes[low] + sizes[high])
        joined[[low, high]] = NEVER
        sizes[low] += sizes[high]
        mean[high] = mean[:, high] = NEVER
        mean[low] = mean[:, low] = joined
        nearest.update(low, high)
    return [sorted(numbers) for numbers in together if numbers]


class _Nearest:
    """Each group's best partner, kept up to date while groups join (`mean` is shared with the caller)."""

    def __init__(self, mean: Floats) -> None:
        self._mean = mean
        self._partner = np.argmax(mean, axis=1) if len(mean) else np.zeros(0, dtype=np.intp)
        self._value = mean[np.arange(len(mean)), self._partner] if len(mean) else np.zeros(0)

    def pair(self) -> tuple[int, int] | None:
        """Return the two groups that are nearest, lower first; None where none may join."""
        if not len(self._value):
            return None
        row = int(np.argmax(self._value))
        if self._value[row] == NEVER:
            return None
        low, high = sorted((row, int(self._partner[row])))
        return low, high

    def update(self, low: int, high: int) -> None:
        """Take in that group `high` went into `low`."""
        stale = np.flatnonzero((self._partner == low) | (self._partner == high))
        for row in {low, high, *stale.tolist()}:
            self._partner[row] = np.argmax(self._mean[row])
            self._value[row] = self._mean[row, self._partner[row]]
        column = self._mean[:, low]
        closer = (column > self._value) | ((column == self._value) & (low < self._partner) & (column > NEVER))
        self._partner[closer] = low
        self._value[closer] = column[closer]


def _first_groups(size: int, blocks: Sequence[int | None] | None) -> list[list[int]]:
    held: dict[int, list[int]] = {}
    groups: list[list[int]] = []
    for row in range(size):
        block = blocks[row] if blocks is not None else None
        if block is not None and block in held:
            held[block].append(row)
            continue
        groups.append([row])
        if block is not None:
            held[block] = groups[-1]
    return groups


def _first_means(probability: Floats, groups: list[list[int]], blocks: Sequence[int | None] | None) -> Floats:
    if blocks is None:
        mean = np.array(probability, dtype=np.float64)
    else:
        member = np.zeros((len(groups), len(probability)))
        for number, rows in enumerate(groups):
            member[number, rows] = 1.0 / len(rows)
        mean = member @ probability @ member.T
        held = np.array([blocks[rows[0]] is not None for rows in groups], dtype=bool)
        mean[np.outer(held, held)] = NEVER
    return mean
