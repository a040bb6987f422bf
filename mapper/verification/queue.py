"""The queue: which incidents wait for a decision, the ones where it changes most first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, case, cast, func, select
from sqlalchemy.orm import Session

from mapper.store.tables import Incident
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.states import State

PAGE = 50
PRIOR_DAMAGE = 3  # unknown damage is not no damage: it stands in the middle of the queue
WAITING = (State.IN_REVIEW, State.TRIAGED, State.NEW, State.DISPUTED, State.OVERRIDE)


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to; empty: the states that wait, every sector and area."""

    state: str = ""
    sector: str = ""
    area: str = ""
    page: int = 1


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue, and how many incidents there are in all."""

    rows: Sequence[Incident]
    total: int
    page: int
    pages: int


def read_filters(values: dict[str, str]) -> Filters:
    """Return filters from query values; what is no known code is left out."""
    state = values.get("state", "")
    sector = values.get("sector", "")
    page = values.get("page", "1")
    return Filters(
        state if state in {item.value for item in State} else "",
        sector if sector in SECTORS else "",
        values.get("area", "").strip()[:40],
        int(page) if page.isdecimal() and 0 < int(page) < 100_000 else 1,
    )


def queue_page(session: Session, crisis_id: int, filters: Filters) -> QueuePage:
    """Return a page of the queue: flagged first, then by severity, people, independent origins and age."""
    query = _filtered(select(Incident), crisis_id, filters)
    total = session.scalar(_filtered(select(func.count()).select_from(Incident), crisis_id, filters)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(filters.page, pages)
    rows = session.scalars(query.order_by(*_order()).limit(PAGE).offset((page - 1) * PAGE)).all()
    return QueuePage(rows, total, page, pages)


def nearby(
    session: Session, incident: Incident, ranges: Sequence[tuple[int, int]], most: int = 8
) -> list[Incident]:
    """Return incidents of the crisis whose cells lie in the ranges, without the incident itself."""
    found: list[Incident] = []
    for low, high in ranges:
        query = select(Incident).where(
            Incident.crisis_id == incident.crisis_id,
            Incident.cell_key >= low,
            Incident.cell_key < high,
            Incident.id != incident.id,
            Incident.merged_into.is_(None),
        )
        found += session.scalars(query.limit(most * 4)).all()
    return found


def _filtered(query: Select[Any], crisis_id: int, filters: Filters) -> Select[Any]:
    query = query.where(Incident.crisis_id == crisis_id, Incident.merged_into.is_(None))
    if filters.state:
        query = query.where(Incident.status == filters.state)
    else:
        waits = Incident.status.in_([state.value for state in WAITING])
        query = query.where(waits | Incident.needs_review.is_(True))
    if filters.sector:
        query = query.where(Incident.sector == filters.sector)
    if filters.area:
        query = query.where(cast(Incident.area_codes, Text).contains(f'"{filters.area}"', autoescape=True))
    return query


def _order() -> tuple[Any, ...]:
    second_person_wanted = case((Incident.status == State.IN_REVIEW.value, 0), else_=1)
    return (
        Incident.needs_review.desc(),
        second_person_wanted,
        func.coalesce(Incident.damage_high, PRIOR_DAMAGE).desc(),
        func.coalesce(Incident.people_affected_high, 0).desc(),
        Incident.origins.desc(),
        Incident.first_reported_at,
        Incident.id,
    )
