"""Metrics: how a grouping compares with the truth, by pairs and by B-cubed (Bagga and Baldwin, 1998)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Precision and recall, each 0 to 1. Without any pair to be right or wrong about, 1."""

    pair_precision: float
    pair_recall: float
    bcubed_precision: float
    bcubed_recall: float

    @property
    def bcubed_f(self) -> float:
        """The harmonic mean of B-cubed precision and recall."""
        both = self.bcubed_precision + self.bcubed_recall
        return 2 * self.bcubed_precision * self.bcubed_recall / both if both else 0.0


def compare(
    found: Sequence[Hashable], truth: Sequence[Hashable], counted: Sequence[bool] | None = None
) -> Agreement:
    """Compare the group of each item with its true one.

    B-cubed is the mean over the `counted` items (default all); pairs are always those of all items.
    """
    both = Counter(zip(found, truth, strict=True))
    of_found, of_truth = Counter(found), Counter(truth)
    right = _pairs(both)
    rows = [
        (both[f, t] / of_found[f], both[f, t] / of_truth[t])
        for number, (f, t) in enumerate(zip(found, truth, strict=True))
        if counted is None or counted[number]
    ]
    return Agreement(
        pair_precision=_share(right, _pairs(of_found)),
        pair_recall=_share(right, _pairs(of_truth)),
        bcubed_precision=_share(sum(row[0] for row in rows), len(rows)),
        bcubed_recall=_share(sum(row[1] for row in rows), len(rows)),
    )


def _pairs(sizes: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0
