"""What a worker does here: give every report that fusion has not seen its incident.

One worker fuses a crisis at a time. Comparing happens outside the write transaction, which then checks
that nothing it relied on has changed; what did change simply waits for the next round.
"""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from mapper.fusion.aggregate import Member, aggregate
from mapper.fusion.gathering import members_of, neighbours, traits_by_id, traits_of
from mapper.fusion.joining import Group, Joined, Reason, join
from mapper.fusion.linkage import shipped
from mapper.fusion.service import recompute
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, IncidentReport, Report

BATCH = 60  # keeps the write transaction below 100 ms
ADVISORY_LOCK = 0x66757365  # "fuse"


def work(store: Store) -> int:
    """Fuse one batch of each crisis that has reports waiting; return how many reports were fused."""
    with store.read() as session:
        waiting = session.scalars(
            select(Crisis.id).where(
                select(Report.id).where(Report.crisis_id == Crisis.id, Report.fused_at.is_(None)).exists()
            )
        ).all()
    return sum(_fuse_batch(store, crisis_id) for crisis_id in waiting)


def _fuse_batch(store: Store, crisis_id: int) -> int:
    with _alone(store, crisis_id) as is_mine:
        if not is_mine:
            return 0
        with store.read() as session:
            batch = _waiting(session, crisis_id)
            known = neighbours(session, crisis_id, batch)
            incident_of = _incidents_of(session, crisis_id, known)
            joined = join(
                traits_of(session, store.keys, batch),
                traits_by_id(session, store.keys, crisis_id, known),
                incident_of,
                shipped(),
            )
            members = {member.report.id: member for member in members_of(session, store.keys, batch)}
        return _write(store, crisis_id, joined, incident_of, members)


def _waiting(session: Session, crisis_id: int) -> Sequence[Report]:
    query = select(Report).where(Report.crisis_id == crisis_id, Report.fused_at.is_(None))
    return session.scalars(query.order_by(Report.received_at, Report.id).limit(BATCH)).all()


def _incidents_of(session: Session, crisis_id: int, reports: list[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    found: dict[uuid.UUID, uuid.UUID] = {}
    for start in range(0, len(reports), 500):
        query = select(IncidentReport.report_id, IncidentReport.incident_id).where(
            IncidentReport.crisis_id == crisis_id, IncidentReport.report_id.in_(reports[start : start + 500])
        )
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


def _write(
    store: Store,
    crisis_id: int,
    joined: Joined,
    seen: dict[uuid.UUID, uuid.UUID],
    members: dict[uuid.UUID, Member],
) -> int:
    at = store.clock()
    with store.write() as session:
        changed = _moved_meanwhile(session, crisis_id, seen)
        # Where people moved reports while we compared, the group waits for the next round.
        placed = {
            group.incident_id or uuid.uuid4(): group
            for group in joined.groups
            if group.incident_id not in changed
        }
        started = [
            _new_row(crisis_id, incident_id, [members[report_id] for report_id in group.reports], at)
            for incident_id, group in placed.items()
            if group.incident_id is None
        ]
        if started:
            session.execute(insert(Incident), started)
        _place(session, crisis_id, placed, joined.reasons, at)
        for group in placed.values():
            if group.incident_id is not None:
                recompute(session, store.keys, crisis_id, group.incident_id, at)
    return sum(len(group.reports) for group in placed.values())


def _moved_meanwhile(
    session: Session, crisis_id: int, seen: dict[uuid.UUID, uuid.UUID]
) -> set[uuid.UUID | None]:
    now = _incidents_of(session, crisis_id, list(seen))
    return {incident for report, incident in seen.items() if now.get(report) != incident}


def _new_row(crisis_id: int, incident_id: uuid.UUID, members: list[Member], at: datetime) -> dict[str, Any]:
    return {
        "crisis_id": crisis_id,
        "id": incident_id,
        "status": "new",
        "version": 1,
        "changed_at": at,
        **aggregate(members),
    }


def _place(
    session: Session,
    crisis_id: int,
    placed: dict[uuid.UUID, Group],
    reasons: dict[uuid.UUID, Reason],
    at: datetime,
) -> None:
    rows = [
        {
            "crisis_id": crisis_id,
            "report_id": report_id,
            "incident_id": incident_id,
            "score": reasons[report_id].score,
            "why": reasons[report_id].why,
            "joined_at": at,
        }
        for incident_id, group in placed.items()
        for report_id in group.reports
    ]
    if rows:
        session.execute(insert(IncidentReport), rows)
        fused = [{"crisis_id": crisis_id, "id": row["report_id"], "fused_at": at} for row in rows]
        session.execute(update(Report), fused)


@contextmanager
def _alone(store: Store, crisis_id: int) -> Iterator[bool]:
    """Hold the crisis' fusion; False where another worker does."""
    if store.is_postgresql:
        with store.engine.connect() as connection:
            key = {"a": ADVISORY_LOCK, "b": crisis_id}
            is_mine = bool(connection.execute(text("SELECT pg_try_advisory_lock(:a, :b)"), key).scalar())
            try:
                yield is_mine
            finally:
                if is_mine:
                    connection.execute(text("SELECT pg_advisory_unlock(:a, :b)"), key)
        return
    store.snapshots.mkdir(parents=True, exist_ok=True)
    with (store.snapshots / f".fusion-{crisis_id}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
