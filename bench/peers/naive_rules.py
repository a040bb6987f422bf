"""The naive rules of the development set's SOURCE.md: distance, window, words; connected components."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mapper.fusion.clustering import components
from mapper.fusion.features import distances_m, gap_hours
from mapper.fusion.partition import located_table
from mapper.fusion.traits import Traits

RULES = {
    "300 m/48 h": (300.0, 48.0, 0.0),
    "1 km/48 h": (1_000.0, 48.0, 0.0),
    "1 km/72 h/J>=.3": (1_000.0, 72.0, 0.3),
}


def grouped(reports: Sequence[Traits], texts: Sequence[str], rule: str) -> list[int]:
    """Return the number of each report's group."""
    metres, hours, likeness = RULES[rule]
    table = located_table(reports)
    words = [set(text.lower().split()) for text in texts]
    i, j = np.triu_indices(len(table), 1)
    near = distances_m(table.lon[i], table.lat[i], table.lon[j], table.lat[j]) <= metres
    keep = near & (gap_hours(table, i, j) <= hours)
    i, j = i[keep], j[keep]
    alike = [
        len(words[a] & words[b]) >= likeness * max(1, len(words[a] | words[b]))
        for a, b in zip(i.tolist(), j.tolist(), strict=True)
    ]
    keep = np.array(alike, dtype=bool)
    found = [0] * len(table)
    for number, rows in enumerate(components(len(table), i[keep], j[keep])):
        for row in rows:
            found[row] = number
    return found
