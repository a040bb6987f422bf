"""Linking: reads what the links of a batch's incidents are worked out from."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mapper.fusion.blocking import find
from mapper.fusion.linkage import Linkage
from mapper.fusion.links import (
    APART,
    FOLLOWS,
    KEPT_APART,
    LONGEST_AGO,
    MAYBE_SAME,
    Links,
    Pair,
    Strike,
    doubts,
    follow,
    judged,
)
from mapper.fusion.members import Member, Members, portions
from mapper.fusion.neighbourhood import Neighbourhood
from mapper.fusion.seats import incidents_of
from mapper.store.tables import Incident, IncidentLink

Row = dict[str, Any]


class Linker:
    """Works out the links of one batch in one reading session."""

    def __init__(
        self, session: Session, crisis_id: int, members: Members, linkage: Linkage, at: datetime
    ) -> None:
        self._session, self._crisis_id, self._at = session, crisis_id, at
        self._members, self._linkage = members, linkage

    def doubted(self, hood: Neighbourhood) -> list[uuid.UUID]:
        """Return the incidents of reports outside the neighbourhood that pairs in doubt lead to."""
        found = hood.pairs.edges()
        doubtful = hood.pairs.of(found.where(found.probability < self._linkage.levels.join))
        return incidents_of(self._session, self._crisis_id, doubtful - hood.seats.keys())

    def links(
        self, hood: Neighbourhood, after: Mapping[uuid.UUID, Sequence[uuid.UUID]], changed: Sequence[Row]
    ) -> Links:
        """Return the links of what changed and of what was looked at as a whole.

        `after` are the reports of each incident afterwards; `changed` the incidents' new rows.
        """
        whole = {one for one, reports in after.items() if hood.expanded.issuperset(reports)}
        result = Links(renewed=whole | {row["id"] for row in changed})
        self._propose(hood, after, result)
        self._follow(hood, after, changed, result)
        return result

    def _propose(
        self, hood: Neighbourhood, after: Mapping[uuid.UUID, Sequence[uuid.UUID]], result: Links
    ) -> None:
        incident_of = {report: incident for incident, reports in after.items() for report in reports}
        pairs = [pair for pair in doubts(hood, incident_of) if not result.renewed.isdisjoint(pair)]
        pairs = sorted(set(pairs) - self._kept_apart(pairs))
        sitting = self._sitting({one for pair in pairs for one in pair}, after)
        if pairs:
            for pair, mean, why in judged(hood, pairs, sitting, self._linkage):
                result.rows.append(self._row(MAYBE_SAME, pair, mean, why))

    def _follow(
        self,
        hood: Neighbourhood,
        after: Mapping[uuid.UUID, Sequence[uuid.UUID]],
        changed: Sequence[Row],
        result: Links,
    ) -> None:
        """Link what changed with what struck the same sites long before or after."""
        here = [_strike_of(row) for row in changed if row.get("reports") and "happened_to" in row]
        known = result.renewed - {strike.incident for strike in here}
        here += self._strikes(sorted(one for one in known if after.get(one)))
        sites = self._sitting({strike.incident for strike in here}, after)
        hours = APART.total_seconds() / 3600, LONGEST_AGO.total_seconds() / 3600
        windows = [
            window
            for members in sites.values()
            for traits in [members[0].traits]
            for low, high in (
                (traits.at - hours[1], traits.at - hours[0]),
                (traits.until + hours[0], traits.until + hours[1]),
            )
            for window in self._members.blocking.windows_at_site(traits, low, high)
        ]
        others = incidents_of(
            self._session, self._crisis_id, find(self._session, self._crisis_id, windows) if windows else ()
        )
        new = {strike.incident for strike in here}
        there = self._strikes(sorted(set(others) - new - {row["id"] for row in changed}))
        for pair, why in follow(new, [*here, *there]):
            result.rows.append(self._row(FOLLOWS, pair, None, why))

    def _sitting(
        self, incidents: set[uuid.UUID], after: Mapping[uuid.UUID, Sequence[uuid.UUID]]
    ) -> dict[uuid.UUID, list[Member]]:
        wanted = sorted({report for incident in incidents for report in after[incident]})
        loaded = self._members.load(self._session, wanted)
        return {
            incident: sorted((loaded[one] for one in after[incident]), key=lambda m: m.order)
            for incident in sorted(incidents)
        }

    def _kept_apart(self, pairs: Sequence[Pair]) -> set[Pair]:
        found: set[Pair] = set()
        columns = (IncidentLink.incident_id, IncidentLink.other_id)
        for some in portions(sorted({one for pair in pairs for one in pair})):
            either = or_(IncidentLink.incident_id.in_(some), IncidentLink.other_id.in_(some))
            here = (IncidentLink.crisis_id == self._crisis_id, IncidentLink.kind == KEPT_APART, either)
            found |= {(one, other) for one, other in self._session.execute(select(*columns).where(*here))}
        return found

    def _strikes(self, ids: Sequence[uuid.UUID]) -> list[Strike]:
        columns = (
            Incident.id,
            Incident.lon_e7,
            Incident.lat_e7,
            Incident.position_accuracy_m,
            Incident.sector,
            Incident.asset,
            Incident.happened_from,
            Incident.happened_to,
        )
        found: list[Strike] = []
        for some in portions(ids):
            here = (Incident.crisis_id == self._crisis_id, Incident.id.in_(some), Incident.reports > 0)
            found += [Strike(*row) for row in self._session.execute(select(*columns).where(*here))]
        return found

    def _row(self, kind: str, pair: Pair, probability: float | None, why: dict[str, Any]) -> Row:
        return {
            "crisis_id": self._crisis_id,
            "incident_id": pair[0],
            "other_id": pair[1],
            "kind": kind,
            "probability": probability,
            "why": why,
            "decision_id": None,
            "linked_at": self._at,
        }


def _strike_of(row: Row) -> Strike:
    """Return a changed incident as a strike."""
    return Strike(
        row["id"],
        row["lon_e7"],
        row["lat_e7"],
        row["position_accuracy_m"],
        row["sector"],
        row["asset"],
        row["happened_from"],
        row["happened_to"],
    )
