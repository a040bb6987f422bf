"""The sun over a place at a time, to compare with the shadows in a photo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

LOWEST = 2.0  # degrees above the horizon, below which shadows end nowhere


@dataclass(frozen=True)
class Sun:
    """Degrees from north, clockwise, and above the horizon; a shadow's length in heights of its object."""

    at: datetime
    azimuth: float
    elevation: float
    shadow_azimuth: float | None  # None: no shadow, the sun is down or on the horizon
    shadow_length: float | None
    sunrise: datetime | None  # of that day; None where it does not rise
    sunset: datetime | None


def sun_at(longitude: float, latitude: float, at: datetime) -> Sun:
    """Return the sun over a point in degrees (WGS 84) at an aware time, after NOAA's formulas (astral)."""
    from astral import Observer
    from astral.sun import azimuth, elevation

    # astral leaves the poles themselves out of its formulas
    observer = Observer(max(-89.9, min(89.9, latitude)), longitude)
    direction, height = azimuth(observer, at), elevation(observer, at)
    has_shadow = height >= LOWEST
    return Sun(
        at,
        direction % 360,
        height,
        (direction + 180) % 360 if has_shadow else None,
        1 / math.tan(math.radians(height)) if has_shadow else None,
        _edge("sunrise", observer, at),
        _edge("sunset", observer, at),
    )


def _edge(name: str, observer: object, at: datetime) -> datetime | None:
    """Return the sunrise or sunset nearest to a time; None in polar day and night."""
    from astral import sun

    found: list[datetime] = []
    for days in (-1, 0, 1):
        try:
            found.append(getattr(sun, name)(observer, (at + timedelta(days=days)).date(), at.tzinfo))
        except ValueError:
            return None
    return min(found, key=lambda moment: abs(moment - at))
