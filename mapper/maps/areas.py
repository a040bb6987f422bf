"""Areas as GeoJSON for the browser: simplified together, so that neighbours still share their border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

# Tolerance in degrees by level: from afar a country's outline needs little, near by a commune needs more.
TOLERANCE = {0: 0.01, 1: 0.004, 2: 0.0015}
FINE_TOLERANCE = 0.0008
DECIMALS = 4  # about 11 m
EQUATOR_KM, ECCENTRICITY = 6378.137, 0.0818191908426  # of WGS 84

Degrees = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class AreaShape:
    """One area as it is drawn: its code, level, names by language and outline as WKB in degrees."""

    code: str
    level: int
    names: Mapping[str, str]
    geometry: bytes


def area_collection(
    shapes: Sequence[AreaShape], languages: Sequence[str], people: Mapping[str, int | None] | None = None
) -> bytes:
    """Return a GeoJSON FeatureCollection; names come in the first of `languages` that an area has one in.

    Each feature says its size, `km2`, and its `people` by `people`'s codes: null where nobody knows.
    """
    geometries = [shapely.from_wkb(shape.geometry) for shape in shapes]
    features = [
        _feature(shape, geometry, _properties(shape, whole, geometry, languages, people or {}))
        for shape, whole, geometry in zip(shapes, geometries, _simplified(shapes, geometries), strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _simplified(shapes: Sequence[AreaShape], geometries: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Simplify each level as one coverage; an area that would vanish stays as it is."""
    found = list(geometries)
    for level in {shape.level for shape in shapes}:
        places = [place for place, shape in enumerate(shapes) if shape.level == level]
        polygons = np.array([_polygons(geometries[place]) for place in places])
        drawn = shapely.coverage_simplify(polygons, TOLERANCE.get(level, FINE_TOLERANCE))
        for place, whole, simple in zip(places, polygons, drawn, strict=True):
            found[place] = whole if simple.is_empty else simple
    return found


def _polygons(geometry: BaseGeometry) -> BaseGeometry:
    """Only the surfaces of a geometry, valid."""
    valid = shapely.make_valid(geometry)
    parts = [part for part in shapely.get_parts(valid, return_index=False) if part.geom_type == "Polygon"]
    nested = [part for part in shapely.get_parts(valid) if part.geom_type == "MultiPolygon"]
    return shapely.multipolygons([*parts, *(inner for outer in nested for inner in outer.geoms)])


def _feature(shape: AreaShape, geometry: BaseGeometry, properties: Mapping[str, Any]) -> dict[str, Any]:
    rounded = shapely.transform(geometry, lambda degrees: np.round(degrees, DECIMALS))
    return {
        "type": "Feature",
        "id": shape.code,
        "properties": properties,
        "geometry": orjson.Fragment(shapely.to_geojson(rounded)),
    }


def _properties(
    shape: AreaShape,
    whole: BaseGeometry,
    drawn: BaseGeometry,
    languages: Sequence[str],
    people: Mapping[str, int | None],
) -> dict[str, Any]:
    return {
        "code": shape.code,
        "level": shape.level,
        "name": _name(shape.names, languages),
        "label": _label_point(drawn),
        "km2": float(f"{square_kilometres(whole):.4g}"),
        "people": people.get(shape.code),
    }


def square_kilometres(geometry: BaseGeometry) -> float:
    """Return the size of a surface in degrees on the ellipsoid of WGS 84.

    The cylindrical equal-area projection: x is the longitude, y the surface between equator and latitude.
    Source: Snyder, "Map projections: a working manual", USGS 1987, equation 3-12.
    """

    def equal_area(degrees: Degrees) -> Degrees:
        sine = np.sin(np.radians(degrees[:, 1]))
        bent = ECCENTRICITY * sine
        whole = sine / (1 - bent**2) + np.arctanh(bent) / ECCENTRICITY
        return np.column_stack([np.radians(degrees[:, 0]), (1 - ECCENTRICITY**2) / 2 * whole])

    return float(shapely.area(shapely.transform(geometry, equal_area))) * EQUATOR_KM**2


def _label_point(geometry: BaseGeometry) -> list[float]:
    """Where a name stands: inside the largest part of the area."""
    largest = max(shapely.get_parts(geometry), key=lambda part: part.area, default=geometry)
    x, y = largest.representative_point().coords[0] if not largest.is_empty else (0.0, 0.0)
    return [round(x, DECIMALS), round(y, DECIMALS)]


def _name(names: Mapping[str, str], languages: Sequence[str]) -> str:
    for language in languages:
        if names.get(language):
            return names[language]
    return next((name for name in names.values() if name), "")
