"""What a worker does here: give every report that fusion has not seen its incident.

One worker fuses a crisis at a time, another waits its turn. Comparing happens before the write
transaction, which checks that nobody decided about the same incidents meanwhile. A batch is written
whole or not at all, so a crash repeats nothing. A report that cannot be fused is set aside and tried
again later (`setbacks.py`); the others of its batch go on.
"""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from mapper.fusion.changes import Assigner
from mapper.fusion.linkage import shipped
from mapper.fusion.members import Member, Members
from mapper.fusion.neighbourhood import Grower
from mapper.fusion.regrouping import regroup
from mapper.fusion.setbacks import NOT_THE_REPORTS, is_ready, let_go, set_aside
from mapper.fusion.writing import Overtaken, keys_of, write
from mapper.store.store import Store
from mapper.store.tables import Crisis, Report

BATCH = 200  # keeps the write transaction below 100 ms
MOST_ATTEMPTS = 20
# See withdrawing.py for those that were taken back; claims speak for a report that was divided.
NEW = (Report.fused_at.is_(None), Report.withdrawn_at.is_(None), Report.divided_by.is_(None))
ADVISORY_LOCK = 0x66757365  # "fuse"

_members: WeakKeyDictionary[Engine, dict[int, Members]] = WeakKeyDictionary()


def work(store: Store) -> int:
    """Fuse one batch of each crisis that has reports waiting; return how many reports were fused."""
    with store.read() as session:
        waiting = session.scalars(
            select(Crisis.id).where(
                select(Report.id).where(Report.crisis_id == Crisis.id, *NEW, is_ready(store.clock())).exists()
            )
        ).all()
    return sum(fuse(store, crisis_id) for crisis_id in waiting)


def fuse(store: Store, crisis_id: int) -> int:
    """Fuse one batch of a crisis; return how many reports were fused, 0 when none waits.

    Raises Overtaken where people decide about the same incidents again and again.
    """
    with alone(store, crisis_id):
        with store.read() as session:
            ids = _waiting(session, crisis_id, store.clock())
        _fuse_or_set_aside(store, crisis_id, ids)
        return len(ids)


def _fuse_or_set_aside(store: Store, crisis_id: int, ids: Sequence[uuid.UUID]) -> None:
    """Fuse these reports; where that fails, halve them until the one that cannot be fused stands alone."""
    if not ids:
        return
    try:
        _fuse_unless_overtaken(store, crisis_id, ids)
    except NOT_THE_REPORTS:
        raise
    except Exception as error:
        if len(ids) == 1:
            set_aside(store, crisis_id, ids[0], error)
            return
        half = len(ids) // 2
        _fuse_or_set_aside(store, crisis_id, ids[:half])
        _fuse_or_set_aside(store, crisis_id, ids[half:])


def _fuse_unless_overtaken(store: Store, crisis_id: int, ids: Sequence[uuid.UUID]) -> None:
    for _ in range(MOST_ATTEMPTS - 1):
        try:
            return _fuse_batch(store, crisis_id, ids)
        except Overtaken:
            continue
    return _fuse_batch(store, crisis_id, ids)


def _fuse_batch(store: Store, crisis_id: int, ids: Sequence[uuid.UUID]) -> None:
    at = store.clock()
    members = _members_of(store, crisis_id)
    linkage = shipped().at(store.levels)
    with store.read() as session:
        new = _read(session, crisis_id, members, ids)
        hood = Grower(session, crisis_id, members, linkage).grow(new)
        groups = regroup(hood, linkage)
        changes = Assigner(session, crisis_id, members, linkage, at).changes(hood, groups)
    write(store, crisis_id, [m.id for m in new], keys_of(members.blocking, crisis_id, new), changes, at)
    let_go(store, crisis_id, ids)


def _waiting(session: Session, crisis_id: int, at: datetime) -> Sequence[uuid.UUID]:
    query = select(Report.id).where(Report.crisis_id == crisis_id, *NEW, is_ready(at))
    return session.scalars(query.order_by(Report.received_at, Report.id).limit(BATCH)).all()


def _read(session: Session, crisis_id: int, members: Members, ids: Sequence[uuid.UUID]) -> list[Member]:
    """Return those reports that still wait, in line."""
    query = select(Report).where(Report.crisis_id == crisis_id, *NEW, Report.id.in_(ids))
    return members.read(session, session.scalars(query.order_by(Report.received_at, Report.id)).all())


def _members_of(store: Store, crisis_id: int) -> Members:
    known = _members.setdefault(store.engine, {})
    return known.setdefault(crisis_id, Members(store.keys, crisis_id))


@contextmanager
def alone(store: Store, crisis_id: int) -> Iterator[None]:
    """Hold the crisis' fusion, waiting for whoever holds it; the lock goes with the process."""
    if store.is_postgresql:
        with store.engine.connect() as connection:
            key = {"a": ADVISORY_LOCK, "b": crisis_id}
            connection.execute(text("SELECT pg_advisory_lock(:a, :b)"), key)
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:a, :b)"), key)
        return
    store.snapshots.mkdir(parents=True, exist_ok=True)
    with (store.snapshots / f".fusion-{crisis_id}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
