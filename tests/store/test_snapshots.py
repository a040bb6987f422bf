"""Snapshots are whole or absent, newest first, and old ones go without hurting who still reads them."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta

import pyarrow as pa
import pytest
from mapper.clock import SteppedClock
from mapper.store import snapshots
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from sqlalchemy import select


def write(store: Store, crisis: Crisis, *values: int) -> Snapshot:
    """Write a version of one column."""
    rows = pa.table({"n": pa.array(values, pa.int32())})
    return snapshots.write(
        store, crisis.id, "internal", {snapshots.ROWS: rows}, data_until=store.clock(), policy={}
    )


def test_the_latest_version_is_the_one_that_opens(store: Store, crisis: Crisis) -> None:
    with store.read() as session:
        assert snapshots.latest(session, crisis.id, "internal") is None
    write(store, crisis, 1)
    write(store, crisis, 1, 2)
    with store.read() as session:
        newest = snapshots.latest(session, crisis.id, "internal")
        assert snapshots.latest(session, crisis.id, "public") is None
    assert newest is not None
    assert (newest.version, newest.rows) == (2, 2)
    table = snapshots.open_table(store, newest)
    assert table["n"].to_pylist() == [1, 2]
    assert snapshots.open_table(store, newest) is table


def test_files_are_aside_until_they_are_whole(
    store: Store, crisis: Crisis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(snapshots, "_write_table", killed)
    with pytest.raises(KeyboardInterrupt):
        write(store, crisis, 1)
    folders = list((store.snapshots / str(crisis.id) / "internal").iterdir())
    assert [folder.name[0] for folder in folders] == ["."]
    with store.read() as session:
        assert snapshots.latest(session, crisis.id, "internal") is None


def test_of_two_writers_of_one_version_one_wins(store: Store, crisis: Crisis) -> None:
    rows = {snapshots.ROWS: pa.table({"n": [1]})}
    first, second = (snapshots.stage(store, crisis.id, "internal", 1, rows) for _ in range(2))
    now = store.clock()
    with store.write() as session:
        snapshots.record(session, first, data_until=now, created_at=now, policy={})
    with pytest.raises(snapshots.SnapshotConflict), store.write() as session:
        snapshots.record(session, second, data_until=now, created_at=now, policy={})
    with store.read() as session:
        assert session.scalars(select(Snapshot.path)).all() == [first.path]


def test_old_versions_go_once_nobody_can_be_opening_them(
    store: Store, crisis: Crisis, clock: SteppedClock
) -> None:
    versions = [write(store, crisis, n) for n in range(5)]
    held = snapshots.open_table(store, versions[0])
    assert snapshots.prune(store, crisis.id, "internal") == 0  # all too young
    clock.set(clock() + timedelta(hours=1))
    assert snapshots.prune(store, crisis.id, "internal") == 2
    with store.read() as session:
        assert sorted(session.scalars(select(Snapshot.version))) == [3, 4, 5]
    assert [(store.snapshots / item.path).exists() for item in versions] == [False, False, True, True, True]
    assert held["n"].to_pylist() == [0]


def test_a_killed_writers_folder_goes_when_it_is_old(sqlite_store: Store, make_crisis: object) -> None:
    crisis = make_crisis(sqlite_store)  # type: ignore[operator]
    kept = write(sqlite_store, crisis, 1)
    rows = {snapshots.ROWS: pa.table({"n": [1]})}
    young, old = (snapshots.stage(sqlite_store, crisis.id, "internal", 2, rows) for _ in range(2))
    os.utime((sqlite_store.snapshots / old.path).parent, (0, 0))
    os.utime((sqlite_store.snapshots / kept.path).parent, (0, 0))
    assert snapshots.prune(sqlite_store, crisis.id, "internal") == 1
    assert [(sqlite_store.snapshots / item.path).exists() for item in (kept, young, old)] == [
        True,
        True,
        False,
    ]


def test_a_mapped_table_outlives_its_file(sqlite_store: Store, make_crisis: object) -> None:
    crisis = make_crisis(sqlite_store)  # type: ignore[operator]
    snapshot = write(sqlite_store, crisis, *range(10_000))
    table = snapshots.open_table(sqlite_store, snapshot)
    shutil.rmtree(sqlite_store.snapshots)
    assert sum(table["n"].to_pylist()) == 49_995_000
