"""Outlines of areas as SVG paths, for the map beside the table: no scripts, and it prints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from mapper.layers.service import areas_of

WIDTH = 600  # of the drawing, in its own units
DETAIL = 1.2  # units: what is finer is not seen
MOST_CACHED = 8


@dataclass(frozen=True)
class Drawing:
    """Paths by code of their area, in a box of `width` by `height` units."""

    width: int
    height: int
    paths: Mapping[str, str]


def drawing_of(session: Session, engine_url: str, crisis_id: int, areas_version: int, level: int) -> Drawing:
    """Return the outlines of a level's areas, made once per version of the boundaries and process."""
    key = (engine_url, crisis_id, areas_version, level)
    if key not in _cache:
        while len(_cache) >= MOST_CACHED:
            _cache.pop(next(iter(_cache)))
        areas = areas_of(session, crisis_id, level)
        shapes = shapely.from_wkb([area.geometry for area in areas])
        _cache[key] = draw(dict(zip([area.code for area in areas], shapes, strict=True)))
    return _cache[key]


_cache: dict[tuple[str, int, int, int], Drawing] = {}


def draw(shapes: Mapping[str, BaseGeometry]) -> Drawing:
    """Return the outlines of geometries in degrees, true in shape at their middle latitude."""
    if not shapes:
        return Drawing(WIDTH, WIDTH, {})
    west, south, east, north = shapely.total_bounds(list(shapes.values()))
    narrow = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / max((east - west) * narrow, 1e-9)
    height = max(1, math.ceil((north - south) * scale))

    def flat(degrees: np.ndarray) -> np.ndarray:
        return np.column_stack([(degrees[:, 0] - west) * narrow * scale, (north - degrees[:, 1]) * scale])

    plain = {code: shapely.transform(shape, flat) for code, shape in shapes.items()}
    return Drawing(WIDTH, height, {code: _path(shape) for code, shape in plain.items()})


def _path(shape: BaseGeometry) -> str:
    simple = shapely.simplify(shape, DETAIL, preserve_topology=True)
    polygons = [part for part in shapely.get_parts(simple) if part.geom_type == "Polygon"]
    largest = sorted(polygons, key=lambda part: part.area, reverse=True)
    seen = [part for part in largest if part.area > DETAIL**2] or largest[:1]
    return "".join(f"M{_points(ring.coords)}z" for part in seen for ring in (part.exterior, *part.interiors))


def _points(coordinates: Iterable[tuple[float, float]]) -> str:
    return "L".join(f"{x:.0f},{y:.0f}" for x, y in list(coordinates)[:-1])
