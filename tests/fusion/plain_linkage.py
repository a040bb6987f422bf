"""Average linkage by the book: slow, and too simple to be wrong."""

from __future__ import annotations

import itertools

import numpy as np


def plainly_average_linked(matrix: np.ndarray, threshold: float) -> list[list[int]]:
    """Join the two groups with the highest mean as long as it reaches the threshold."""
    groups = [[row] for row in range(len(matrix))]
    while len(groups) > 1:
        value, a, b = max(
            (float(matrix[np.ix_(groups[a], groups[b])].mean()), -a, -b)
            for a, b in itertools.combinations(range(len(groups)), 2)
        )
        if value < threshold:
            break
        groups[-a] = sorted(groups[-a] + groups[-b])
        del groups[-b]
    return sorted(groups)
