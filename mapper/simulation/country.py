"""An invented island: outline, provinces and districts, all from one seed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import MultiPoint, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from mapper.simulation.names import COUNT, name_of

OUTLINE_POINTS = 72
PROVINCES = 5
DISTRICTS = 4  # in each province


@dataclass(frozen=True)
class District:
    """An area of level 2 with the area of level 1 that holds it."""

    code: str
    name: str
    province_code: str
    province_name: str
    shape: BaseGeometry


def invent_districts(
    rng: random.Random, bbox: tuple[float, float, float, float], prefix: str
) -> list[District]:
    """Return the districts of an island inside the box (west, south, east, north, degrees)."""
    island = _outline(rng, bbox)
    districts = []
    for number, province in enumerate(_divide(rng, island, PROVINCES), start=1):
        province_code, province_name = f"{prefix}{number:02d}", name_of(rng.randrange(COUNT))
        for inner, shape in enumerate(_divide(rng, province, DISTRICTS), start=1):
            code = f"{province_code}{inner:02d}"
            districts.append(
                District(code, name_of(rng.randrange(COUNT)), province_code, province_name, shape)
            )
    return districts


def as_boundaries(districts: list[District], level: int) -> dict[str, Any]:
    """Return the areas of level 1 or 2 as a GeoJSON FeatureCollection with COD-AB columns."""
    if level == 2:
        return _collection(
            {
                "ADM2_EN": district.name,
                "ADM2_PCODE": district.code,
                "ADM1_EN": district.province_name,
                "ADM1_PCODE": district.province_code,
            }
            | {"geometry": district.shape}
            for district in districts
        )
    provinces: dict[str, list[District]] = {}
    for district in districts:
        provinces.setdefault(district.province_code, []).append(district)
    return _collection(
        {
            "ADM1_EN": members[0].province_name,
            "ADM1_PCODE": code,
            "geometry": shapely.unary_union([member.shape for member in members]),
        }
        for code, members in provinces.items()
    )


def _outline(rng: random.Random, bbox: tuple[float, float, float, float]) -> Polygon:
    west, south, east, north = bbox
    middle = ((west + east) / 2, (south + north) / 2)
    waves = [(rng.randint(2, 9), rng.uniform(0, 2 * math.pi), rng.uniform(0.02, 0.07)) for _ in range(6)]
    ring = []
    for step in range(OUTLINE_POINTS):
        angle = 2 * math.pi * step / OUTLINE_POINTS
        reach = 0.72 + sum(size * math.sin(times * angle + shift) for times, shift, size in waves)
        x = middle[0] + reach * math.cos(angle) * (east - west) / 2
        y = middle[1] + reach * math.sin(angle) * (north - south) / 2
        ring.append((round(x, 5), round(y, 5)))
    return shapely.make_valid(Polygon(ring)).buffer(0)


def _divide(rng: random.Random, land: BaseGeometry, count: int) -> list[BaseGeometry]:
    """Return the cells of a Voronoi diagram cut to the land, from west to east."""
    west, south, east, north = land.bounds
    seeds: list[Point] = []
    while len(seeds) < count:
        point = Point(rng.uniform(west, east), rng.uniform(south, north))
        if land.contains(point):
            seeds.append(point)
    cells = shapely.voronoi_polygons(MultiPoint(seeds), extend_to=land.envelope).geoms
    parts = [shapely.intersection(cell, land, grid_size=1e-6) for cell in cells]
    return sorted((part for part in parts if not part.is_empty), key=lambda part: part.centroid.x)


def _collection(rows: Any) -> dict[str, Any]:
    features = [
        {"type": "Feature", "geometry": mapping(row.pop("geometry")), "properties": row}
        for row in map(dict, rows)
    ]
    return {"type": "FeatureCollection", "features": features}
