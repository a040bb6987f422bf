"""Neighbourhood: all that could change when new reports arrive, and no more.

Starting from the new reports, it takes in whoever is likely of the same damage, whoever sits in one
incident with those, and so on until nobody is added: only such a closed part can be grouped by itself
with the result that grouping everything would have. In a hot spot the part grows too large; then it
stays open, and new reports only join what is there (`regrouping.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.orm import Session

from mapper.fusion.blocking import KeyRow, Window, count_texts, find, known_texts
from mapper.fusion.candidates import is_candidate, strongest
from mapper.fusion.centroids import FEWEST_ON_POINT, USUAL_IN_CELL, Surroundings, step, surroundings
from mapper.fusion.linkage import Linkage
from mapper.fusion.members import Member, Members
from mapper.fusion.seats import Seat, incidents_of, seats_in
from mapper.fusion.traits import TraitTable, tabulate

MOST_EXPANDED = 1_000  # reports whose surroundings are looked at for one batch
PAIRS_AT_ONCE = 400_000
LAST = 2**63 - 1


@dataclass
class Neighbourhood:
    """Members by id, where they sit, and the likely pairs among those that were looked at.

    `doubtful` pairs are not likely enough to join, but a person may have to judge them.
    """

    new: list[Member]
    crowds: Crowds
    members: dict[uuid.UUID, Member]
    seats: dict[uuid.UUID, Seat] = field(default_factory=dict)
    pairs: dict[tuple[uuid.UUID, uuid.UUID], float] = field(default_factory=dict)
    doubtful: dict[tuple[uuid.UUID, uuid.UUID], float] = field(default_factory=dict)
    expanded: set[uuid.UUID] = field(default_factory=set)


class Crowds:
    """How many different texts crowd the points and cells of reports, those that arrive now included."""

    def __init__(self, session: Session, crisis_id: int, new: Sequence[Member] = ()) -> None:
        self._session, self._crisis_id = session, crisis_id
        self._known: dict[int, int] = {}
        crowding = [member.crowding for member in new if member.crowding]
        self._points = self._unknown({KeyRow(item.point, item.text) for item in crowding})
        self._cells = self._unknown({KeyRow(item.cell, item.text) for item in crowding})

    def table(self, members: Sequence[Member]) -> TraitTable:
        """Return the reports as a table, with accuracies and crowds as their surroundings betray them."""
        around = self.around(members)
        return tabulate([member.traits for member in members], around.accuracy_m, around.crowd)

    def around(self, members: Sequence[Member]) -> Surroundings:
        """Return the surroundings of each report."""
        found = [member.crowding for member in members]
        self._look_up({key for item in found if item for key in (item.point, item.cell)})
        on_point = [self._count(item.point, self._points) if item else 0 for item in found]
        in_cell = [self._count(item.cell, self._cells) if item else 0 for item in found]
        return surroundings([member.traits for member in members], on_point, in_cell)

    def grown(self) -> list[int]:
        """Return the keys at which what arrives now takes a crowd to the next step."""
        self._look_up(self._points.keys() | self._cells.keys())
        return [
            key
            for arriving, least in ((self._points, FEWEST_ON_POINT), (self._cells, USUAL_IN_CELL))
            for key, texts in arriving.items()
            if step(self._known[key], least) != step(self._known[key] + len(texts), least)
        ]

    def _count(self, key: int, arriving: dict[int, set[int]]) -> int:
        return self._known[key] + len(arriving.get(key, ()))

    def _look_up(self, keys: Collection[int]) -> None:
        missing = [key for key in keys if key not in self._known]
        self._known |= dict.fromkeys(missing, 0)
        self._known |= count_texts(self._session, self._crisis_id, missing)

    def _unknown(self, rows: set[KeyRow]) -> dict[int, set[int]]:
        arriving: dict[int, set[int]] = {}
        for row in rows - known_texts(self._session, self._crisis_id, sorted(rows)):
            arriving.setdefault(row.key, set()).add(row.value)
        return arriving


class Grower:
    """Grows neighbourhoods in one reading session of one crisis."""

    def __init__(self, session: Session, crisis_id: int, members: Members, linkage: Linkage) -> None:
        self._session, self._crisis_id = session, crisis_id
        self._members, self._linkage = members, linkage

    def grow(self, new: list[Member]) -> Neighbourhood:
        """Return the closed part around new reports, or an open one where it grows too large."""
        crowds = Crowds(self._session, self._crisis_id, new)
        hood = Neighbourhood(new, crowds, {m.id: m for m in new})
        moved = find(self._session, self._crisis_id, [Window(key, 0, LAST) for key in crowds.grown()])
        frontier = hood.members.keys() | moved
        while frontier and len(hood.expanded) + len(frontier) <= MOST_EXPANDED + len(new):
            frontier = self._expand(hood, frontier)
        self._seat(hood, {one for pair in hood.pairs for one in pair} - hood.seats.keys())
        return hood

    def _expand(self, hood: Neighbourhood, frontier: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Look at the surroundings of some reports; return whom to look at next."""
        colleagues = self._seat(hood, frontier)
        hood.members |= self._members.load(
            self._session, sorted({*frontier, *colleagues} - hood.members.keys())
        )
        lookers = [hood.members[one] for one in frontier if one in hood.members]
        windows = [window for m in lookers for window in self._members.blocking.windows_of(m.traits)]
        near = find(self._session, self._crisis_id, windows) - hood.members.keys()
        candidates = hood.members | self._members.load(self._session, sorted(near))
        possible = self._possible(hood.crowds, lookers, sorted(candidates.values(), key=lambda m: m.order))
        likely = {pair: value for pair, value in possible.items() if value >= self._linkage.levels.join}
        hood.pairs |= likely
        hood.doubtful |= {pair: value for pair, value in possible.items() if pair not in likely}
        hood.expanded |= set(frontier)
        found = {one for pair in likely for one in pair}
        hood.members |= {one: candidates[one] for one in found}
        return (found | colleagues) - hood.expanded

    def _seat(self, hood: Neighbourhood, reports: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Note where reports sit; return whoever sits in the same incidents."""
        incidents = incidents_of(self._session, self._crisis_id, reports)
        seats = seats_in(self._session, self._crisis_id, incidents)
        self._members.forget(seat.report for seat in seats.values() if seat.is_erased)
        hood.seats |= seats
        return set(seats)

    def _possible(
        self, crowds: Crowds, lookers: Sequence[Member], candidates: Sequence[Member]
    ) -> dict[tuple[uuid.UUID, uuid.UUID], float]:
        table = crowds.table(candidates)
        place = {m.id: number for number, m in enumerate(candidates)}
        rows = np.array([place[m.id] for m in lookers], dtype=np.intp)
        found: dict[tuple[uuid.UUID, uuid.UUID], float] = {}
        at_once = max(1, PAIRS_AT_ONCE // max(1, len(candidates)))
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            i, j = np.repeat(some, len(candidates)), np.tile(np.arange(len(candidates)), len(some))
            keep = is_candidate(table, i, j) & (i != j)
            i, j = strongest(table, i[keep], j[keep])
            probability = self._linkage.between(table, i, j)
            for row in np.flatnonzero(probability >= self._linkage.levels.propose).tolist():
                low, high = sorted((int(i[row]), int(j[row])))
                found[candidates[low].id, candidates[high].id] = float(probability[row])
        return found
