"""Areas: which polygon each of many points lies in, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

OUTSIDE = -1


class AreaIndex:
    """The areas of one level. Geometries are longitude, latitude; they should not overlap."""

    def __init__(self, codes: Sequence[str], geometries: Sequence[BaseGeometry]) -> None:
        order = sorted(range(len(codes)), key=codes.__getitem__)
        self.codes = [codes[index] for index in order]
        self._tree = shapely.STRtree([geometries[index] for index in order])
        shapely.prepare(self._tree.geometries)

    def lookup(self, longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.int64]:
        """Return for each point the index of its area in `codes`, or OUTSIDE.

        A point on a border belongs to the area whose code comes first, whatever the order of loading.
        """
        points = shapely.points(np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float))
        found = np.full(len(points), len(self.codes), dtype=np.int64)
        of_point, of_area = self._tree.query(points, predicate="intersects")
        np.minimum.at(found, of_point, of_area)
        return np.where(found == len(self.codes), OUTSIDE, found)
