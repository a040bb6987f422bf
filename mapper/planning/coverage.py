"""Coverage: who is reached where, held against the need that the reports and layers tell of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mapper.layers.figures import Reach
from mapper.planning.priority import gap
from mapper.planning.tally import NOTHING, AreaTally

Tallies = Mapping[str | None, AreaTally]


@dataclass(frozen=True)
class Coverage:
    """People reached of those in need in one area, in the sector where the smallest share is reached.

    People cannot be added up over sectors, and one that nobody serves must not hide behind one that many
    do. None: nobody says.
    """

    reached: int | None
    in_need: int | None
    organisations: int  # that work in the area, in any of the chosen sectors


def coverage_of(
    code: str, by_sector: Mapping[str, Tallies], reach: Mapping[tuple[str, str], Reach], living: int | None
) -> Coverage:
    """Return the coverage of an area. `by_sector` are the chosen sectors' figures, `living` its people."""
    organisations: set[str] = set()
    worst: tuple[int | None, int | None] | None = None
    for sector, tallies in by_sector.items():
        at, figures = reach.get((code, sector), Reach()), tallies.get(code, NOTHING)
        organisations |= at.organisations
        here = (at.reached, _need(at, figures, living))
        if figures.verified and (worst is None or gap(*here) > gap(*worst)):
            worst = here
    reached, in_need = worst or (None, living)
    return Coverage(reached, in_need, len(organisations))


def _need(at: Reach, figures: AreaTally, living: int | None) -> int | None:
    """Return how many are in need: as organisations say, else verified reports, else all who live there.

    Reports that name nobody do not say that nobody is in need.
    """
    if at.in_need is not None:
        return at.in_need
    return figures.people_high or living
