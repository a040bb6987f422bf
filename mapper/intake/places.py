"""Where a row says it happened: degrees put right where the crisis' box tells, or nothing and the reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapper.files.numbers import LATITUDE, LONGITUDE, Coordinate, parse_coordinate, parse_position
from mapper.geography.positions import is_on_earth
from mapper.store.tables import Crisis

MOST_GIVEN_INSIDE = 0.2  # with more than this share inside the box as given, a file's axes are not swapped

Degrees = tuple[float, float]  # longitude, latitude


@dataclass(frozen=True)
class Position:
    """Degrees as they are kept, or nothing; `flag` as in `reports.position_flag`."""

    longitude: float | None = None
    latitude: float | None = None
    flag: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether there are degrees."""
        return self.longitude is not None


UNUSABLE = Position(flag="unusable")
NULL_ISLAND = Position(flag="null_island")


def degrees_of(values: Mapping[str, str]) -> Degrees | None:
    """Return longitude, latitude of a row's fields as given, on Earth or not; None where they cannot be read.

    Directions win over headings: 73°O in the latitude's column is a longitude.
    """
    latitude, longitude = values.get("latitude", ""), values.get("longitude", "")
    if found := parse_position(values.get("position", "")):
        return found
    north, east = parse_coordinate(latitude), parse_coordinate(longitude)
    if north is None or east is None:  # one cell of the two may hold both degrees
        return parse_position(latitude) or parse_position(longitude)
    if north.axis == LONGITUDE and east.axis in (LATITUDE, None):
        north, east = east, north
    return None if _contradict(north, east) else (east.degrees, north.degrees)


def _contradict(north: Coordinate, east: Coordinate) -> bool:
    return north.axis == LONGITUDE or east.axis == LATITUDE


def is_given(values: Mapping[str, str]) -> bool:
    """Whether a row's fields say anything of a position."""
    return any(values.get(name) for name in ("position", "latitude", "longitude"))


class AxesCount:
    """Counts how many of a file's positions lie in the crisis' box as given, and with the axes swapped."""

    def __init__(self, crisis: Crisis) -> None:
        self._crisis = crisis
        self.seen = self.given = self.swapped = 0

    def see_many(self, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> None:
        """Take degrees into account; NaN where a row has none."""
        box = self._crisis
        self.seen += int(np.count_nonzero(np.isfinite(longitude) & np.isfinite(latitude)))
        self.given += int(np.count_nonzero(are_inside(box, longitude, latitude)))
        self.swapped += int(np.count_nonzero(are_inside(box, latitude, longitude)))

    @property
    def are_swapped(self) -> bool:
        """Whether the whole file has latitude and longitude the wrong way round."""
        return self.swapped > self.given and self.given <= MOST_GIVEN_INSIDE * self.seen


def place(crisis: Crisis, degrees: Degrees | None, axes_swapped: bool) -> Position:
    """Return degrees as they are kept: what lies in the box only with its axes swapped is put right."""
    if degrees is None or not all(map(math.isfinite, degrees)):
        return UNUSABLE
    longitude, latitude = degrees
    if longitude == latitude == 0 and not is_inside(crisis, 0, 0):
        return NULL_ISLAND
    given, other = Position(longitude, latitude), Position(latitude, longitude, "swapped")
    ways = (other, given) if axes_swapped else (given, other)
    for way in ways:
        if is_inside(crisis, way.longitude or 0.0, way.latitude or 0.0):
            return way
    # Outside the box nothing tells the axes but the rest of the file.
    longitude, latitude = (latitude, longitude) if axes_swapped else (longitude, latitude)
    return Position(longitude, latitude, "outside_bbox") if is_on_earth(longitude, latitude) else UNUSABLE


def is_inside(crisis: Crisis, longitude: float, latitude: float) -> bool:
    """Whether degrees lie in the crisis' box."""
    return crisis.west <= longitude <= crisis.east and crisis.south <= latitude <= crisis.north


def are_inside(
    crisis: Crisis, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return for each position whether it lies in the crisis' box; NaN does not."""
    inside: NDArray[np.bool_] = (crisis.west <= longitude) & (longitude <= crisis.east)
    return inside & (crisis.south <= latitude) & (latitude <= crisis.north)
