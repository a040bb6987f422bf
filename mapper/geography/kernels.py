"""Loops over borders and points, compiled when they are first needed (numba, its cache beside this file)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

OUTSIDE, INSIDE, CLOSE = 0, 1, 2
STEP = 0.25  # of a cell: borders are followed in steps no longer than this


def mark_borders(x: Any, y: Any, ring: Any, margin: float, near: Any) -> None:
    """Mark the cells of `near` (rows, columns) that come within `margin` of a step along a border.

    `x` and `y` in cells from the grid's corner, `ring` the ring of each; steps are STEP apart at most.
    """
    for point in range(len(x) - 1):
        if ring[point] != ring[point + 1]:
            continue
        across, up = x[point + 1] - x[point], y[point + 1] - y[point]
        steps = math.ceil(max(abs(across), abs(up)) / STEP) + 1
        for step in range(steps + 1):
            column, row = x[point] + across * step / steps, y[point] + up * step / steps
            left, right = math.floor(column - margin), math.floor(column + margin)
            low, high = math.floor(row - margin), math.floor(row + margin)
            near[low, left] = near[low, right] = near[high, left] = near[high, right] = True


def one_cell_each(numbers: Any, cells: Any) -> None:
    """Write for each piece number from 1 on one of its cells."""
    for cell in range(len(numbers)):
        cells[numbers[cell]] = cell


def state_of_pairs(
    x: Any, y: Any, reach: Any, areas: Any, border_x: Any, border_y: Any, ring: Any, first: Any, states: Any
) -> None:
    """Write for each pair of a point and an area whether it is OUTSIDE, INSIDE, or CLOSE to its border.

    CLOSE is within `reach`, degrees. The border of area n are the positions from first[n] up to first[n + 1]
    that follow each other in one ring. Insides are told by counting the borders to the east.
    """
    for pair in range(len(x)):
        px, py, near = x[pair], y[pair], reach[pair]
        inside = is_close = False
        for point in range(first[areas[pair]] + 1, first[areas[pair] + 1]):
            y0, y1 = border_y[point - 1], border_y[point]
            below, above = py - y0 > near and py - y1 > near, y0 - py > near and y1 - py > near
            if below or above or ring[point - 1] != ring[point]:
                continue  # nearly every border ends here
            x0, x1 = border_x[point - 1], border_x[point]
            across, up = x1 - x0, y1 - y0
            length = across * across + up * up
            share = 0.0
            if length > 0:
                share = min(1.0, max(0.0, ((px - x0) * across + (py - y0) * up) / length))
            to_x, to_y = x0 + share * across - px, y0 + share * up - py
            is_close = is_close or to_x * to_x + to_y * to_y <= near * near
            if (y0 > py) != (y1 > py) and px < x0 + across * (py - y0) / up:
                inside = not inside
        states[pair] = CLOSE if is_close else INSIDE if inside else OUTSIDE


@cache
def compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Return a function of this module as machine code."""
    from numba import njit

    try:
        made: Callable[..., None] = njit(cache=True)(function)
    except RuntimeError:  # numba finds no folder to keep it in
        made = njit(function)
    return made
