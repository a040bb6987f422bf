"""Loops over borders and points, compiled when they are first needed (numba, its cache beside this file)."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

SPAN = 16  # lines of a border whose extent is known together
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


def areas_of_points(
    x: Any, y: Any, reach: Any, block: Any, listed: Any, listed_first: Any, boxes: Any,
    border_x: Any, border_y: Any, ring: Any, first: Any, span_low: Any, span_high: Any,
    areas: Any, close: Any,
) -> None:  # fmt: skip
    """Write into `areas` the area that each point lies in, and into `close` where that is not for sure.

    It is not within `reach`, degrees, of a border, or in two areas at once. The areas near a point's block
    are listed[listed_first[block]] and so on; `boxes` are theirs: west, south, east, north. The border of
    area n are the positions from first[n] up to first[n + 1] that follow each other in one ring; span_low and
    span_high are the least and greatest y of SPAN lines that follow each other. Insides are told by counting
    the borders to the east.
    """
    for point in range(len(x)):
        px, py, near = x[point], y[point], reach[point]
        for place in range(listed_first[block[point]], listed_first[block[point] + 1]):
            area = listed[place]
            if (
                px < boxes[area, 0] - near
                or py < boxes[area, 1] - near
                or px > boxes[area, 2] + near
                or py > boxes[area, 3] + near
            ):
                continue
            inside = False
            line, end = first[area] + 1, first[area + 1]
            while line < end:
                span = line // SPAN
                if py - near > span_high[span] or py + near < span_low[span]:
                    line = (span + 1) * SPAN
                    continue
                x0, y0, x1, y1 = border_x[line - 1], border_y[line - 1], border_x[line], border_y[line]
                if ring[line - 1] == ring[line]:
                    across, up = x1 - x0, y1 - y0
                    length = across * across + up * up
                    share = 0.0
                    if length > 0:
                        share = min(1.0, max(0.0, ((px - x0) * across + (py - y0) * up) / length))
                    to_x, to_y = x0 + share * across - px, y0 + share * up - py
                    if to_x * to_x + to_y * to_y <= near * near:
                        close[point] = True
                    if (y0 > py) != (y1 > py) and px < x0 + across * (py - y0) / up:
                        inside = not inside
                line += 1
            if inside:
                if areas[point] >= 0:
                    close[point] = True
                areas[point] = area


@cache
def compiled(function: Callable[..., None]) -> Callable[..., None]:
    """Return a function of this module as machine code."""
    from numba import njit

    try:
        made: Callable[..., None] = njit(cache=True)(function)
    except RuntimeError:  # numba finds no folder to keep it in
        made = njit(function)
    return made
