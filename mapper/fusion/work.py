"""What a worker does here: give every report that fusion has not seen its incident.

One worker fuses a crisis at a time, another waits its turn. Comparing happens before the write
transaction, which checks that nobody decided about the same incidents meanwhile. A batch is written
whole or not at all, so a crash repeats nothing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from mapper.fusion.changes import Assigner
from mapper.fusion.linkage import shipped
from mapper.fusion.members import Member, Members
from mapper.fusion.neighbourhood import Grower
from mapper.fusion.regrouping import regroup
from mapper.fusion.writing import Overtaken, keys_of, write
from mapper.store.store import Store
from mapper.store.tables import Crisis, Report

BATCH = 200  # keeps the write transaction below 100 ms
MOST_ATTEMPTS = 20
NEW = (Report.fused_at.is_(None), Report.withdrawn_at.is_(None))  # see withdrawing.py for the others
ADVISORY_LOCK = 0x66757365  # "fuse"

_members: WeakKeyDictionary[Engine, dict[int, Members]] = WeakKeyDictionary()


def work(store: Store) -> int:
    """Fuse one batch of each crisis that has reports waiting; return how many reports were fused."""
    with store.read() as session:
        waiting = session.scalars(
            select(Crisis.id).where(select(Report.id).where(Report.crisis_id == Crisis.id, *NEW).exists())
        ).all()
    return sum(fuse(store, crisis_id) for crisis_id in waiting)


def fuse(store: Store, crisis_id: int) -> int:
    """Fuse one batch of a crisis; return how many reports were fused, 0 when none waits.

    Raises Overtaken where people decide about the same incidents again and again.
    """
    with alone(store, crisis_id):
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return _fuse_batch(store, crisis_id)
            except Overtaken:
                continue
        return _fuse_batch(store, crisis_id)


def _fuse_batch(store: Store, crisis_id: int) -> int:
    at = store.clock()
    members = _members_of(store, crisis_id)
    linkage = shipped().at(store.levels)
    with store.read() as session:
        new = _waiting(session, crisis_id, members)
        if not new:
            return 0
        hood = Grower(session, crisis_id, members, linkage).grow(new)
        groups = regroup(hood, linkage)
        changes = Assigner(session, crisis_id, members, linkage, at).changes(hood, groups)
    write(store, crisis_id, [m.id for m in new], keys_of(members.blocking, crisis_id, new), changes, at)
    return len(new)


def _waiting(session: Session, crisis_id: int, members: Members) -> list[Member]:
    query = select(Report).where(Report.crisis_id == crisis_id, *NEW)
    reports = session.scalars(query.order_by(Report.received_at, Report.id).limit(BATCH)).all()
    return members.read(session, reports)


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
