"""Versions of a large internal snapshot: what changed beside the base, and both merged when that grew.

What changed is always counted from the base, so that a version needs no other one. A merge takes seconds at
ten million incidents: a thread of its own writes the new base aside, while versions on the old one go on.
"""

from __future__ import annotations

import fcntl
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import structlog

from mapper.publication.bitmaps import built
from mapper.publication.deltas import gone_from, merged, open_index
from mapper.publication.internal import LATEST_COMMIT, Mark, build, changed_since, mark_of, mark_since
from mapper.store import snapshots
from mapper.store.store import Store
from mapper.store.tables import Snapshot

SMALL = 50_000  # rows of a base; what is smaller is written whole in half a second
MOST_CHANGED = 50_000  # rows beside a base; more are not read again for every version
MERGED_AFTER = LATEST_COMMIT + timedelta(minutes=5)  # sooner, what changed would stay beside the new base too
SHORT_SECONDS = 0.05
VERSIONS_BETWEEN_PRUNES = 5

log = structlog.get_logger()


@dataclass(frozen=True)
class Standing:
    """A base that further versions may stand on."""

    crisis_id: int
    folder: Path
    sha256: str
    read_at: datetime  # when the base's rows were read

    @classmethod
    def of(cls, store: Store, snapshot: Snapshot) -> Standing:
        """Return the base of a version: itself where it stands on none."""
        said = snapshot.policy.get("base_read_at")
        read_at = datetime.fromisoformat(said) if said else _read_at(snapshot)
        sha256 = snapshot.policy.get("base_sha256", snapshot.sha256)
        return cls(snapshot.crisis_id, (store.snapshots / snapshot.path).parent, sha256, read_at)

    @property
    def since(self) -> datetime:
        """From when on a change may be missing in the base: it was not committed yet."""
        return self.read_at - LATEST_COMMIT


def _read_at(snapshot: Snapshot) -> datetime:
    said = snapshot.policy.get("read_at")
    return datetime.fromisoformat(said) if said else snapshot.data_until


def write_delta(store: Store, base: Standing) -> Snapshot | None:
    """Write a version of a base and what changed since; None where it has to be written whole.

    Raises SnapshotConflict.
    """
    read_at = store.clock()
    changed = _changed(store, base)
    if changed is None:
        return None
    mark, gone, delta, rows = changed
    with store.read() as session:
        newest = snapshots.latest(session, base.crisis_id, "internal")
    version = newest.version + 1 if newest else 1
    files = {snapshots.DELTA: delta, snapshots.GONE_ROWS: gone}
    below = snapshots.Base(base.folder, base.sha256, rows)
    try:
        staged = snapshots.stage(store, base.crisis_id, "internal", version, files, below)
    except OSError as error:
        log.warning("a snapshot is written whole", reason=str(error))
        return None
    kept = {
        "read_at": read_at.isoformat(),
        "base_read_at": base.read_at.isoformat(),
        "base_sha256": base.sha256,
        "delta_rows": delta.num_rows,
    }
    with store.write() as session:
        written = snapshots.record(
            session,
            staged,
            data_until=mark.until or store.clock(),
            created_at=store.clock(),
            policy=mark.as_policy() | kept,
        )
    return pruned(store, written)


def _changed(store: Store, base: Standing) -> tuple[Mark, pa.Table, pa.Table, int] | None:
    """Return what changed since a base, and how many rows that makes altogether."""
    if not (base.folder / snapshots.INDEX).exists():
        return None
    rows = snapshots.map_file(base.folder / snapshots.ROWS)
    if rows.num_rows < SMALL or rows["by_id"].null_count:
        return None
    with store.read() as session:
        if mark_since(session, base.crisis_id, base.read_at).count > MOST_CHANGED:
            return None
        mark = mark_of(session, base.crisis_id)  # before the rows: what is committed between is read again
        delta = build(session, base.crisis_id, base.since)
        ids = changed_since(session, base.crisis_id, base.since)
    gone = gone_from(rows, pa.concat_arrays([ids, *delta["id"].chunks]).unique())
    return mark, gone, delta, rows.num_rows - gone.num_rows + delta.num_rows


def merge_if_due(store: Store, snapshot: Snapshot) -> threading.Thread | None:
    """Start to merge a version's base and changes where these are old; return the thread that does."""
    base = Standing.of(store, snapshot)
    if base.read_at > _read_at(snapshot) - MERGED_AFTER:
        return None
    thread = threading.Thread(target=_merge_alone, args=(store, snapshot), name="merge", daemon=True)
    thread.start()
    return thread


def _merge_alone(store: Store, snapshot: Snapshot) -> None:
    with alone(store, snapshot.crisis_id, "merge") as is_alone:
        if is_alone:
            try:
                merge(store, snapshot)
            except Exception:
                # The version that stands stays readable, and the next change tries again.
                log.exception("merging a snapshot failed", crisis=snapshot.crisis_id)


def merge(store: Store, snapshot: Snapshot) -> Snapshot | None:
    """Make a version's base and changes one base, and write a version of it and what changed meanwhile."""
    table = merged(open_index((store.snapshots / snapshot.path).parent))
    files = {snapshots.ROWS: table, snapshots.INDEX: built(table)}
    staged = snapshots.stage(store, snapshot.crisis_id, "internal", 0, files)
    folder = (store.snapshots / staged.path).parent
    base = Standing(snapshot.crisis_id, folder, staged.sha256, _read_at(snapshot))
    try:
        with waiting_alone(store, snapshot.crisis_id, "internal"):
            return write_delta(store, base)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pruned(store: Store, snapshot: Snapshot) -> Snapshot:
    """Forget old versions now and then; return the snapshot."""
    if snapshot.version % VERSIONS_BETWEEN_PRUNES == 0:
        snapshots.prune(store, snapshot.crisis_id, "internal")
    return snapshot


@contextmanager
def waiting_alone(store: Store, crisis_id: int, what: str) -> Iterator[None]:
    """Wait until nobody else of this machine does the same to this crisis' snapshot."""
    while True:
        with alone(store, crisis_id, what) as is_alone:
            if is_alone:
                yield
                return


@contextmanager
def alone(store: Store, crisis_id: int, what: str) -> Iterator[bool]:
    """Whether no other process or thread of this machine does the same to this crisis' snapshot."""
    folder = store.snapshots / str(crisis_id)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{what}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(SHORT_SECONDS)
            yield False
            return
        yield True
