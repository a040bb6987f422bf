"""The partition of public numbers: one area, one sector, one ISO week; and what each is merged into.

Levels are administrative ones, 0 the country; -1 is the whole crisis. Without areas, H3 cells of
resolution 3 (about 12,400 km², like a province) stand in for level 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from mapper.store.snapshot_format import WHOLE_CRISIS, WHOLE_CRISIS_LEVEL
from mapper.vocabulary.sectors import MULTIPLE

H3_RESOLUTION = 3
H3_LEVEL = 1


class Key(NamedTuple):
    """What one public number is about."""

    area: str
    level: int
    sector: str
    week: str

    @property
    def is_top(self) -> bool:
        """Whether there is nothing to merge this into."""
        return self.level == WHOLE_CRISIS_LEVEL and self.sector == MULTIPLE


@dataclass(frozen=True)
class Partition:
    """The areas of one crisis that may be shown. `parents` leads from a code to the next level's, upward."""

    level: int
    levels: Mapping[str, int] = field(default_factory=dict)  # of each area that may be shown
    parents: Mapping[str, str] = field(default_factory=dict)
    by_cell: bool = False  # no areas are loaded: H3 cells

    def area_of(self, area_codes: Mapping[str, str] | None, lon: float | None, lat: float | None) -> str:
        """Return the area that counts an incident: the finest that may be shown, else the whole crisis."""
        if self.by_cell:
            return _h3_cell(lon, lat) if lon is not None and lat is not None else WHOLE_CRISIS
        for level in range(self.level, -1, -1):
            code = (area_codes or {}).get(str(level))
            if code is not None and self.level_of(code) == level:
                return code
        return WHOLE_CRISIS

    def level_of(self, area: str) -> int | None:
        """Return an area's level, or None where it is not of this partition."""
        if area == WHOLE_CRISIS:
            return WHOLE_CRISIS_LEVEL
        if self.by_cell:
            return H3_LEVEL if _is_h3(area) else None
        return self.levels.get(area)

    def keys(self, area: str, sector: str, week: str) -> tuple[Key, ...]:
        """Return where incidents of an area, sector and week may be counted, the finest first.

        Sectors are joined before areas: a map of where is worth more than a table of what.
        """
        found = []
        place: str | None = area
        while place is not None:
            level = self.level_of(place)
            if level is None:
                break
            found += [Key(place, level, name, week) for name in dict.fromkeys((sector, MULTIPLE))]
            place = None if place == WHOLE_CRISIS else self.parents.get(place, WHOLE_CRISIS)
        if found and found[-1].is_top:
            return tuple(found)
        return (*found, *self.keys(WHOLE_CRISIS, sector, week))

    def after(self, key: Key) -> tuple[Key, ...]:
        """Return what a row is merged into, the nearest first; nothing for the top."""
        return tuple(other for other in self.keys(key.area, key.sector, key.week) if other != key)


def week_of(moment: datetime) -> str:
    """Return the ISO week of a moment in UTC, such as 2026-W07."""
    year, week, _day = moment.astimezone(UTC).isocalendar()
    return f"{year:04d}-W{week:02d}"


def _h3_cell(lon: float, lat: float) -> str:
    import h3

    return str(h3.latlng_to_cell(lat, lon, H3_RESOLUTION))


def _is_h3(code: str) -> bool:
    import h3

    return bool(h3.is_valid_cell(code))
