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
from mapper.fusion.candidates import pairs_of
from mapper.fusion.centroids import FEWEST_ON_POINT, USUAL_IN_CELL, Surroundings, step, surroundings
from mapper.fusion.linkage import Linkage
from mapper.fusion.members import Member, Members
from mapper.fusion.pairs import Edges, Pairs, joined
from mapper.fusion.seats import Seat, incidents_of, seats_in
from mapper.fusion.traits import TraitTable, tabulate

# Reports looked at for one batch: so many, and more for each new one; most where a crowd grew by a step,
# which is seldom, and parts what was joined before so many were there.
LEAST_EXPANDED, EXPANDED_EACH, EXPANDED_IN_CROWD = 400, 4, 30
MOST_DOUBTS = 16  # of one report: the likeliest
LAST = 2**63 - 1


@dataclass
class Neighbourhood:
    """Members by id, where they sit, and the pairs among those that were looked at.

    Some `pairs` are not likely enough to join, but a person may have to judge them.
    """

    new: list[Member]
    crowds: Crowds
    members: dict[uuid.UUID, Member]
    seats: dict[uuid.UUID, Seat] = field(default_factory=dict)
    pairs: Pairs = field(default_factory=Pairs)
    expanded: set[uuid.UUID] = field(default_factory=set)


class Crowds:
    """How many different texts crowd the points and cells of reports, those that arrive now included."""

    def __init__(self, session: Session, crisis_id: int, new: Sequence[Member] = ()) -> None:
        self._session, self._crisis_id = session, crisis_id
        self._known: dict[int, int] = {}
        crowding = [member.crowding for member in new if member.crowding]
        points = {KeyRow(item.point, item.text) for item in crowding}
        cells = {KeyRow(item.cell, item.text) for item in crowding}
        known = known_texts(session, crisis_id, sorted(points | cells))
        self._points, self._cells = _by_key(points - known), _by_key(cells - known)

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


def _by_key(rows: set[KeyRow]) -> dict[int, set[int]]:
    values: dict[int, set[int]] = {}
    for row in rows:
        values.setdefault(row.key, set()).add(row.value)
    return values


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
        most = LEAST_EXPANDED + (EXPANDED_IN_CROWD if moved else EXPANDED_EACH) * len(new)
        frontier = set(hood.members)
        if len(frontier) + len(moved) <= most:
            frontier |= moved
        while frontier and len(hood.expanded) + len(frontier) <= most:
            frontier = self._expand(hood, frontier)
        edges = hood.pairs.edges()
        likely = edges.where(edges.probability >= self._linkage.levels.join)
        self._seat(hood, hood.pairs.of(likely) - hood.seats.keys())
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
        known = hood.members | self._members.load(self._session, list(near))
        candidates = sorted(known.values(), key=lambda m: m.order)
        ids = [m.id for m in candidates]
        likely, doubtful = self._possible(hood.crowds, lookers, candidates)
        hood.pairs.add(ids, joined([likely, doubtful]))
        hood.expanded |= set(frontier)
        places = np.unique(np.concatenate([likely.i, likely.j])).tolist()
        hood.members |= {ids[place]: candidates[place] for place in places}
        return ({ids[place] for place in places} | colleagues) - hood.expanded

    def _seat(self, hood: Neighbourhood, reports: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Note where reports sit; return whoever sits in the same incidents."""
        incidents = incidents_of(self._session, self._crisis_id, reports)
        seats = seats_in(self._session, self._crisis_id, incidents)
        self._members.forget(seat.report for seat in seats.values() if seat.is_erased)
        hood.seats |= seats
        return set(seats)

    def _possible(
        self, crowds: Crowds, lookers: Sequence[Member], candidates: Sequence[Member]
    ) -> tuple[Edges, Edges]:
        """Return the likely pairs, and those in doubt, by place among the candidates, lookers first."""
        table = crowds.table(candidates)
        place = {m.id: number for number, m in enumerate(candidates)}
        rows = np.array(sorted(place[m.id] for m in lookers), dtype=np.intp)
        found = []
        for i, j in pairs_of(table, rows):
            probability = self._linkage.between(table, i, j)
            keep = probability >= self._linkage.levels.propose
            found.append(Edges(i[keep], j[keep], probability[keep]))
        edges = joined(found)
        is_likely = edges.probability >= self._linkage.levels.join
        return edges.where(is_likely), edges.where(~is_likely).strongest(MOST_DOUBTS)
