"""What a release counts: verified incidents with their places, sources, times and areas, from the tables."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.geography.positions import from_e7
from mapper.publication.partition import Key, Partition, week_of
from mapper.publication.policy import Policy
from mapper.publication.release import Candidate
from mapper.store.tables import Crisis, Incident, IncidentReport, ReleaseMember, Report
from mapper.vocabulary.states import State

WAITS = 0  # in ReleaseMember.release: public once, now held back


@dataclass(frozen=True)
class Verified:
    """A verified incident as the rules see it."""

    candidate: Candidate
    visible_at: datetime
    area: str
    sector: str
    week: str
    damage: tuple[int, int] | None
    has_area: bool  # False while a worker has not looked its areas up

    def keys(self, partition: Partition) -> tuple[Key, ...]:
        """Return where it can be counted, the finest first."""
        return partition.keys(self.area, self.sector, self.week)


def verified_incidents(
    session: Session, crisis: Crisis, policy: Policy, partition: Partition
) -> dict[uuid.UUID, Verified]:
    """Return every incident that two people verified and nobody withdrew. An override is not among them."""
    columns = (
        Incident.id,
        Incident.sector,
        Incident.asset,
        Incident.lon_e7,
        Incident.lat_e7,
        Incident.area_codes,
        Incident.areas_version,
        Incident.happened_from,
        Incident.happened_to,
        Incident.first_reported_at,
        Incident.verified_at,
        Incident.damage_low,
        Incident.damage_high,
    )
    rows = session.execute(
        select(*columns).where(
            Incident.crisis_id == crisis.id,
            Incident.status == State.VERIFIED.value,
            Incident.merged_into.is_(None),
            Incident.verified_at.is_not(None),
        )
    ).all()
    sources = _sources(session, crisis.id)
    return {
        row.id: _verified(row, sources.get(row.id, frozenset()), crisis, policy, partition) for row in rows
    }


def _verified(
    row: Any, sources: frozenset[str], crisis: Crisis, policy: Policy, partition: Partition
) -> Verified:
    place = None if row.lon_e7 is None else (from_e7(row.lon_e7), from_e7(row.lat_e7))
    event = row.happened_to or row.happened_from or row.first_reported_at
    known = row.damage_low is not None and row.damage_high is not None
    return Verified(
        candidate=Candidate(row.id, place, sources),
        visible_at=policy.visible_at(event, row.verified_at, row.sector, row.asset),
        area=partition.area_of(row.area_codes, *(place or (None, None))),
        sector=row.sector,
        week=week_of(row.happened_from or row.first_reported_at),
        damage=(row.damage_low, row.damage_high) if known else None,
        has_area=place is None or row.areas_version == crisis.areas_version or crisis.areas_version == 0,
    )


def _sources(session: Session, crisis_id: int) -> dict[uuid.UUID, frozenset[str]]:
    """Return who reported each incident: a contact, or the signed-in person who filled in the form.

    A report without either is a source of its own: programs that send with one token pass on many people's.
    """
    query = (
        select(
            IncidentReport.incident_id,
            Report.id,
            Report.contact_fingerprint,
            Report.channel,
            Report.sender_user_id,
        )
        .join(
            Report,
            (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id),
        )
        .join(
            Incident,
            (Incident.crisis_id == IncidentReport.crisis_id) & (Incident.id == IncidentReport.incident_id),
        )
        .where(IncidentReport.crisis_id == crisis_id, Incident.status == State.VERIFIED.value)
    )
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    for incident_id, report_id, contact, channel, user_id in session.execute(query):
        person = f"user:{user_id}" if user_id is not None and channel == "form" else str(report_id)
        found[incident_id].add(contact or person)
    return {incident_id: frozenset(names) for incident_id, names in found.items()}


def counted_before(
    session: Session, crisis_id: int, partition: Partition, levels: Mapping[str, int]
) -> tuple[dict[Key, set[uuid.UUID]], dict[uuid.UUID, Key]]:
    """Return the incidents behind each published row, and those that wait with their keys.

    `levels` are those of the areas in the previous release.
    """
    rows: dict[Key, set[uuid.UUID]] = defaultdict(set)
    waiting: dict[uuid.UUID, Key] = {}
    members = select(ReleaseMember).where(ReleaseMember.crisis_id == crisis_id)
    for member in session.scalars(members):
        level = levels.get(member.area_code, partition.level_of(member.area_code))
        key = Key(member.area_code, partition.level if level is None else level, member.sector, member.week)
        if member.release == WAITS:
            waiting[member.incident_id] = key
        else:
            rows[key].add(member.incident_id)
    return dict(rows), waiting


def hull(
    members: Collection[uuid.UUID], verified: Mapping[uuid.UUID, Verified], fewest: int
) -> tuple[int | None, int | None]:
    """Return the interval that holds the members' damage; unknown where too few of them are graded."""
    intervals = [interval for item in members if (interval := verified[item].damage) is not None]
    if len(intervals) < fewest:
        return None, None
    return min(low for low, _ in intervals), max(high for _, high in intervals)
