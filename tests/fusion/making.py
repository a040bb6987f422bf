"""Short ways to make traits for tests."""

from __future__ import annotations

from math import nan
from typing import Any

from mapper.fusion.traits import Traits, category_codes
from mapper.fusion.words import names_of, numbers_of, words_of
from mapper.vocabulary.assets import match_category

METRE = 1 / 111_195  # degrees of latitude


def report(
    name: str,
    text: str = "",
    east_m: float = 0.0,
    north_m: float = 0.0,
    hours: float = 0.0,
    category: str = "",
    place: str = "",
    **more: Any,
) -> Traits:
    """A report near 0° N, 30° E, where metres east and north are equal degrees."""
    kind, sector = category_codes(*match_category(category), category)
    given = {
        "report": name,
        "at": hours,
        "until": hours,
        "lon": 30.00123456 + east_m * METRE,
        "lat": 0.00123456 + north_m * METRE,
        "kind": kind,
        "sector": sector,
        "words": words_of(text),
        "place": words_of(place),
        "names": names_of(place),
        "address": numbers_of(place),
    }
    return Traits(**(given | more))


def unlocated(name: str, text: str = "", hours: float = 0.0, place: str = "", **more: Any) -> Traits:
    """A report whose sender gave no position."""
    return report(name, text, hours=hours, place=place, lon=nan, lat=nan, **more)
