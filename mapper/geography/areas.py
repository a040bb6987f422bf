"""Areas: which polygon each of many points lies in, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from mapper.geography.positions import degrees_around

OUTSIDE = -1
# Boundary files are cut to five decimals, 1.1 m of latitude: two neighbours can part by that much.
BORDER_M = 2.0


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

    def locate(self, longitude: ArrayLike, latitude: ArrayLike) -> Located:
        """Return where points in degrees lie.

        A point on a border belongs to the nearest area; where several are as near, to the one whose code
        comes first, whatever the order of loading.
        """
        points = shapely.points(np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float))
        reach = _reach(points)
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


def _reach(points: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return BORDER_M in degrees of longitude at each point, the wider of the two."""
    return np.array([degrees_around(latitude, BORDER_M)[0] for latitude in shapely.get_y(points)])
