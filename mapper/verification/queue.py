"""The queue: which incidents wait for a decision, the ones where it changes most first.

Pages follow an index from where the last one ended, so that the hundredth costs what the first does.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, or_, select, text, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from mapper.store.tables import Claim, Decision, Incident, IncidentReport, Report
from mapper.verification.filters import Cursor, Filters
from mapper.vocabulary.states import Effect, Kind, State
from mapper.vocabulary.urgency import WAITING_SQL

PAGE = 50
MOST_NEARBY = 200  # read of a crowded place, of which the nearest are shown
MOST_COUNTED = 1_000  # counting further would read the whole queue


@dataclass(frozen=True)
class Reader:
    """Who reads the queue, and when."""

    user_id: int
    at: datetime


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue, where the next begins, and how many there are, as far as they are counted."""

    rows: Sequence[Incident]
    after: Cursor | None
    total: int
    is_more: bool


def queue_page(
    session: Session, crisis_id: int, filters: Filters, reader: Reader, after: Cursor | None = None
) -> QueuePage:
    """Return a page of the queue behind `after`."""
    keys = session.execute(_keys(crisis_id, filters, reader, after).limit(PAGE + 1)).all()
    ids = [row.id for row in keys[:PAGE]]
    is_all = after is None and len(keys) <= PAGE  # counting would look through the same rows again
    total = len(keys) if is_all else _count(session, crisis_id, filters, reader)
    return QueuePage(
        incidents_by_id(session, crisis_id, ids),
        _cursor(keys[PAGE - 1]) if len(keys) > PAGE else None,
        min(total, MOST_COUNTED),
        total > MOST_COUNTED,
    )


def next_ids(
    session: Session, crisis_id: int, filters: Filters, reader: Reader, skipped: Collection[uuid.UUID] = ()
) -> list[uuid.UUID]:
    """Return the first incidents of the queue that the reader can decide: none with a report of theirs."""
    rows = session.execute(_keys(crisis_id, filters, reader, None).limit(PAGE)).all()
    ids = [row.id for row in rows if row.id not in skipped]
    own = with_own_reports(session, crisis_id, ids, reader.user_id)
    return [incident_id for incident_id in ids if incident_id not in own]


def incidents_by_id(session: Session, crisis_id: int, ids: Sequence[uuid.UUID]) -> list[Incident]:
    """Return incidents in the order of their ids; what is not there is left out."""
    query = select(Incident).where(Incident.crisis_id == crisis_id, Incident.id.in_(ids))
    found = {incident.id: incident for incident in session.scalars(query)}
    return [found[incident_id] for incident_id in ids if incident_id in found]


def with_own_reports(
    session: Session, crisis_id: int, ids: Collection[uuid.UUID], user_id: int
) -> set[uuid.UUID]:
    """Return those of the incidents that hold a report which this person sent."""
    query = (
        select(IncidentReport.incident_id)
        .join(
            Report,
            (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id),
        )
        .where(
            IncidentReport.crisis_id == crisis_id,
            IncidentReport.incident_id.in_(ids),
            Report.sender_user_id == user_id,
        )
    )
    return set(session.scalars(query))


def nearby(
    session: Session, incident: Incident, ranges: Sequence[tuple[int, int]], most: int = MOST_NEARBY
) -> list[Incident]:
    """Return incidents of the crisis whose cells lie in the ranges, without the incident itself."""
    if not ranges:
        return []
    # One search of the index for each range: an OR of them would read the whole crisis.
    parts = [
        select(Incident.id).where(
            Incident.crisis_id == incident.crisis_id, Incident.cell_key >= low, Incident.cell_key < high
        )
        for low, high in ranges
    ]
    ids = session.scalars(union_all(*parts).limit(most)).all()
    others = incidents_by_id(session, incident.crisis_id, [found for found in ids if found != incident.id])
    return [other for other in others if other.merged_into is None]


def _keys(crisis_id: int, filters: Filters, reader: Reader, after: Cursor | None) -> Any:
    by_age = filters.order == "oldest"
    order = (Incident.first_reported_at, Incident.id)
    columns = (Incident.id, Incident.queue_rank, Incident.first_reported_at)
    query: Any = select(*columns).where(*_conditions(crisis_id, filters, reader))
    if by_age:
        if after:
            query = query.where(tuple_(*order) > (after.first_reported_at, after.id))
        return query.order_by(*order)
    if after:
        query = query.where(
            tuple_(Incident.queue_rank, *order) > (after.rank, after.first_reported_at, after.id)
        )
    return query.order_by(Incident.queue_rank, *order)


def _count(session: Session, crisis_id: int, filters: Filters, reader: Reader) -> int:
    some = select(Incident.id).where(*_conditions(crisis_id, filters, reader)).limit(MOST_COUNTED + 1)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _cursor(row: Any) -> Cursor:
    return Cursor(row.queue_rank, row.first_reported_at, row.id)


def _conditions(crisis_id: int, filters: Filters, reader: Reader) -> list[ColumnElement[bool] | Any]:
    found: list[Any] = [Incident.crisis_id == crisis_id]
    if filters.state:
        found += [Incident.status == filters.state, Incident.merged_into.is_(None)]
    else:
        found.append(text(WAITING_SQL))  # word for word the partial index' condition
    if filters.sector:
        found.append(Incident.sector == filters.sector)
    if filters.area:
        found.append(cast(Incident.area_codes, Text).contains(f'"{filters.area}"', autoescape=True))
    if filters.flag:
        found.append(_flag(filters.flag))
    return found + _whose(filters.whose, reader)


def _flag(flag: str) -> ColumnElement[bool]:
    match flag:
        case "new_reports":
            return Incident.needs_review.is_(True)
        case "conflict":
            return Incident.damage_conflict.is_(True)
        case "one_origin":
            return Incident.origins <= 1
        case "no_position":
            return Incident.lon_e7.is_(None)
        case _:
            return Incident.outside_areas.is_(True)


def _whose(whose: str, reader: Reader) -> list[ColumnElement[bool]]:
    claim = select(Claim.incident_id).where(
        Claim.crisis_id == Incident.crisis_id,
        Claim.incident_id == Incident.id,
        Claim.expires_at > reader.at,
    )
    match whose:
        case "all":
            return []
        case "mine":
            return [claim.where(Claim.user_id == reader.user_id).exists()]
        case _:
            others = claim.where(Claim.user_id != reader.user_id)
            return [~others.exists(), or_(Incident.status != State.IN_REVIEW.value, ~_assessed(reader))]


def _assessed(reader: Reader) -> ColumnElement[bool]:
    """Whether the reader has given an assessment in the open round, which the newest decision is part of."""
    mine, newest = aliased(Decision), aliased(Decision)
    same = (newest.crisis_id == Incident.crisis_id, newest.incident_id == Incident.id)
    current = select(func.max(newest.round)).where(*same).scalar_subquery()
    return (
        select(mine.id)
        .where(
            mine.crisis_id == Incident.crisis_id,
            mine.incident_id == Incident.id,
            mine.kind == Kind.VERIFY.value,
            mine.effect == Effect.ASSESSMENT.value,
            mine.actor_user_id == reader.user_id,
            mine.round == current,
        )
        .exists()
    )
