"""GeoJSON geometry to shapely, every position checked; nothing is guessed or silently dropped.

Positions are longitude, latitude in degrees (RFC 7946); a third number, the height, is dropped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mapper.files.limits import Limits
from mapper.vocabulary.text import N_

POINT_LENGTHS = (2, 3, 4)  # some writers add height and a measure
RING_POSITIONS = 4


class BadGeometry(ValueError):
    """The geometry cannot be used; the message says why."""


def geometry_of(value: Any, limits: Limits) -> BaseGeometry | None:
    """Return the geometry of a GeoJSON geometry object, None for null; raises BadGeometry."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise BadGeometry(N_("the geometry is not a GeoJSON geometry object"))
    kind = value["type"]
    if kind == "GeometryCollection":
        return _collection(value.get("geometries"), limits)
    build = BUILDERS.get(kind)
    if build is None:
        raise BadGeometry(N_("the geometry's type is not one of GeoJSON's"))
    geometry = build(value.get("coordinates"))
    if geometry is not None and shapely.get_num_coordinates(geometry) > limits.vertices:
        raise BadGeometry(f"the geometry has more than {limits.vertices} positions")
    return geometry


def _collection(members: Any, limits: Limits) -> BaseGeometry:
    if not isinstance(members, list):
        raise BadGeometry("a GeometryCollection needs a list of geometries")
    parts = [part for part in (geometry_of(member, limits) for member in members) if part is not None]
    if sum(shapely.get_num_coordinates(part) for part in parts) > limits.vertices:
        raise BadGeometry(f"the geometry has more than {limits.vertices} positions")
    return shapely.geometrycollections(parts)


def _point(value: Any) -> BaseGeometry | None:
    if value == []:
        return None  # RFC 7946, section 3.1: may be read as null
    return shapely.points(_positions([value])[0])


def _multipoint(value: Any) -> BaseGeometry:
    return shapely.multipoints(_positions(value))


def _line(value: Any) -> BaseGeometry:
    positions = _positions(value)
    if len(positions) < 2:
        raise BadGeometry("a line needs two positions")
    return shapely.linestrings(positions)


def _multiline(value: Any) -> BaseGeometry:
    return shapely.multilinestrings([_line(part) for part in _listed(value)])


def _polygon(value: Any) -> BaseGeometry | None:
    rings = [_ring(ring) for ring in _listed(value)]
    if not rings:
        return None
    return shapely.polygons(rings[0], holes=rings[1:] or None)


def _multipolygon(value: Any) -> BaseGeometry | None:
    parts = [part for part in map(_polygon, _listed(value)) if part is not None]
    return shapely.multipolygons(parts) if parts else None


def _ring(value: Any) -> BaseGeometry:
    positions = _positions(value)
    if len(positions) and not np.array_equal(positions[0], positions[-1]):
        positions = np.concatenate([positions, positions[:1]])  # many writers leave the ring open
    if len(positions) < RING_POSITIONS:
        raise BadGeometry("a ring needs four positions")
    return shapely.linearrings(positions)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadGeometry(N_("the coordinates are not nested as the type needs"))
    return value


def _positions(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return an n x 2 array of longitude, latitude; raises BadGeometry unless every one is on Earth."""
    if any(
        not isinstance(position, list) or len(position) not in POINT_LENGTHS for position in _listed(value)
    ):
        raise BadGeometry("a position is not a list of two or three numbers")
    if not value:
        return np.empty((0, 2))
    flat = [number for position in value for number in position[:2]]
    if any(type(number) not in (int, float) for number in flat):
        raise BadGeometry("a position holds something that is not a number")
    positions = np.asarray(flat, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(positions).all():
        raise BadGeometry("a position holds something that is not a number")
    if (np.abs(positions[:, 0]) > 180).any() or (np.abs(positions[:, 1]) > 90).any():
        raise BadGeometry("a position is not on Earth: longitude within 180, latitude within 90 degrees")
    return positions


BUILDERS = {
    "Point": _point,
    "MultiPoint": _multipoint,
    "LineString": _line,
    "MultiLineString": _multiline,
    "Polygon": _polygon,
    "MultiPolygon": _multipolygon,
}
