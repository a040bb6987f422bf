"""An invented country as it was before: towns with people and streets, roads, and what serves them.

It stands on the crisis' loaded boundaries, or on an invented island where none are loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mapper.geography.positions import EARTH_RADIUS_M
from mapper.simulation.chance import Chance, Floats, Numbers
from mapper.simulation.names import COUNT, name_of
from mapper.simulation.voices import ASSETS

FEWEST_TOWNS, MOST_TOWNS = 24, 6_000
INCIDENTS_A_TOWN, PEOPLE_AN_INCIDENT = 120, 40
FEWEST_PEOPLE, MOST_PEOPLE = 250_000, 40_000_000
STREETS = 60  # in each town
ROADS = 3  # that leave a town, at most
# How many people one facility serves; what is not listed here is not on any list (houses, shops, roads).
PEOPLE_SERVED = {
    "school": 2_500,
    "university": 180_000,
    "hospital": 60_000,
    "clinic": 12_000,
    "bridge": 15_000,
    "water_supply": 25_000,
    "sewer": 60_000,
    "power_plant": 400_000,
    "substation": 30_000,
    "telecom_site": 8_000,
    "market": 10_000,
    "religious_site": 5_000,
    "government_building": 30_000,
    "warehouse": 25_000,
    "factory": 30_000,
}


@dataclass(frozen=True)
class Place:
    """An area that people know by a code and a name, of an admin level."""

    code: str
    name: str
    shape: BaseGeometry
    level: int


@dataclass(frozen=True)
class Facilities:
    """Facilities by asset and town: those of one asset in one town are `first` to `first + count`."""

    asset: Numbers
    town: Numbers
    longitude: Floats
    latitude: Floats
    street: Numbers
    house: Numbers
    first: Numbers  # [asset, town]
    count: Numbers  # [asset, town]


@dataclass(frozen=True)
class World:
    """Everything that stands before the story begins; towns are the largest first, positions in degrees."""

    land: BaseGeometry
    places: Sequence[Place]
    name: Numbers  # numbers of `names`
    longitude: Floats
    latitude: Floats
    population: Floats
    spread_m: Floats  # standard deviation of the houses' distance from the middle
    reach_m: Floats  # no house of the town lies farther out
    place: Numbers  # the area each town lies in; -1 for none
    roads: Numbers  # pairs of towns
    neighbours: Numbers  # [town, ROADS]: where its roads lead; the town itself where there are fewer
    facilities: Facilities

    def town_name(self, town: int) -> str:
        """Return what a town is called, in Latin letters."""
        return name_of(int(self.name[town]))


def build_world(places: Sequence[Place], seed: int, incidents: int, mask: BaseGeometry) -> World:
    """Return the country on some areas, cut to `mask`; it grows with the story's number of incidents."""
    chance = Chance(seed)
    land = shapely.unary_union([place.shape for place in places]).intersection(mask)
    count = int(np.clip(incidents // INCIDENTS_A_TOWN, FEWEST_TOWNS, MOST_TOWNS))
    points, inland_m = _sites(land, seed, count)
    population = _population(count, incidents)
    spread = 6.0 * np.sqrt(population)  # some 4,400 people a square kilometre
    towns = np.arange(count)
    roads = _roads(points, land)
    reach = np.minimum(2.5 * spread, 0.95 * inland_m)
    return World(
        land=land,
        places=places,
        name=_distinct_names(chance, count),
        longitude=shapely.get_x(points),
        latitude=shapely.get_y(points),
        population=population,
        spread_m=spread,
        reach_m=reach,
        place=_place_of(points, places),
        roads=roads,
        neighbours=_neighbours(roads, count),
        facilities=_facilities(chance, towns, points, population, spread, reach),
    )


def around(
    chance: Chance,
    draw: str,
    numbers: Numbers,
    longitude: Floats,
    latitude: Floats,
    spread: Floats,
    reach: Floats,
) -> tuple[Floats, Floats]:
    """Return positions scattered about others, in metres, and never farther out than `reach`."""
    spread = np.maximum(spread, 1e-9)
    within = -np.expm1(-0.5 * (reach / spread) ** 2)
    far = spread * np.sqrt(-2 * np.log1p(-within * chance.uniform(draw + " far", numbers)))
    angle = 2 * np.pi * chance.uniform(draw + " angle", numbers)
    return moved(longitude, latitude, far * np.cos(angle), far * np.sin(angle))


def moved(longitude: Floats, latitude: Floats, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """Return positions moved by metres."""
    north = np.degrees(north_m / EARTH_RADIUS_M)
    east = np.degrees(east_m / EARTH_RADIUS_M) / np.maximum(0.01, np.cos(np.radians(latitude)))
    return longitude + east, latitude + north


def _sites(land: BaseGeometry, seed: int, count: int) -> tuple[Any, Floats]:
    """Return points on the land and how many metres at least they lie from its edge; inland ones first."""
    rng = np.random.default_rng((seed, 0))
    west, south, east, north = land.bounds
    shapely.prepare(land)
    found: list[Any] = []
    while sum(map(len, found)) < 3 * count:
        x, y = rng.uniform(west, east, 4 * count), rng.uniform(south, north, 4 * count)
        inside = shapely.contains_xy(land, x, y)
        found.append(shapely.points(x[inside], y[inside]))
    points = np.concatenate(found)[: 3 * count]
    degrees = shapely.distance(points, land.boundary)
    metres = np.radians(degrees) * EARTH_RADIUS_M * np.cos(np.radians(shapely.get_y(points)))
    order = np.argsort(metres < np.minimum(2_000, np.median(metres)), kind="stable")[:count]
    return points[order], metres[order]


def _population(count: int, incidents: int) -> Floats:
    """Sizes after Zipf's law: the second town has half the people of the first."""
    people = float(np.clip(incidents * PEOPLE_AN_INCIDENT, FEWEST_PEOPLE, MOST_PEOPLE))
    weights = 1 / np.arange(1, count + 1)
    return np.asarray(np.maximum(200.0, np.round(people * weights / weights.sum())))


def _distinct_names(chance: Chance, count: int) -> Numbers:
    order = np.argsort(chance.bits("town name", np.arange(COUNT)), kind="stable")
    return np.asarray(order[np.arange(count) % COUNT] + np.arange(count) // COUNT * COUNT)


def _place_of(points: Any, places: Sequence[Place]) -> Numbers:
    tree = shapely.STRtree([place.shape for place in places])
    inside, place = tree.query(points, predicate="within")
    found = np.full(len(points), -1, dtype=np.int64)
    found[inside[::-1]] = place[::-1]
    return found


def _roads(points: Any, land: BaseGeometry) -> Numbers:
    """Return the pairs of neighbouring towns that a straight road on land can join, the shortest first."""
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(points), only_edges=True))
    if not len(triangles):
        return np.zeros((0, 2), dtype=np.int64)
    triangles = triangles[shapely.covers(land, triangles)]
    triangles = triangles[np.argsort(shapely.length(triangles), kind="stable")]
    place = {(x, y): town for town, (x, y) in enumerate(shapely.get_coordinates(points).tolist())}
    ends = shapely.get_coordinates(triangles).reshape(-1, 2, 2).tolist()
    return np.array([(place[tuple(a)], place[tuple(b)]) for a, b in ends], dtype=np.int64).reshape(-1, 2)


def _neighbours(roads: Numbers, count: int) -> Numbers:
    neighbours = np.tile(np.arange(count)[:, None], (1, ROADS))
    used = np.zeros(count, dtype=np.int64)
    for one, other in roads.tolist():
        for here, there in ((one, other), (other, one)):
            if used[here] < ROADS:
                neighbours[here, used[here]] = there
                used[here] += 1
    return neighbours


def _facilities(
    chance: Chance, towns: Numbers, points: Any, population: Floats, spread: Floats, reach: Floats
) -> Facilities:
    count = np.zeros((len(ASSETS), len(towns)), dtype=np.int64)
    for asset, served in PEOPLE_SERVED.items():
        row = ASSETS.index(asset)
        wanted = population / served
        count[row] = np.floor(wanted + chance.uniform(f"count of {asset}", towns))
    first = np.concatenate([[0], np.cumsum(count.ravel())[:-1]]).reshape(count.shape)
    numbers = np.arange(count.sum())
    cell = np.repeat(np.arange(count.size), count.ravel())
    town = cell % len(towns)
    x, y = shapely.get_x(points), shapely.get_y(points)
    longitude, latitude = around(chance, "facility", numbers, x[town], y[town], spread[town], reach[town])
    return Facilities(
        asset=cell // len(towns),
        town=town,
        longitude=np.round(longitude, 6),
        latitude=np.round(latitude, 6),
        street=chance.below("facility street", numbers, STREETS),
        house=chance.below("facility house", numbers, 1 << 20),
        first=first,
        count=count,
    )
