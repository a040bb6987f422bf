"""Pairs: what was found likely or in doubt between reports, as arrays over one numbering of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapper.fusion.traits import Indices
from mapper.fusion.words import Floats


@dataclass(frozen=True)
class Edges:
    """Pairs of rows and their probabilities."""

    i: Indices
    j: Indices
    probability: Floats

    def within(self, rows: Indices, size: int, least: float) -> Edges:
        """Return the pairs of at least that probability among `rows`, numbered by their place there."""
        place = np.full(size, -1, dtype=np.intp)
        place[rows] = np.arange(len(rows))
        keep = (place[self.i] >= 0) & (place[self.j] >= 0) & (self.probability >= least)
        return Edges(place[self.i[keep]], place[self.j[keep]], self.probability[keep])

    def once(self, size: int) -> Edges:
        """Return each pair once, the lower of `size` rows first."""
        low, high = np.minimum(self.i, self.j), np.maximum(self.i, self.j)
        _, first = np.unique(low * size + high, return_index=True)
        return Edges(low[first], high[first], self.probability[first])

    def strongest(self, most: int) -> Edges:
        """Return for each row of `i` its most probable pairs."""
        order = np.lexsort((self.j, -self.probability, self.i))
        line = self.i[order]
        rank = np.arange(len(order)) - np.searchsorted(line, line, side="left")
        kept = order[rank < most]
        return Edges(self.i[kept], self.j[kept], self.probability[kept])

    def where(self, keep: Indices | NDArray[np.bool_]) -> Edges:
        """Return some of the pairs: a mask, or their places."""
        return Edges(self.i[keep], self.j[keep], self.probability[keep])


def joined(parts: Sequence[Edges]) -> Edges:
    """Return the pairs of several arrays in one."""
    if not parts:
        none = np.zeros(0, dtype=np.intp)
        return Edges(none, none, np.zeros(0))
    return Edges(
        np.concatenate([part.i for part in parts]),
        np.concatenate([part.j for part in parts]),
        np.concatenate([part.probability for part in parts]),
    )


class Pairs:
    """Pairs among reports that are met one after the other; `reports` holds their ids by number."""

    def __init__(self) -> None:
        self.reports: list[uuid.UUID] = []
        self._number: dict[uuid.UUID, int] = {}
        self._parts: list[Edges] = []

    def add(self, reports: Sequence[uuid.UUID], found: Edges) -> None:
        """Take pairs in that are numbered by their places in `reports`."""
        used = np.unique(np.concatenate([found.i, found.j]))
        number = np.zeros(len(reports), dtype=np.intp)
        number[used] = [self._numbered(reports[place]) for place in used.tolist()]
        self._parts.append(Edges(number[found.i], number[found.j], found.probability))

    def edges(self) -> Edges:
        """Return every pair once."""
        self._parts = [joined(self._parts).once(len(self.reports))]
        return self._parts[0]

    def of(self, edges: Edges) -> set[uuid.UUID]:
        """Return the reports of some pairs."""
        return {self.reports[number] for number in np.unique(np.concatenate([edges.i, edges.j])).tolist()}

    def places(self, reports: Iterable[uuid.UUID]) -> Indices:
        """Return for each number the place of its report among `reports`; -1 where it is not there."""
        places = np.full(len(self.reports), -1, dtype=np.intp)
        for place, report in enumerate(reports):
            number = self._number.get(report)
            if number is not None:
                places[number] = place
        return places

    def _numbered(self, report: uuid.UUID) -> int:
        number = self._number.setdefault(report, len(self.reports))
        if number == len(self.reports):
            self.reports.append(report)
        return number
