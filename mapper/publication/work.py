"""What waits here: incidents that are newer than their crisis' internal snapshot.

A small crisis is written whole each time. Of a large one only what changed is written, beside the same base,
so that a decision shows within seconds at any size; base and changes are merged in the background.
"""

from __future__ import annotations

import time
from functools import cache

from mapper.publication.bitmaps import built
from mapper.publication.growing import Standing, alone, merge_if_due, pruned, write_delta
from mapper.publication.internal import Mark, build, mark_of, mark_since
from mapper.store import snapshots
from mapper.store.crises import all_crises
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

BUSY_SECONDS = 5.0  # between versions while changes keep coming
BUSY_DELTA_SECONDS = 0.5
SHARE = 4  # a version is followed by at least so many times the time it took: a fifth of a core at most
SHORT_SECONDS = 0.05


def work(store: Store) -> int:
    """Write the internal snapshot of each crisis where one waits; return how many incidents they hold.

    While a snapshot waits but it is too soon for it, the answer is at least 1: this is not idle.
    """
    with store.read() as session:
        crises = all_crises(session)
    return sum(_refresh(store, crisis) for crisis in crises)


def write_internal(store: Store, crisis_id: int) -> Snapshot:
    """Write an internal snapshot now, whether one waits or not; raises SnapshotConflict."""
    read_at = store.clock()
    with store.read() as session:
        mark = mark_of(session, crisis_id)  # before the rows: what is committed between is written again
        table = build(session, crisis_id)
    until = mark.until or store.clock()
    files = {snapshots.ROWS: table, snapshots.INDEX: built(table)}
    policy = mark.as_policy() | {"read_at": read_at.isoformat()}
    snapshot = snapshots.write(store, crisis_id, "internal", files, data_until=until, policy=policy)
    return pruned(store, snapshot)


def _refresh(store: Store, crisis: Crisis) -> int:
    with store.read() as session:
        newest = snapshots.latest(session, crisis.id, "internal")
        mark = mark_since(session, crisis.id, newest.data_until) if newest else mark_of(session, crisis.id)
    if mark.until is None or (newest is not None and mark.is_of(newest)):
        return 0
    pace = _pace(str(store.snapshots), crisis.id)
    if not pace.is_due(mark):
        return 1
    with alone(store, crisis.id, "internal") as is_alone:
        return _timed(pace, store, crisis.id, newest) if is_alone else 1


def _timed(pace: _Pace, store: Store, crisis_id: int, newest: Snapshot | None) -> int:
    start = time.monotonic()
    try:
        written = write_delta(store, Standing.of(store, newest)) if newest else None
        if written is not None:
            merge_if_due(store, written)
        pace.busy = BUSY_SECONDS if written is None else BUSY_DELTA_SECONDS
        return max(1, (written or write_internal(store, crisis_id)).rows)
    except snapshots.SnapshotConflict:
        return 1  # another machine wrote it; the next look says whether anything is left
    finally:
        pace.ended = time.monotonic()
        pace.took = pace.ended - start


class _Pace:
    """Keeps a busy import from rewriting the snapshot all the time, and a lone change from waiting."""

    def __init__(self) -> None:
        self._seen: Mark | None = None
        self.ended = float("-inf")
        self.busy = BUSY_SECONDS
        self.took = 0.0

    def is_due(self, mark: Mark) -> bool:
        """Whether to write now, given what waits. Looking twice at the same shows that changes pause."""
        is_changing, self._seen = mark != self._seen, mark
        since = time.monotonic() - self.ended
        if since >= (self.busy if is_changing else SHARE * self.took):
            return True
        if not is_changing:
            time.sleep(SHORT_SECONDS)
        return False


@cache
def _pace(_folder: str, _crisis_id: int) -> _Pace:
    return _Pace()
