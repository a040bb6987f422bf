"""The internal snapshot holds every incident as the tables do, on both engines, and follows them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mapper.clock import SteppedClock
from mapper.publication import work as room
from mapper.store import snapshots
from mapper.store.snapshot_format import INTERNAL
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident

from tests.publication.incidents import add_incident, change_incident

MOMENT = datetime(2026, 2, 28, 23, 59, 59, 123_456, tzinfo=UTC)


def rows(store: Store, crisis: Crisis) -> list[dict[str, Any]]:
    """Return the newest internal snapshot's rows."""
    with store.read() as session:
        newest = snapshots.latest(session, crisis.id, "internal")
    return snapshots.open_table(store, newest).to_pylist() if newest else []


def settle(store: Store) -> None:
    """Work until nothing waits."""
    while room.work(store):
        pass


def test_a_full_incident_comes_through(store: Store, crisis: Crisis) -> None:
    incident = add_incident(
        store,
        crisis,
        version=3,
        status="verified",
        sector="health",
        asset="clinic",
        damage_low=2,
        damage_high=4,
        service_state="out",
        needs=["water", "shelter"],
        people_affected_low=5,
        people_affected_high=2**40,
        reports=7,
        sources=5,
        origins=4,
        happened_from=MOMENT,
        happened_to=MOMENT + timedelta(days=1),
        verified_at=MOMENT,
        lon_e7=-723_456_789,
        lat_e7=185_432_101,
        cell_key=2**61,
        position_accuracy_m=12.5,
        area_codes={"1": "HT01", "2": "HT0111", "3": "HT0111-01"},
        outside_areas=False,
        needs_review=True,
    )
    settle(store)
    (row,) = rows(store, crisis)
    assert row["id"] == str(incident.id)
    assert row["area_codes"] == '{"1": "HT01", "2": "HT0111", "3": "HT0111-01"}'
    assert [row[f"area_{level}"] for level in (1, 2, 3)] == ["HT01", "HT0111", "HT0111-01"]
    plain = {"id", "area_codes", "area_1", "area_2", "area_3", "by_id"}
    for name in set(INTERNAL.names) - plain:
        assert row[name] == getattr(incident, name), name


def test_an_empty_incident_comes_through(store: Store, crisis: Crisis) -> None:
    add_incident(store, crisis)
    settle(store)
    (row,) = rows(store, crisis)
    assert row["cell_key"] == -1
    assert row["needs"] == []
    for name in (
        "lon_e7",
        "lat_e7",
        "damage_low",
        "asset",
        "happened_from",
        "verified_at",
        "area_1",
        "area_codes",
    ):
        assert row[name] is None, name


def test_rows_are_in_order_of_cell_and_the_index_in_order_of_id(store: Store, crisis: Crisis) -> None:
    for n, key in enumerate((7, None, 3, 2**61, 7)):
        add_incident(store, crisis, cell_key=key, id=uuid.UUID(int=(n * 7 + 3) % 5))
    settle(store)
    found = rows(store, crisis)
    assert [row["cell_key"] for row in found] == [-1, 3, 7, 7, 2**61]
    ids = [row["id"] for row in found]
    assert [ids[row["by_id"]] for row in found] == sorted(ids)


def test_signposts_of_merged_incidents_are_not_in_it(store: Store, crisis: Crisis) -> None:
    kept = add_incident(store, crisis)
    add_incident(store, crisis, merged_into=kept.id)
    settle(store)
    assert [row["id"] for row in rows(store, crisis)] == [str(kept.id)]


def test_other_crises_are_not_in_it(store: Store, crisis: Crisis, make_crisis: Any) -> None:
    other = make_crisis(store, "elsewhere")
    add_incident(store, crisis)
    settle(store)
    assert rows(store, other) == []


def test_each_change_is_in_the_next_version(store: Store, crisis: Crisis, clock: SteppedClock) -> None:
    assert room.work(store) == 0  # nothing waits where there is nothing
    incident = add_incident(store, crisis)
    settle(store)
    assert room.work(store) == 0
    clock.set(clock() + timedelta(seconds=1))
    change_incident(store, incident, status="triaged")
    settle(store)
    assert [row["status"] for row in rows(store, crisis)] == ["triaged"]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=5)])
def test_a_change_committed_after_later_ones_is_not_missed(
    store: Store, crisis: Crisis, late: timedelta
) -> None:
    incident = add_incident(store, crisis)
    add_incident(store, crisis)
    settle(store)
    change_incident(store, incident, at=store.clock() - late, status="triaged")
    settle(store)
    assert sorted(row["status"] for row in rows(store, crisis)) == ["new", "triaged"]


def test_areas_that_are_looked_up_later_are_not_missed(
    store: Store, crisis: Crisis, clock: SteppedClock
) -> None:
    incident = add_incident(store, crisis)
    settle(store)
    clock.set(clock() + timedelta(seconds=1))
    change_incident(store, incident, area_codes={"1": "HT01"}, version=0)  # the same version as before
    settle(store)
    assert [row["area_1"] for row in rows(store, crisis)] == ["HT01"]


def test_a_busy_time_does_not_rewrite_at_every_change(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_incident(sqlite_store, crisis)
    room.work(sqlite_store)
    for _ in range(10):
        add_incident(sqlite_store, crisis)
        assert room.work(sqlite_store) == 1
    assert len(rows(sqlite_store, crisis)) == 1
    settle(sqlite_store)
    assert len(rows(sqlite_store, crisis)) == 11
    with sqlite_store.read() as session:
        newest = snapshots.latest(session, crisis.id, "internal")
    assert newest is not None
    assert newest.version == 2


def test_a_killed_writer_leaves_the_work_waiting(
    sqlite_store: Store, make_crisis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    crisis = make_crisis(sqlite_store)
    incident = add_incident(sqlite_store, crisis)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            room.work(sqlite_store)
    assert rows(sqlite_store, crisis) == []
    settle(sqlite_store)
    assert [row["id"] for row in rows(sqlite_store, crisis)] == [str(incident.id)]


def test_old_versions_are_pruned(sqlite_store: Store, make_crisis: Any, clock: SteppedClock) -> None:
    crisis = make_crisis(sqlite_store)
    incident = add_incident(sqlite_store, crisis)
    for n in range(20):
        clock.set(clock() + timedelta(minutes=10))
        change_incident(sqlite_store, incident, reports=n)
        room.write_internal(sqlite_store, crisis.id)
    folder = sqlite_store.snapshots / str(crisis.id) / "internal"
    assert len(list(folder.iterdir())) <= snapshots.VERSIONS_KEPT + 1
    assert rows(sqlite_store, crisis)[0]["reports"] == 19


def test_the_columns_of_the_tables_are_known() -> None:
    assert set(INTERNAL.names) - {"by_id", "area_1", "area_2", "area_3"} <= set(
        Incident.__table__.columns.keys()
    )
