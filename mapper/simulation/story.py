"""One story from its plan: the world, the truth in it, and its reports in the order of being sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from mapper.simulation.chance import Chance, Numbers
from mapper.simulation.letters import Letters, Scribe
from mapper.simulation.rhythm import DAY, shocks, strikes
from mapper.simulation.telling import MOST_REPORTS, Tellers
from mapper.simulation.truth import Truth
from mapper.simulation.world import Place, World, build_world

HISTORY = timedelta(weeks=6)
PORTION = 131_072  # incidents whose reports are dated at once
BATCH = 32_768  # reports that are written at once
DAY_BATCH = 1_000  # reports that are handed over at once, when a story is lived through
_MOMENT_BIT = 40  # of a key in the order: above it the moment, below it the report's number
_PLACE_BITS = MOST_REPORTS.bit_length() - 1


@dataclass(frozen=True)
class Plan:
    """What to tell. Equal plans on equal places give equal stories.

    The story begins at `start` and lasts six weeks; what is sent after `until` is left out. `spoken` are
    language codes, `box` is west, south, east, north in degrees.
    """

    incidents: int
    reports_per_incident: float
    seed: int
    start: datetime
    until: datetime
    mode: str
    timezone: str
    box: tuple[float, float, float, float]
    spoken: tuple[str, ...]

    @classmethod
    def ending(cls, until: datetime, **given: object) -> Plan:
        """Return the plan of a story that is told whole, up to a moment."""
        return cls(start=until - HISTORY, until=until, **given)  # type: ignore[arg-type]


class Story:
    """Everything that follows from a plan and the places it happens in."""

    def __init__(self, plan: Plan, places: Sequence[Place]) -> None:
        self.plan = plan
        horizon_s = int(HISTORY.total_seconds())
        chance = Chance(plan.seed)
        self.world: World = build_world(places, plan.seed, plan.incidents, shapely.box(*plan.box))
        is_conflict = plan.mode == "conflict"
        events = (
            strikes(self.world, plan.seed, horizon_s, _midnight_s(plan))
            if is_conflict
            else shocks(self.world, plan.seed, horizon_s)
        )
        self.truth = Truth(self.world, events, chance, plan.incidents, horizon_s, is_conflict)
        self.tellers = Tellers(self.truth, chance, plan.reports_per_incident, plan.box)
        self._scribe = Scribe(self.world, chance, plan.spoken)

    def __len__(self) -> int:
        return len(self._order)

    @property
    def start_s(self) -> int:
        """Seconds since 1970 at which the story begins."""
        return int(self.plan.start.astimezone(UTC).timestamp())

    def letters(self, batch: int = BATCH, first: int = 0, end: int | None = None) -> Iterator[Letters]:
        """Yield the reports in the order in which they are sent, `batch` at a time, from `first` to `end`."""
        end = len(self) if end is None else end
        for begin in range(first, end, batch):
            reports = self._order[begin : min(end, begin + batch)] & np.uint64((1 << _MOMENT_BIT) - 1)
            yield self._scribe.write(self.tellers.tell(reports.astype(np.int64)))

    def days(self, batch: int = DAY_BATCH) -> Iterator[tuple[datetime, Iterator[Letters]]]:
        """Yield the end of each day up to `until`, with what was sent in it."""
        first, moment = 0, self.plan.start
        while moment < self.plan.until:
            moment = min(moment + timedelta(days=1), self.plan.until)
            reached = int((moment - self.plan.start).total_seconds()) + (moment == self.plan.until)
            end = int(np.searchsorted(self._order, np.uint64(reached << _MOMENT_BIT)))
            yield moment, self.letters(batch, first, end)
            first = end

    @cached_property
    def _order(self) -> Numbers:
        """Return the reports' moments (from bit _MOMENT_BIT) and numbers, sorted: eight bytes a report."""
        last = self.truth.incidents + self.truth.campaigns
        until_s = int((self.plan.until - self.plan.start).total_seconds())
        parts = []
        for begin in range(0, last, PORTION):
            incidents = np.arange(begin, min(last, begin + PORTION))
            counts = self.tellers.counts(incidents)
            place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            reports = (np.repeat(incidents, counts) << _PLACE_BITS) + place
            said = self.tellers.said(reports)
            keys = (said.astype(np.uint64) << np.uint64(_MOMENT_BIT)) | reports.astype(np.uint64)
            parts.append(keys[said <= until_s])
        order = np.concatenate(parts)
        order.sort()
        return order


def _midnight_s(plan: Plan) -> int:
    """Return seconds from the start to the first local midnight."""
    local = plan.start.astimezone(ZoneInfo(plan.timezone))
    return DAY - (local.hour * 3_600 + local.minute * 60 + local.second)
