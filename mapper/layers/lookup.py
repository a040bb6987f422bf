"""The P-codes of many positions at once, from the areas in force."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from numpy.typing import ArrayLike
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mapper.geography.areas import OUTSIDE, AreaIndex
from mapper.layers.service import areas_of, layers_of

Codes = dict[str, str]


@dataclass
class Found:
    """Where one point lies: codes by level as text, empty outside every area; and whether on a border."""

    codes: Codes
    on_border: bool = False


class AreaCatalogue:
    """All levels of a crisis at one version of its areas, the coarsest first."""

    def __init__(self, levels: list[tuple[int, AreaIndex, dict[str, Codes]]]) -> None:
        self._levels = levels

    def find(self, longitude: ArrayLike, latitude: ArrayLike) -> list[Found]:
        """Return where points in degrees lie.

        The finest area says what lies above it, so that levels agree with each other and a level that is
        not loaded has a code too.
        """
        found = [Found({}) for _ in range(len(longitude))]  # type: ignore[arg-type]
        for level, index, parents in self._levels:
            located = index.locate(longitude, latitude)
            for point, area, on_border in zip(found, located.areas, located.on_border, strict=True):
                if area != OUTSIDE:
                    code = index.codes[area]
                    point.codes |= parents[code] | {str(level): code}
                    point.on_border |= bool(on_border)
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
    levels: list[tuple[int, AreaIndex, dict[str, Codes]]] = []
    known: dict[str, set[str]] = {}
    for layer in layers_of(session, crisis_id):
        areas = areas_of(session, crisis_id, layer.level or 0)
        index = AreaIndex(
            [area.code for area in areas], list(shapely.from_wkb([area.geometry for area in areas]))
        )
        levels.append((layer.level or 0, index, {area.code: _known(area.parents, known) for area in areas}))
        known[str(layer.level or 0)] = set(index.codes)
    return AreaCatalogue(levels)


def _known(parents: Codes, known: dict[str, set[str]]) -> Codes:
    """Leave out codes that the loaded areas of their level do not have: another system's, or older ones."""
    return {level: code for level, code in parents.items() if level not in known or code in known[level]}
