"""Web Mercator (EPSG:3857) in metres and back, by the formulas of EPSG guidance note 7-2, method 1024."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

RADIUS_M = 6_378_137.0
HALF_M = np.pi * RADIUS_M
MAX_LATITUDE = 85.051128779806604  # where the square ends

Degrees = npt.NDArray[np.float64]


def to_metres(positions: npt.NDArray[Any]) -> Degrees:
    """Return longitude, latitude in degrees, shape (n, 2), as easting, northing in metres."""
    longitude, latitude = positions[:, 0], np.clip(positions[:, 1], -MAX_LATITUDE, MAX_LATITUDE)
    northing = RADIUS_M * np.log(np.tan(np.pi / 4 + np.radians(latitude) / 2))
    return np.column_stack([RADIUS_M * np.radians(longitude), northing])


def to_degrees(easting: float, northing: float) -> tuple[float, float]:
    """Return longitude, latitude in degrees of metres."""
    latitude = 2 * np.arctan(np.exp(northing / RADIUS_M)) - np.pi / 2
    return float(np.degrees(easting / RADIUS_M)), float(np.degrees(latitude))
