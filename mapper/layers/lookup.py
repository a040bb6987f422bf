"""The P-codes of many positions at once, from the areas in force."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from numpy.typing import ArrayLike
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mapper.geography.areas import OUTSIDE, AreaIndex
from mapper.layers.service import areas_of, layers_of

Codes = dict[str, str]


class AreaCatalogue:
    """All levels of a crisis at one version of its areas."""

    def __init__(self, levels: list[tuple[int, AreaIndex, dict[str, Codes]]]) -> None:
        self._levels = levels

    def codes_of(self, longitude: ArrayLike, latitude: ArrayLike) -> Sequence[Codes]:
        """Return for each point its code by level (as text); empty where it lies in no area.

        A level that is not loaded takes its code from the columns of a finer one that is.
        """
        found: list[Codes] = [{} for _ in range(len(longitude))]  # type: ignore[arg-type]
        for level, index, parents in self._levels:
            for number, area in enumerate(index.lookup(longitude, latitude)):
                if area != OUTSIDE:
                    code = index.codes[area]
                    found[number] = parents[code] | found[number] | {str(level): code}
        return found


def catalogue(session: Session, engine: Engine, crisis_id: int, areas_version: int) -> AreaCatalogue:
    """Return the crisis' catalogue, built once per version and process."""
    key = (str(engine.url), crisis_id, areas_version)
    if key not in _cache:
        while len(_cache) >= MOST_CACHED:
            _cache.pop(next(iter(_cache)))
        _cache[key] = _build(session, crisis_id)
    return _cache[key]


MOST_CACHED = 4
_cache: dict[tuple[str, int, int], AreaCatalogue] = {}


def _build(session: Session, crisis_id: int) -> AreaCatalogue:
    levels = []
    for layer in layers_of(session, crisis_id):
        areas = areas_of(session, crisis_id, layer.level or 0)
        index = AreaIndex(
            [area.code for area in areas], list(shapely.from_wkb([area.geometry for area in areas]))
        )
        levels.append((layer.level or 0, index, {area.code: area.parents for area in areas}))
    return AreaCatalogue(levels)
