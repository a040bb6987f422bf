"""A grid over areas that tells at once where a point lies, except close to a border.

Cells that a border passes, or comes within reach of, are left to a closer look. All others fall into
connected pieces, and within a piece nothing changes: one exact test of one cell stands for all of its cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from mapper.geography.kernels import SPAN, STEP, compiled, mark_borders, one_cell_each

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SIDE = 4_096  # cells along the longer side
BLOCK = 64  # cells along a block, for which it is known which areas may be there
NARROWEST = 4.0  # reaches of a border that a cell is wide at least
NEAR_A_BORDER = 0  # the piece of cells that are left to a closer look


@dataclass(frozen=True)
class Borders:
    """The rings of areas: positions in degrees, the ring of each, and where each area's positions begin."""

    longitude: Floats
    latitude: Floats
    ring: Integers
    first: Integers
    span_low: Floats  # the least latitude of SPAN lines that follow each other; a line ends at its position
    span_high: Floats


@dataclass(frozen=True)
class Grid:
    """Square cells of `size` degrees over a window."""

    west: float
    south: float
    size: float
    columns: int
    rows: int

    def places(self, longitude: Floats, latitude: Floats) -> tuple[Integers, NDArray[np.bool_]]:
        """Return the number of each point's cell, 0 outside of the grid, and whether it is on the grid."""
        with np.errstate(invalid="ignore"):
            column = np.floor((longitude - self.west) / self.size)
            row = np.floor((latitude - self.south) / self.size)
            on_grid = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
            numbers = np.where(on_grid, row * self.columns + column, 0)
        return numbers.astype(np.int64), on_grid


def borders_of(areas: NDArray[np.object_]) -> Borders:
    """Return the rings of polygons and multipolygons, area by area."""
    parts, area = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.searchsorted(area[part[ring]], np.arange(len(areas) + 1))
    longitude, latitude = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    starts = np.arange(0, len(latitude), SPAN)
    low = np.minimum.reduceat(np.minimum(latitude, np.append(latitude[:1], latitude[:-1])), starts)
    high = np.maximum.reduceat(np.maximum(latitude, np.append(latitude[:1], latitude[:-1])), starts)
    return Borders(longitude, latitude, ring.astype(np.int64), first.astype(np.int64), low, high)


@dataclass(frozen=True)
class Blocks:
    """Which areas' boxes touch each block of BLOCK by BLOCK cells: those of block n are
    listed[first[n]:first[n + 1]]."""

    columns: int
    listed: Integers
    first: Integers

    def of(self, places: Integers, grid: Grid) -> Integers:
        """Return the block of each cell."""
        row, column = np.divmod(places, grid.columns)
        block: Integers = row // BLOCK * self.columns + column // BLOCK
        return block


def blocks_of(boxes: Floats, grid: Grid, reach: float) -> Blocks:
    """Return the blocks that each area's box (west, south, east, north), widened by `reach`, touches."""
    corner = np.array([grid.west, grid.south])
    cells = np.concatenate([boxes[:, :2] - reach - corner, boxes[:, 2:] + reach - corner], axis=1)
    left, low, right, high = (np.floor(cells / grid.size).astype(np.int64) // BLOCK).T
    columns, rows = grid.columns // BLOCK + 1, grid.rows // BLOCK + 1
    wide, tall = right - left + 1, high - low + 1
    area = np.repeat(np.arange(len(boxes)), wide * tall)
    order = np.arange(len(area)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    up, along = np.divmod(order, wide[area])
    block = (low[area] + up) * columns + left[area] + along
    by_block = np.argsort(block, kind="stable")
    first = np.searchsorted(block[by_block], np.arange(columns * rows + 1))
    return Blocks(columns, area[by_block], first.astype(np.int64))


def grid_over(areas: NDArray[np.object_], reach: float) -> Grid | None:
    """Return a grid that leaves room for `reach` (degrees) around areas; None where they are too small."""
    west, south, east, north = map(float, shapely.total_bounds(areas))
    if not np.isfinite([west, south, east, north]).all():
        return None
    extent = max(east - west, north - south)
    size = max(extent / SIDE, NARROWEST * reach)
    if extent < 4 * size:
        return None
    columns, rows = int((east - west) / size) + 3, int((north - south) / size) + 3
    return Grid(west - size, south - size, size, columns, rows)


def pieces(borders: Borders, grid: Grid, reach: float) -> tuple[NDArray[np.int32], Floats, Floats]:
    """Return the piece of each cell (NEAR_A_BORDER or from 1 on), and a point inside each piece.

    `reach` in degrees, at most a cell's size divided by NARROWEST.
    """
    from scipy import ndimage

    near = np.zeros((grid.rows, grid.columns), dtype=np.bool_)
    x, y = (borders.longitude - grid.west) / grid.size, (borders.latitude - grid.south) / grid.size
    compiled(mark_borders)(x, y, borders.ring, STEP / 2 + reach / grid.size, near)
    labels, count = ndimage.label(~near)
    numbers = labels.ravel().astype(np.int32, copy=False)
    cells = np.zeros(count + 1, dtype=np.int64)
    compiled(one_cell_each)(numbers, cells)
    row, column = np.divmod(cells[1:], grid.columns)
    return numbers, grid.west + (column + 0.5) * grid.size, grid.south + (row + 0.5) * grid.size
