"""The plan: areas of one level in one sector, ranked, with everything that the ranking was made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mapper.layers.figures import Population, population_of, reach_of
from mapper.layers.service import areas_of, layers_of
from mapper.planning.coverage import Coverage, coverage_of
from mapper.planning.priority import Basis, Priority, rank
from mapper.planning.tally import LEVELS, NOTHING, AreaTally, blocked_ways, tally
from mapper.publication.gate import Seen
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.vocabulary.sectors import SECTORS

USUAL_LEVEL = 2  # districts: fine enough to send somebody to


@dataclass(frozen=True)
class PlannedArea:
    """One area: its figures, its layers' figures and, where anything is verified, its priority."""

    code: str
    names: Mapping[str, str]
    tally: AreaTally
    blocked: int
    people: int | None
    coverage: Coverage
    priority: Priority | None = None


@dataclass(frozen=True)
class Plan:
    """The areas of a level in a sector (None: all), in three groups, and where the figures come from."""

    level: int
    levels: Sequence[int]
    sector: str | None
    ranked: Sequence[PlannedArea]
    waiting: Sequence[PlannedArea]  # reports, but nothing verified
    silent: Sequence[PlannedArea]  # no reports: not known, never no damage
    placeless: AreaTally  # what lies in no area of the level
    population: Population | None
    activities: Sequence[str]  # names of the layers
    boundaries: str  # version of the areas
    data_until: datetime | None

    @property
    def everything(self) -> Sequence[PlannedArea]:
        """The areas of all groups, in the order in which they are shown."""
        return (*self.ranked, *self.waiting, *self.silent)

    @property
    def verified(self) -> int:
        """How many incidents of the sector are verified, in an area or not."""
        return self.placeless.verified + sum(area.tally.verified for area in self.everything)

    @property
    def unverified(self) -> int:
        """How many incidents of the sector wait to be verified, in an area or not."""
        return self.placeless.waiting + sum(area.tally.waiting for area in self.everything)


def usual_level(levels: Sequence[int]) -> int:
    """Return the level that is shown first: districts, or what comes nearest among those loaded."""
    return min(levels, key=lambda level: (abs(level - USUAL_LEVEL), level), default=1)


def make_plan(store: Store, crisis: Crisis, found: Seen, level: int | None, sector: str | None) -> Plan:
    """Return the plan of what the internal audience sees; areas are missing where none are loaded."""
    with store.read() as session:
        layers = {layer.level: layer for layer in layers_of(session, crisis.id) if layer.level in LEVELS}
        levels = sorted(item for item in layers if item is not None)
        level = level if level in levels else usual_level(levels)
        areas = areas_of(session, crisis.id, level, with_geometry=False)
        population = population_of(session, crisis.id, level)
        activities, reach = reach_of(session, crisis.id, level)
    figures, blocked = tally(found.rows, level, sector), blocked_ways(found.rows, level)
    by_sector = {code: tally(found.rows, level, code) for code in ([sector] if sector else SECTORS)}
    people = population.people if population else {}
    planned = [
        PlannedArea(
            code=area.code,
            names=area.names,
            tally=figures.get(area.code, NOTHING),
            blocked=blocked.get(area.code, 0),
            people=people.get(area.code),
            coverage=coverage_of(area.code, by_sector, reach, people.get(area.code)),
        )
        for area in areas
    ]
    return Plan(
        level=level,
        levels=levels,
        sector=sector,
        ranked=_ranked(planned),
        waiting=_by_people(area for area in planned if not area.tally.verified and not area.tally.is_silent),
        silent=_by_people(area for area in planned if area.tally.is_silent),
        placeless=figures.get(None, NOTHING),
        population=population,
        activities=[layer.name for layer in activities],
        boundaries=layers[level].version_label if level in layers else "",
        data_until=found.snapshot.data_until if found.snapshot else None,
    )


def _ranked(planned: Iterable[PlannedArea]) -> list[PlannedArea]:
    damaged = {area.code: area for area in planned if area.tally.verified}
    priorities = rank([_basis(area) for area in damaged.values()])
    return [replace(damaged[item.code], priority=item) for item in priorities]


def _basis(area: PlannedArea) -> Basis:
    figures = area.tally
    return Basis(
        code=area.code,
        incidents=figures.verified,
        grades_low=figures.grades_low,
        grades_high=figures.grades_high,
        unknown=figures.unknown,
        people=area.people,
        reached=area.coverage.reached,
        in_need=area.coverage.in_need,
    )


def _by_people(areas: Iterable[PlannedArea]) -> list[PlannedArea]:
    """Return areas with the most reports that wait first, then with the most people; the unknown lead."""
    return sorted(
        areas,
        key=lambda area: (
            -area.tally.waiting - area.tally.overridden,
            area.people is not None,
            -(area.people or 0),
            area.code,
        ),
    )
