"""Areas: which polygon each of many points lies in, exactly, and for many points fast.

Most points are far from any border: a grid tells their area (`raster`), and only the others are tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from mapper.geography.kernels import areas_of_points, compiled
from mapper.geography.positions import degrees_around
from mapper.geography.raster import (
    Blocks,
    Borders,
    Floats,
    Grid,
    Integers,
    blocks_of,
    borders_of,
    grid_over,
    pieces,
)

OUTSIDE = -1
UNCERTAIN = -2
# Boundary files are cut to five decimals, 1.1 m of latitude: two neighbours can part by that much.
BORDER_M = 2.0
MANY = 20_000  # points, from which on a grid pays


@dataclass(frozen=True)
class Located:
    """Where points lie: for each the index of its area or OUTSIDE, and whether it lies on a border.

    A point is on a border when it is within BORDER_M of a second area, or of its only one from outside.
    """

    areas: NDArray[np.int64]
    on_border: NDArray[np.bool_]


class AreaIndex:
    """The areas of one level. Geometries are longitude, latitude; they should not overlap."""

    def __init__(self, codes: Sequence[str], geometries: Sequence[BaseGeometry]) -> None:
        order = sorted(range(len(codes)), key=codes.__getitem__)
        self.codes = [codes[index] for index in order]
        self._shapes = np.array([geometries[index] for index in order], dtype=object)
        self._tree = shapely.STRtree(self._shapes)
        shapely.prepare(self._shapes)
        self._raster: _Raster | None = None
        self._asked = 0  # points so far

    def locate(self, longitude: ArrayLike, latitude: ArrayLike) -> Located:
        """Return where points in degrees lie.

        A point on a border belongs to the nearest area; where several are as near, to the one whose code
        comes first, whatever the order of loading.
        """
        lon, lat = np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float)
        raster = self._raster_for(len(lon))
        if raster is None:
            return self._tested(lon, lat)
        located, uncertain = raster.look_up(lon, lat)
        tested = self._tested(lon[uncertain], lat[uncertain])
        located.areas[uncertain], located.on_border[uncertain] = tested.areas, tested.on_border
        return located

    def _raster_for(self, points: int) -> _Raster | None:
        """Return the grid once enough points have been asked for; None before, or where none can be made."""
        before, self._asked = self._asked, self._asked + points
        if before < MANY <= self._asked:
            self._raster = self._rastered()
        return self._raster

    def _rastered(self) -> _Raster | None:
        if not self.codes:
            return None
        bounds = shapely.bounds(self._shapes)
        farthest = float(np.nanmax(np.abs(bounds[:, [1, 3]]), initial=0.0))
        reach = degrees_around(farthest, BORDER_M)[0]
        grid = grid_over(self._shapes, reach)
        if grid is None:
            return None
        borders = borders_of(self._shapes)
        numbers, longitude, latitude = pieces(borders, grid, reach)
        whole = self._tested(longitude, latitude)
        # Where areas overlap, every point counts as on a border: such pieces are looked at closely too.
        areas = np.where(whole.on_border, UNCERTAIN, whole.areas)
        kind = np.int16 if len(self.codes) < np.iinfo(np.int16).max else np.int32
        cells: NDArray[Any] = np.append(UNCERTAIN, areas).astype(kind)[numbers]
        return _Raster(grid, cells, borders, blocks_of(bounds, grid, reach), bounds)

    def _tested(self, longitude: Floats, latitude: Floats) -> Located:
        """Test every point against the areas near it."""
        points = shapely.points(longitude, latitude)
        reach = _reach(latitude)
        of_point, of_area = self._tree.query(points, predicate="dwithin", distance=reach)
        distances = shapely.distance(points[of_point], self._shapes[of_area])
        order = np.lexsort((of_area, distances, of_point))
        _, first = np.unique(of_point[order], return_index=True)
        nearest = order[first]
        areas = np.full(len(points), OUTSIDE, dtype=np.int64)
        areas[of_point[nearest]] = of_area[nearest]
        on_border = np.bincount(of_point, minlength=len(points)) > 1
        on_border[of_point[nearest]] |= distances[nearest] > 0
        return Located(areas, on_border)


@dataclass(frozen=True)
class _Raster:
    """The grid, the area around each cell (or OUTSIDE or UNCERTAIN), the borders, and the areas' boxes."""

    grid: Grid
    cells: NDArray[Any]
    borders: Borders
    blocks: Blocks
    boxes: Floats

    def look_up(self, longitude: Floats, latitude: Floats) -> tuple[Located, Integers]:
        """Return where points lie, and the indices of those on borders, which have to be tested."""
        places, on_grid = self.grid.places(longitude, latitude)
        areas = np.where(on_grid, self.cells[places], OUTSIDE).astype(np.int64)
        uncertain = np.flatnonzero(areas == UNCERTAIN)
        block = self.blocks.of(places[uncertain], self.grid)
        areas[uncertain], is_close = self._closer(longitude[uncertain], latitude[uncertain], block)
        return Located(areas, np.zeros(len(areas), dtype=bool)), uncertain[is_close]

    def _closer(
        self, longitude: Floats, latitude: Floats, block: Integers
    ) -> tuple[Integers, NDArray[np.bool_]]:
        """Return the area of each point, and which points are within reach of a border or in two areas."""
        areas = np.full(len(longitude), OUTSIDE, dtype=np.int64)
        is_close = np.zeros(len(longitude), dtype=np.bool_)
        lines, near = self.borders, self.blocks
        compiled(areas_of_points)(
            longitude, latitude, _reach(latitude), block, near.listed, near.first, self.boxes,
            lines.longitude, lines.latitude, lines.ring, lines.first, lines.span_low, lines.span_high,
            areas, is_close,
        )  # fmt: skip
        return areas, is_close


def _reach(latitude: Floats) -> Floats:
    """Return BORDER_M in degrees of longitude at each latitude, the wider of the two (`degrees_around`)."""
    reach = degrees_around(0.0, BORDER_M)[1] / np.cos(np.radians(np.minimum(89.9, np.abs(latitude))))
    return np.minimum(180.0, reach)
