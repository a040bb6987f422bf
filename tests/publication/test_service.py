"""Releases on both engines: what is counted, when, and what the public files can never hold."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from mapper.clock import SteppedClock
from mapper.publication.service import Outcome, PublishRefused, publish, set_blank
from mapper.store import snapshots
from mapper.store.crises import crisis_by_slug
from mapper.store.snapshot_format import WHOLE_CRISIS
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry, ReleaseMember, Snapshot
from sqlalchemy import select

from tests.publication.incidents import add_areas, add_incident, add_reports, add_verified, change_incident

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def provinces(store: Store, crisis: Crisis) -> Crisis:
    """A hazard-mode crisis with two provinces."""
    add_areas(store, crisis)
    return crisis


@pytest.fixture
def conflict(sqlite_store: Store, make_crisis: Any) -> Crisis:
    """A conflict-mode crisis with two provinces."""
    crisis: Crisis = make_crisis(sqlite_store, mode="conflict")
    add_areas(sqlite_store, crisis)
    return crisis


def release(store: Store, crisis: Crisis, as_of: datetime | None = None) -> Outcome:
    """Publish with the crisis as the store has it now."""
    with store.read() as session:
        found = crisis_by_slug(session, crisis.slug)
    assert found is not None
    return publish(store, found, as_of or store.clock())


def newest(store: Store, crisis: Crisis) -> Snapshot | None:
    """Return the newest release."""
    with store.read() as session:
        return snapshots.latest(session, crisis.id, "public")


def rows(store: Store, crisis: Crisis) -> dict[tuple[str, str, str], int]:
    """Return the newest release's counts."""
    snapshot = newest(store, crisis)
    table = snapshots.open_table(store, snapshot).to_pylist() if snapshot else []
    return {(row["area_code"], row["sector"], row["week"]): row["count"] for row in table}


def test_a_first_release(store: Store, provinces: Crisis) -> None:
    add_verified(store, provinces, 5)
    add_verified(store, provinces, 6, "P2", sector="health", damage_low=0, damage_high=1)
    outcome = release(store, provinces)
    assert (outcome.written, outcome.version, outcome.rows, outcome.incidents) == (True, 1, 2, 11)
    assert rows(store, provinces) == {("P1", "housing", "2026-W09"): 5, ("P2", "health", "2026-W09"): 6}
    snapshot = newest(store, provinces)
    assert snapshot is not None
    assert snapshot.data_until == store.clock()
    assert snapshot.policy["as_of"] == "2026-03-01T12:00:00+00:00"
    assert any("at least 5" in sentence for sentence in snapshot.policy["rules"])
    table = snapshots.open_table(store, snapshot)
    assert table["damage_low"].to_pylist() == [2, 0]
    assert table["damage_high"].to_pylist() == [3, 1]
    with store.read() as session:
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "release")).one()
        members = session.scalars(select(ReleaseMember)).all()
    assert json.loads(entry.payload)["sha256"] == snapshot.sha256
    assert len(members) == 11


def test_the_areas_have_their_own_outlines(store: Store, provinces: Crisis) -> None:
    add_verified(store, provinces, 5)
    release(store, provinces)
    snapshot = newest(store, provinces)
    assert snapshot is not None
    areas = {row["area_code"]: row for row in snapshots.open_areas(store, snapshot).to_pylist()}
    assert set(areas) == {"P1", "P2", WHOLE_CRISIS}
    assert areas["P1"]["name"] == "Province 1"
    assert json.loads(areas["P1"]["area_codes"]) == {"1": "P1"}
    assert shapely.from_wkb(areas["P2"]["geometry"]).equals(shapely.box(1, 0, 2, 1))
    assert shapely.from_wkb(areas[WHOLE_CRISIS]["geometry"]).equals(shapely.box(0, 0, 2, 1))


def test_publishing_twice_writes_once(store: Store, provinces: Crisis, clock: SteppedClock) -> None:
    assert not release(store, provinces).written  # nothing to say yet
    add_verified(store, provinces, 5)
    assert release(store, provinces).written
    assert not release(store, provinces).written
    clock.set(clock() + timedelta(days=3))
    again = release(store, provinces)
    assert (again.written, again.why, again.version) == (False, "nothing changed", 1)


@pytest.mark.parametrize(
    "status", ["new", "triaged", "in_review", "override", "disputed", "retracted", "false"]
)
def test_only_what_two_people_verified_is_counted(sqlite_store: Store, make_crisis: Any, status: str) -> None:
    crisis = make_crisis(sqlite_store)
    add_areas(sqlite_store, crisis)
    add_verified(sqlite_store, crisis, 5, status=status)
    assert not release(sqlite_store, crisis).written


def test_merged_incidents_are_not_counted(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_areas(sqlite_store, crisis)
    kept = add_verified(sqlite_store, crisis, 4)
    add_verified(sqlite_store, crisis, 1, merged_into=kept[0].id)
    assert not release(sqlite_store, crisis).written


def test_the_embargo_is_exact(sqlite_store: Store, conflict: Crisis, clock: SteppedClock) -> None:
    start = clock()
    add_verified(sqlite_store, conflict, 5)
    add_verified(sqlite_store, conflict, 5, "P2", sector="health")
    add_verified(
        sqlite_store,
        conflict,
        5,
        sector="food",
        happened_from=None,
        happened_to=None,
        first_reported_at=start - 60 * HOUR,
    )
    release(sqlite_store, conflict, start + 24 * HOUR - SECOND)
    assert rows(sqlite_store, conflict) == {}
    release(sqlite_store, conflict, start + 24 * HOUR)
    assert set(rows(sqlite_store, conflict)) == {
        ("P1", "food", "2026-W09")
    }  # its receipt stands in for its time
    release(sqlite_store, conflict, start + 72 * HOUR - SECOND)
    assert len(rows(sqlite_store, conflict)) == 1
    release(sqlite_store, conflict, start + 72 * HOUR + SECOND)
    assert len(rows(sqlite_store, conflict)) == 2
    release(sqlite_store, conflict, start + timedelta(days=7) - SECOND)
    assert len(rows(sqlite_store, conflict)) == 2
    release(sqlite_store, conflict, start + timedelta(days=7) + SECOND)
    assert set(rows(sqlite_store, conflict)) - {
        ("P1", "food", "2026-W09"),
        ("P1", "housing", "2026-W09"),
    } == {("P2", "health", "2026-W09")}


def test_one_release_a_day_in_conflict(sqlite_store: Store, conflict: Crisis, clock: SteppedClock) -> None:
    start = clock() + 96 * HOUR  # noon
    add_verified(sqlite_store, conflict, 5)
    assert release(sqlite_store, conflict, start).written
    add_verified(sqlite_store, conflict, 5, "P2")
    later = release(sqlite_store, conflict, start + 17 * HOUR)
    assert (later.written, later.why) == (False, "not due: one release a day")
    assert release(sqlite_store, conflict, start + 18 * HOUR).written
    assert len(rows(sqlite_store, conflict)) == 2


def test_time_does_not_run_backwards(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_verified(sqlite_store, crisis, 5)
    release(sqlite_store, crisis)
    with pytest.raises(PublishRefused, match="later"):
        release(sqlite_store, crisis, sqlite_store.clock() - SECOND)


def test_one_witness_or_one_building_is_not_enough_in_conflict(
    sqlite_store: Store, conflict: Crisis, clock: SteppedClock
) -> None:
    clock.set(clock() + 96 * HOUR)
    old = {"happened_from": clock() - 96 * HOUR, "happened_to": None, "verified_at": clock() - 96 * HOUR}
    one_building = {"lon_e7": 5_000_000, "lat_e7": 5_000_000}
    add_verified(sqlite_store, conflict, 5, **old | one_building)
    one_witness = [
        add_incident(
            sqlite_store,
            conflict,
            status="verified",
            lon_e7=12_000_000 + place * 100_000,
            lat_e7=5_000_000,
            area_codes={"1": "P2"},
            areas_version=1,
            sector="food",
            **old,
        )
        for place in range(5)
    ]
    add_reports(sqlite_store, conflict, one_witness, contact="the same person")
    release(sqlite_store, conflict)
    assert rows(sqlite_store, conflict) == {(WHOLE_CRISIS, "multiple", "2026-W09"): 10}


def test_a_withdrawal_dissolves_its_row(store: Store, provinces: Crisis, clock: SteppedClock) -> None:
    items = add_verified(store, provinces, 12)
    release(store, provinces)
    change_incident(store, items[3], status="retracted")
    assert release(store, provinces).written
    assert rows(store, provinces) == {("P1", "multiple", "2026-W09"): 7}
    assert not release(store, provinces).written
    with store.read() as session:
        members = session.scalars(select(ReleaseMember)).all()
    assert sorted(member.release for member in members) == [0] * 4 + [2] * 7
    add_verified(store, provinces, 5, sector="food", happened_from=clock() - 2 * HOUR)
    add_verified(store, provinces, 5, happened_from=clock() - 2 * HOUR)
    release(store, provinces)
    assert sum(rows(store, provinces).values()) == 7 + 10  # a batch of housing does not reach “multiple”
    with store.read() as session:
        waiting = select(ReleaseMember).where(ReleaseMember.release == 0)
        assert len(session.scalars(waiting).all()) == 4


@pytest.mark.parametrize(
    "change",
    [{"status": "disputed"}, {"status": "triaged"}, {"merged_into": "other"}, {"status": "override"}],
    ids=str,
)
def test_whatever_ends_its_truth_withdraws_an_incident(
    sqlite_store: Store, make_crisis: Any, change: dict[str, Any]
) -> None:
    crisis = make_crisis(sqlite_store)
    add_areas(sqlite_store, crisis)
    items = add_verified(sqlite_store, crisis, 6)
    release(sqlite_store, crisis)
    into = {"merged_into": items[1].id} if "merged_into" in change else change
    change_incident(sqlite_store, items[0], **into)
    release(sqlite_store, crisis)
    assert rows(sqlite_store, crisis) == {}


def test_a_regrading_or_a_move_does_not_show(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_areas(sqlite_store, crisis)
    items = add_verified(sqlite_store, crisis, 5)
    release(sqlite_store, crisis)
    change_incident(
        sqlite_store, items[0], damage_low=5, damage_high=5, area_codes={"1": "P2"}, sector="food"
    )
    assert not release(sqlite_store, crisis).written
    add_verified(sqlite_store, crisis, 5)
    release(sqlite_store, crisis)
    snapshot = newest(sqlite_store, crisis)
    assert snapshot is not None
    (row,) = snapshots.open_table(sqlite_store, snapshot).to_pylist()
    assert (row["area_code"], row["count"], row["damage_low"], row["damage_high"]) == ("P1", 10, 2, 5)


def test_unknown_damage_is_null_and_few_grades_are_not_an_interval(
    sqlite_store: Store, make_crisis: Any
) -> None:
    crisis = make_crisis(sqlite_store)
    add_areas(sqlite_store, crisis)
    add_verified(sqlite_store, crisis, 5, damage_low=None, damage_high=None)
    add_verified(sqlite_store, crisis, 4, "P2", damage_low=None, damage_high=None)
    add_verified(sqlite_store, crisis, 1, "P2", damage_low=5, damage_high=5)
    release(sqlite_store, crisis)
    snapshot = newest(sqlite_store, crisis)
    assert snapshot is not None
    table = snapshots.open_table(sqlite_store, snapshot)
    assert table["damage_low"].to_pylist() == table["damage_high"].to_pylist() == [None, None]


def test_without_areas_cells_of_a_province_s_size_stand_in(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_verified(sqlite_store, crisis, 5, lon_e7=1_000_003)
    add_verified(sqlite_store, crisis, 5, lon_e7=None, lat_e7=None, sector="food")
    release(sqlite_store, crisis)
    found = rows(sqlite_store, crisis)
    assert sorted(found.values()) == [5, 5]
    (cell,) = {area for area, _, _ in found} - {WHOLE_CRISIS}
    snapshot = newest(sqlite_store, crisis)
    assert snapshot is not None
    areas = {row["area_code"]: row for row in snapshots.open_areas(sqlite_store, snapshot).to_pylist()}
    assert set(areas) == {cell, WHOLE_CRISIS}
    assert shapely.from_wkb(areas[cell]["geometry"]).area > 0.5
    add_areas(sqlite_store, crisis)  # one partition at a time: cells dissolve into the crisis
    release(sqlite_store, crisis)
    assert {area for area, _, _ in rows(sqlite_store, crisis)} == {WHOLE_CRISIS}
    assert sum(rows(sqlite_store, crisis).values()) == 10


def test_an_incident_waits_for_its_areas(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_areas(sqlite_store, crisis)
    items = add_verified(sqlite_store, crisis, 5, area_codes=None, areas_version=None)
    assert not release(sqlite_store, crisis).written
    for item in items:
        change_incident(sqlite_store, item, areas_version=1)  # looked up: outside every area
    release(sqlite_store, crisis)
    assert rows(sqlite_store, crisis) == {(WHOLE_CRISIS, "housing", "2026-W09"): 5}


def test_changed_rules_are_shown_with_a_new_release(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_verified(sqlite_store, crisis, 8)
    release(sqlite_store, crisis)
    with sqlite_store.write() as session:
        session.get_one(Crisis, crisis.id).minimum_count = 6
    assert release(sqlite_store, crisis).version == 2
    assert not release(sqlite_store, crisis).written


def test_the_kill_switch(store: Store, crisis: Crisis) -> None:
    assert set_blank(store, crisis.id, is_blank=True)
    assert not set_blank(store, crisis.id, is_blank=True)
    with pytest.raises(PublishRefused, match="blanked"):
        release(store, crisis)
    assert set_blank(store, crisis.id, is_blank=False)
    with store.read() as session:
        entries = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "policy")).all()
    assert sorted(entry for entry in entries if "blanked" in entry) == [
        '{"blanked":false}',
        '{"blanked":true}',
    ]


def test_two_publishers_at_once_write_one_release(
    sqlite_store: Store, make_crisis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    crisis = make_crisis(sqlite_store)
    add_verified(sqlite_store, crisis, 5)
    stage = snapshots.stage

    def slow(*arguments: Any) -> snapshots.Staged:
        monkeypatch.setattr(snapshots, "stage", stage)
        release(sqlite_store, crisis)
        return stage(*arguments)

    monkeypatch.setattr(snapshots, "stage", slow)
    with pytest.raises(snapshots.SnapshotConflict):
        release(sqlite_store, crisis)
    assert sum(rows(sqlite_store, crisis).values()) == 5


def test_nothing_exact_is_in_the_public_files(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_areas(sqlite_store, crisis)
    items = add_verified(sqlite_store, crisis, 7) + add_verified(sqlite_store, crisis, 6, "P2")
    release(sqlite_store, crisis)
    snapshot = newest(sqlite_store, crisis)
    assert snapshot is not None
    folder = (sqlite_store.snapshots / snapshot.path).parent
    held = b"".join(file.read_bytes() for file in folder.iterdir())
    assert len(held) > 1000
    for item in items:
        secrets = [str(item.id).encode(), item.id.hex.encode(), item.id.bytes]
        for whole in (item.lon_e7, item.lat_e7):
            assert whole is not None
            secrets += [struct.pack("<i", whole), struct.pack("<d", whole / 1e7), str(whole / 1e7).encode()]
        assert not [secret for secret in secrets if secret in held]


def test_times_are_kept_in_utc(sqlite_store: Store, make_crisis: Any) -> None:
    crisis = make_crisis(sqlite_store)
    add_verified(sqlite_store, crisis, 5)
    as_of = datetime.fromisoformat("2026-03-01T18:00:00+05:30")
    assert release(sqlite_store, crisis, as_of).as_of == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
