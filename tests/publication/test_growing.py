"""Of a large snapshot only what changed is written; together it is always what the tables say."""

from __future__ import annotations

import random
import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from mapper.clock import SteppedClock
from mapper.publication import growing
from mapper.publication import work as room
from mapper.publication.gate import index_of, seen
from mapper.publication.internal import build
from mapper.store import snapshots
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, Snapshot

from tests.publication.incidents import add_incident, change_incident

LONG = timedelta(minutes=30)  # well beyond what may still be committed late


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "SMALL", 1)


def newest(store: Store, crisis: Crisis) -> Snapshot:
    with store.read() as session:
        found = snapshots.latest(session, crisis.id, "internal")
    assert found is not None
    return found


def settle(store: Store) -> None:
    while room.work(store):
        pass


def by_id(table: pa.Table) -> list[dict[str, Any]]:
    return sorted(table.drop_columns(["by_id"]).to_pylist(), key=lambda row: row["id"])


def agrees(store: Store, crisis: Crisis) -> None:
    """Whether what is seen is what the tables say."""
    with store.read() as session:
        wanted = build(session, crisis.id)
    found = seen(store, crisis, "internal")
    assert by_id(found.rows) == by_id(wanted)
    assert newest(store, crisis).rows == wanted.num_rows
    assert found.rows["cell_key"].to_pylist() == wanted["cell_key"].to_pylist()
    assert found.rows["id"].take(found.rows["by_id"]).to_pylist() == sorted(wanted["id"].to_pylist())


def many(store: Store, crisis: Crisis, clock: SteppedClock, number: int = 12) -> list[Incident]:
    made = [add_incident(store, crisis, cell_key=(n * 5) % 11) for n in range(number)]
    clock.set(clock() + LONG)
    settle(store)
    clock.set(clock() + LONG)
    return made


def test_a_decision_writes_what_changed_alone(store: Store, crisis: Crisis, clock: SteppedClock) -> None:
    made = many(store, crisis, clock)
    whole = newest(store, crisis)
    change_incident(store, made[3], status="verified", cell_key=2**60)
    settle(store)
    found = newest(store, crisis)
    assert found.version > whole.version
    index = index_of(store, seen(store, crisis, "internal"))
    assert index.delta is not None
    assert index.delta.rows["id"].to_pylist() == [str(made[3].id)]
    folders = [(store.snapshots / version.path).parent for version in (whole, found)]
    assert folders[0] != folders[1]
    assert (folders[1] / "rows.arrow").samefile(folders[0] / "rows.arrow")
    agrees(store, crisis)
    assert room.work(store) == 0


@pytest.mark.parametrize("seed", range(3))
def test_any_changes_are_seen(store: Store, crisis: Crisis, clock: SteppedClock, seed: int) -> None:
    chance = random.Random(seed)
    made = many(store, crisis, clock)
    for _ in range(8):
        one, other = chance.sample(made, 2)
        change = chance.choice(["moved", "merged", "added", "regraded"])
        if change == "added":
            made.append(add_incident(store, crisis, cell_key=chance.randrange(20), id=uuid.uuid4()))
        elif change == "merged":
            change_incident(store, one, merged_into=other.id)
        else:
            fields = {"cell_key": chance.randrange(20)} if change == "moved" else {"damage_low": 3}
            change_incident(store, one, **fields)
        clock.set(clock() + timedelta(minutes=chance.choice([0, 1, 12])))
        settle(store)
        agrees(store, crisis)


def test_a_change_committed_late_is_not_missed(store: Store, crisis: Crisis, clock: SteppedClock) -> None:
    made = many(store, crisis, clock)
    change_incident(store, made[0], status="triaged")
    settle(store)
    change_incident(store, made[1], at=clock() - timedelta(minutes=5), status="triaged")
    settle(store)
    agrees(store, crisis)


def test_old_changes_are_merged_and_what_comes_meanwhile_is_kept(
    store: Store, crisis: Crisis, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = many(store, crisis, clock)
    monkeypatch.setattr(room, "merge_if_due", lambda *_: None)
    change_incident(store, made[0], status="triaged")
    settle(store)
    old = newest(store, crisis)
    clock.set(clock() + LONG)
    change_incident(store, made[1], status="verified")
    settle(store)  # while the merge of `old` is under way
    written = growing.merge(store, old)
    assert written is not None
    assert written.policy["base_read_at"] == old.policy["read_at"]
    assert written.policy["delta_rows"] < old.rows
    agrees(store, crisis)
    assert not list((store.snapshots / written.path).parents[1].glob("0-*"))


def test_the_worker_merges_in_the_background(store: Store, crisis: Crisis, clock: SteppedClock) -> None:
    made = many(store, crisis, clock)
    change_incident(store, made[0], status="triaged")
    settle(store)
    for thread in threading.enumerate():
        if thread.name == "merge":
            thread.join()
    agrees(store, crisis)
    policy = newest(store, crisis).policy
    assert datetime.fromisoformat(policy["base_read_at"]) >= clock()


def test_a_killed_merge_leaves_the_version_as_it_was(
    sqlite_store: Store, make_crisis: Any, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    crisis = make_crisis(sqlite_store)
    made = many(sqlite_store, crisis, clock)
    monkeypatch.setattr(room, "merge_if_due", lambda *_: None)
    change_incident(sqlite_store, made[0], status="triaged")
    settle(sqlite_store)
    before = newest(sqlite_store, crisis)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            growing.merge(sqlite_store, before)
    assert newest(sqlite_store, crisis).version == before.version
    agrees(sqlite_store, crisis)


def test_too_many_changes_are_written_whole(
    sqlite_store: Store, make_crisis: Any, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    crisis = make_crisis(sqlite_store)
    made = many(sqlite_store, crisis, clock)
    monkeypatch.setattr(growing, "MOST_CHANGED", 1)
    for incident in made[:2]:
        change_incident(sqlite_store, incident, status="triaged")
    settle(sqlite_store)
    assert index_of(sqlite_store, seen(sqlite_store, crisis, "internal")).delta is None
    agrees(sqlite_store, crisis)


def test_without_hard_links_versions_are_whole(
    sqlite_store: Store, make_crisis: Any, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    crisis = make_crisis(sqlite_store)
    made = many(sqlite_store, crisis, clock)

    def refused(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refused)
    change_incident(sqlite_store, made[0], status="triaged")
    settle(sqlite_store)
    agrees(sqlite_store, crisis)
