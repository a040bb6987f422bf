"""Linkage: the probability that two reports speak of the same damage.

A logistic model over `features.FEATURES`. Its weights stand in `weights.json`, with how, on what and by
which script they were fitted; nothing but NumPy is needed to use them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from mapper.config import DEFAULT_LEVELS, Levels
from mapper.fusion.features import FEATURES, Agreement, agreement, features
from mapper.fusion.traits import Indices, TraitTable
from mapper.fusion.words import Floats

WEIGHTS = Path(__file__).parent / "weights.json"
CHUNK = 5_000  # pairs compared at once: 5 MB of signatures, which the processor's caches can hold


class WeightsUnusable(Exception):
    """The file of weights does not fit this program's features."""


@dataclass(frozen=True)
class Linkage:
    """The fitted model: one weight a feature, the intercept, and what follows from a probability."""

    weights: Floats
    intercept: float
    levels: Levels = DEFAULT_LEVELS

    @property
    def threshold(self) -> float:
        """Mean probability between two groups from which they are one."""
        return self.levels.join

    def at(self, levels: Levels) -> Linkage:
        """Return the same model with other levels."""
        return self if levels == self.levels else replace(self, levels=levels)

    def probability(self, pairs: Agreement) -> Floats:
        """Return for each pair how probable it is that both reports speak of the same damage."""
        return _logistic(features(pairs) @ self.weights + self.intercept)

    def between(self, table: TraitTable, i: Indices, j: Indices) -> Floats:
        """Return the probabilities of many pairs of rows in flat memory."""
        parts = [
            self.probability(agreement(table, i[start : start + CHUNK], j[start : start + CHUNK]))
            for start in range(0, len(i), CHUNK)
        ]
        return np.concatenate(parts) if parts else np.zeros(0)

    def matrix(self, table: TraitTable) -> Floats:
        """Return the symmetric matrix of all rows with all rows; the diagonal is 0."""
        size = len(table)
        i, j = np.triu_indices(size, 1)
        square = np.zeros((size, size))
        square[i, j] = square[j, i] = self.between(table, i, j)
        return square


@cache
def shipped() -> Linkage:
    """Return the model that comes with the program; raises WeightsUnusable."""
    return read(WEIGHTS)


def measured_levels() -> list[dict[str, float]]:
    """Return how precise each level was when the weights were fitted."""
    return list(json.loads(WEIGHTS.read_text(encoding="utf-8"))["levels"])


def read(path: Path) -> Linkage:
    """Return the model of a file of weights; raises WeightsUnusable."""
    document = json.loads(path.read_text(encoding="utf-8"))
    named = document["weights"]
    if set(named) != set(FEATURES):
        wrong = ", ".join(sorted(set(named) ^ set(FEATURES)))
        raise WeightsUnusable(f"{path.name} and the program disagree about: {wrong}")
    weights = np.array([float(named[name]) for name in FEATURES])
    return Linkage(weights, float(document["intercept"]))


def _logistic(score: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(score, -40.0, 40.0))))
