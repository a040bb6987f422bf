"""Surroundings: how exact a position really is, and how crowded the place and time around it are.

A geocoder that knows only the town puts every report on one point. Such a point is a centroid: its
accuracy widens with the number of different texts on it. And where very many different texts crowd one
cell within half a day, being near proves less: among n of them any two belong together n times less
often. Both numbers count in steps of two, so that one more text seldom changes anything.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from mapper.fusion.traits import Traits
from mapper.fusion.words import Floats
from mapper.geography.cells import BITS, cell_key

UNSTATED_M = 100.0  # a hand-placed pin or a phone outdoors
SMALLEST_M = 30.0  # who reports stands beside the damage, however good the receiver
WIDEST_M = 3_000.0
FEWEST_ON_POINT = 4  # fewer different texts on one exact point may be one place seen by several
CENTROID_M = 250.0  # times the square root of the number of texts
CELL_ZOOM = 16  # 300 to 600 m wide
CELL_HOURS = 12.0
USUAL_IN_CELL = 32  # different texts in a cell and half a day that say nothing unusual


@dataclass(frozen=True)
class Surroundings:
    """For each report: its accuracy in metres, and the crowd around it (1: none)."""

    accuracy_m: Floats
    crowd: Floats


def point_of(report: Traits) -> Hashable:
    """Return what reports on exactly one position share; None without a position."""
    return (report.lon, report.lat) if report.is_located else None


def cell_of(report: Traits) -> tuple[int, int] | None:
    """Return the cell and half day of a report; None without a position."""
    if not report.is_located:
        return None
    cell = cell_key(report.lon, report.lat) >> 2 * (BITS - CELL_ZOOM)
    return cell, floor(report.at / CELL_HOURS)


def surroundings(reports: Sequence[Traits], on_point: Sequence[int], in_cell: Sequence[int]) -> Surroundings:
    """Return accuracies as stated, as digits allow and as neighbours betray, and crowds.

    `on_point` and `in_cell` say for each report how many different texts stand on exactly its position,
    and in its cell and half day.
    """
    stated = np.array([t.accuracy_m for t in reports], dtype=np.float64)
    stated = np.where(np.isnan(stated), UNSTATED_M, np.maximum(stated, SMALLEST_M))
    implied = np.array([t.rounding_m for t in reports], dtype=np.float64)
    steps = np.array([step(texts, FEWEST_ON_POINT) for texts in on_point], dtype=np.float64)
    shared = np.where(steps > 1, CENTROID_M * np.sqrt(steps), 0.0)
    cells = np.array([step(texts, USUAL_IN_CELL) for texts in in_cell], dtype=np.float64)
    crowd = np.maximum(steps, np.where(cells > 1, cells / USUAL_IN_CELL, 1.0))
    accuracy = np.maximum(np.maximum(stated, implied), shared)
    return Surroundings(np.minimum(accuracy, WIDEST_M), crowd)


def step(texts: int, fewest: int) -> int:
    """Return the largest power of two that is no more than `texts`; 1 below `fewest`."""
    return 1 << (texts.bit_length() - 1) if texts >= fewest else 1


def count_texts(reports: Sequence[Traits]) -> tuple[list[int], list[int]]:
    """Return for each report how many different texts stand on its position, and in its cell."""
    points: dict[Hashable, set[int]] = {}
    cells: dict[Hashable, set[int]] = {}
    for t in reports:
        points.setdefault(point_of(t), set()).add(t.words.code)
        cells.setdefault(cell_of(t), set()).add(t.words.code)
    located = [t.is_located for t in reports]
    return (
        [len(points[point_of(t)]) if known else 0 for t, known in zip(reports, located, strict=True)],
        [len(cells[cell_of(t)]) if known else 0 for t, known in zip(reports, located, strict=True)],
    )
