"""Positions: degrees, WGS 84, longitude before latitude; kept as whole 1e-7 degrees (about 1 cm)."""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
E7 = 10_000_000


def to_e7(degrees: float) -> int:
    """Return degrees as whole 1e-7 degrees, rounded to the nearest."""
    return round(degrees * E7)


def from_e7(whole: int) -> float:
    """Return whole 1e-7 degrees as degrees."""
    return whole / E7


def is_on_earth(longitude: float, latitude: float) -> bool:
    """Whether both are finite degrees within -180..180 and -90..90."""
    return (
        math.isfinite(longitude) and math.isfinite(latitude) and abs(longitude) <= 180 and abs(latitude) <= 90
    )


def distance_m(longitude_1: float, latitude_1: float, longitude_2: float, latitude_2: float) -> float:
    """Return the great-circle distance in metres (haversine, on the mean sphere: error below 0.6%)."""
    phi_1, phi_2 = math.radians(latitude_1), math.radians(latitude_2)
    half_latitude = (phi_2 - phi_1) / 2
    half_longitude = math.radians(longitude_2 - longitude_1) / 2
    chord = math.sin(half_latitude) ** 2 + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_longitude) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def degrees_around(latitude: float, metres: float) -> tuple[float, float]:
    """Return how many degrees of longitude and latitude `metres` span at a latitude."""
    of_latitude = math.degrees(metres / EARTH_RADIUS_M)
    of_longitude = min(180.0, of_latitude / max(1e-6, math.cos(math.radians(min(89.9, abs(latitude))))))
    return of_longitude, of_latitude
