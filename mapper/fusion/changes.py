"""Changes: what a batch writes, worked out before the write transaction.

A group keeps the incident that people or a hot spot hold it in; else that of its earliest report which
ever founded one (`store.tables.IncidentIdentity`), so that grouping anew gives the same ids; else it
founds one. An incident left by all its reports becomes a signpost to where its first one went.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.fusion.aggregate import Derived, aggregate
from mapper.fusion.explain import FIRST, MOST_COMPARED, reason
from mapper.fusion.fields import fields_of
from mapper.fusion.linkage import Linkage
from mapper.fusion.linking import Linker
from mapper.fusion.links import Links
from mapper.fusion.members import Member, Members, portions, with_accuracy
from mapper.fusion.neighbourhood import Neighbourhood
from mapper.fusion.regrouping import Group
from mapper.fusion.seats import seats_in
from mapper.store.tables import Decision, Incident, IncidentIdentity

Row = dict[str, Any]


@dataclass
class Changes:
    """Rows to write, and the versions of the incidents they were worked out from."""

    relied_on: dict[uuid.UUID, int] = field(default_factory=dict)
    founded: list[Row] = field(default_factory=list)  # incidents
    altered: list[Row] = field(default_factory=list)
    identities: list[Row] = field(default_factory=list)
    seated: list[Row] = field(default_factory=list)  # reports that had no seat
    moved: list[Row] = field(default_factory=list)
    links: Links = field(default_factory=Links)


class Assigner:
    """Works out the changes of one batch in one reading session."""

    def __init__(
        self, session: Session, crisis_id: int, members: Members, linkage: Linkage, at: datetime
    ) -> None:
        self._session, self._crisis_id, self._at = session, crisis_id, at
        self._members, self._linkage = members, linkage

    def changes(self, hood: Neighbourhood, groups: Sequence[Group]) -> Changes:
        """Return what must be written so that the groups are the incidents."""
        result = Changes()
        identities = self._identities([one for group in groups for one in group.reports])
        linker = Linker(self._session, self._crisis_id, self._members, self._linkage, self._at)
        self._seat_all(hood, {*identities.values(), *(g.incident for g in groups if g.incident)})
        self._seat_all(hood, linker.doubted(hood))
        incidents = self._incidents({seat.incident for seat in hood.seats.values()} | {*identities.values()})
        result.relied_on = {one: incident.version for one, incident in incidents.items()}
        seat_of = self._assigned(hood, groups, identities, result)
        after = _sitting(hood, seat_of)
        affected = _affected(hood, seat_of)
        self._load(hood, {report for incident in affected for report in after[incident]})
        accuracy = _accuracies(hood, [one for incident in affected for one in after[incident]])
        decisions = self._decisions(affected & incidents.keys())
        for incident in sorted(affected):
            sitting = sorted((hood.members[one] for one in after[incident]), key=lambda m: m.order)
            if sitting:
                known = incidents.get(incident)
                derived = aggregate(with_accuracy(m, accuracy[m.id]) for m in sitting)
                self._derive(incident, sitting, derived, known, decisions[incident], result)
                self._seat(hood, incident, sitting, seat_of, result)
            else:
                self._leave(hood, incidents[incident], seat_of, result)
        result.links = linker.links(hood, after, [*result.founded, *result.altered])
        return result

    def _assigned(
        self,
        hood: Neighbourhood,
        groups: Sequence[Group],
        identities: dict[uuid.UUID, uuid.UUID],
        result: Changes,
    ) -> dict[uuid.UUID, uuid.UUID]:
        """Return the incident of each report of the groups; note which are founded."""
        moving = {one for group in groups for one in group.reports}
        taken = {group.incident for group in groups if group.incident}
        taken |= {seat.incident for seat in hood.seats.values() if seat.report not in moving}
        seat_of: dict[uuid.UUID, uuid.UUID] = {}
        for group in sorted(groups, key=lambda g: hood.members[g.reports[0]].order):
            own = (identities[one] for one in group.reports if one in identities)
            incident = group.incident or next((one for one in own if one not in taken), None)
            if incident is None:
                incident = uuid.uuid4()
                self._found(incident, group.reports, identities, result)
            taken.add(incident)
            seat_of |= dict.fromkeys(group.reports, incident)
        return seat_of

    def _found(
        self,
        incident: uuid.UUID,
        reports: Sequence[uuid.UUID],
        identities: dict[uuid.UUID, uuid.UUID],
        result: Changes,
    ) -> None:
        founder = next((one for one in reports if one not in identities), None)
        if founder is not None:
            identities[founder] = incident
            row = {"crisis_id": self._crisis_id, "report_id": founder, "incident_id": incident}
            result.identities.append(row)

    def _derive(
        self,
        incident: uuid.UUID,
        sitting: Sequence[Member],
        derived: Derived,
        known: Incident | None,
        decisions: Sequence[Decision],
        result: Changes,
    ) -> None:
        row: Row = {"crisis_id": self._crisis_id, "id": incident, "changed_at": self._at}
        row |= fields_of(derived, known, decisions)
        if known is None:
            codes, version, outside = _areas(sitting, derived.lon_e7, derived.lat_e7)
            row |= {"status": "new", "version": 1, "needs_review": False, "merged_into": None}
            row |= {"area_codes": codes, "areas_version": version, "outside_areas": outside}
            result.founded.append(row)
        else:
            result.altered.append(row | {"version": known.version + 1, "merged_into": None})

    def _seat(
        self,
        hood: Neighbourhood,
        incident: uuid.UUID,
        sitting: Sequence[Member],
        seat_of: dict[uuid.UUID, uuid.UUID],
        result: Changes,
    ) -> None:
        """Give a seat and a reason to whoever is new in the incident."""
        coming = [number for number, m in enumerate(sitting) if _is_coming(hood, m, seat_of)]
        if not coming:
            return
        near = _near(sitting, coming)
        table = hood.crowds.table([sitting[number] for number in near]) if len(near) > 1 else None
        ids = [sitting[number].id for number in near]
        for number in coming:
            row = near.index(number)
            score: float | None = None
            why = FIRST
            if table is not None and number > 0:
                others = [place for place in range(len(near)) if place != row]
                score, why = reason(table, ids, row, others, self._linkage)
            seat: Row = {"crisis_id": self._crisis_id, "report_id": sitting[number].id}
            seat |= {"incident_id": incident, "score": score, "why": why, "joined_at": self._at}
            (result.moved if sitting[number].id in hood.seats else result.seated).append(seat)

    def _leave(
        self,
        hood: Neighbourhood,
        incident: Incident,
        seat_of: dict[uuid.UUID, uuid.UUID],
        result: Changes,
    ) -> None:
        left = [hood.members[s.report] for s in hood.seats.values() if s.incident == incident.id]
        first = min(left, key=lambda m: m.order)
        empty = {"reports": 0, "sources": 0, "origins": 0, "merged_into": seat_of[first.id]}
        row = {"crisis_id": self._crisis_id, "id": incident.id, "version": incident.version + 1}
        result.altered.append(row | {"changed_at": self._at} | empty)

    def _seat_all(self, hood: Neighbourhood, incidents: Collection[uuid.UUID]) -> None:
        """Note the seats of incidents that are not in the neighbourhood yet."""
        missing = set(incidents) - {seat.incident for seat in hood.seats.values()}
        hood.seats |= seats_in(self._session, self._crisis_id, missing)

    def _load(self, hood: Neighbourhood, reports: Collection[uuid.UUID]) -> None:
        hood.members |= self._members.load(self._session, sorted(set(reports) - hood.members.keys()))

    def _identities(self, reports: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
        columns = (IncidentIdentity.report_id, IncidentIdentity.incident_id)
        found: dict[uuid.UUID, uuid.UUID] = {}
        for some in portions(reports):
            here = (IncidentIdentity.crisis_id == self._crisis_id, IncidentIdentity.report_id.in_(some))
            found |= dict(self._session.execute(select(*columns).where(*here)).all())
        return found

    def _incidents(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Incident]:
        found: dict[uuid.UUID, Incident] = {}
        for some in portions(sorted(ids)):
            here = (Incident.crisis_id == self._crisis_id, Incident.id.in_(some))
            found |= {item.id: item for item in self._session.scalars(select(Incident).where(*here))}
        return found

    def _decisions(self, incidents: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Decision]]:
        found: dict[uuid.UUID, list[Decision]] = defaultdict(list)
        for some in portions(sorted(incidents)):
            here = (Decision.crisis_id == self._crisis_id, Decision.incident_id.in_(some))
            for item in self._session.scalars(select(Decision).where(*here)):
                found[item.incident_id].append(item)
        return found


def _accuracies(hood: Neighbourhood, reports: Sequence[uuid.UUID]) -> dict[uuid.UUID, float]:
    around = hood.crowds.around([hood.members[one] for one in reports])
    return dict(zip(reports, around.accuracy_m.tolist(), strict=True))


def _is_coming(hood: Neighbourhood, member: Member, seat_of: dict[uuid.UUID, uuid.UUID]) -> bool:
    if member.id not in seat_of:
        return False
    return member.id not in hood.seats or hood.seats[member.id].incident != seat_of[member.id]


def _affected(hood: Neighbourhood, seat_of: dict[uuid.UUID, uuid.UUID]) -> set[uuid.UUID]:
    """Return the incidents that somebody joins or leaves."""
    found: set[uuid.UUID] = set()
    for report, incident in seat_of.items():
        before = hood.seats[report].incident if report in hood.seats else None
        if before != incident:
            found |= {incident} if before is None else {incident, before}
    return found


def _sitting(hood: Neighbourhood, seat_of: dict[uuid.UUID, uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Return who sits in each incident afterwards."""
    after: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for seat in hood.seats.values():
        if seat.report not in seat_of:
            after[seat.incident].append(seat.report)
    for report, incident in seat_of.items():
        after[incident].append(report)
    return after


def _near(sitting: Sequence[Member], coming: Iterable[int]) -> list[int]:
    """Return the numbers of those who come, and of the first who were there, in line."""
    wanted = set(coming)
    return sorted(wanted | set(range(min(len(sitting), MOST_COMPARED))))


def _areas(
    sitting: Sequence[Member], lon_e7: int | None, lat_e7: int | None
) -> tuple[dict[str, str] | None, int | None, bool]:
    """Take the areas of a single report over: an incident at its very position lies in the same ones."""
    if len(sitting) == 1 and lon_e7 is not None and lat_e7 is not None:
        return sitting[0].areas
    return None, None, False
