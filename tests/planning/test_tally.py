"""What is counted for an area: verified damage apart from what waits, and unknown never as nothing."""

from datetime import UTC, datetime, timedelta

from mapper.planning.behind import incidents_behind
from mapper.planning.tally import NOTHING, blocked_ways, tally

from tests.publication.tables import internal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rows(*changes):
    usual = {
        "status": "verified",
        "sector": "housing",
        "damage_low": 2,
        "damage_high": 3,
        "area_2": "A",
        "verified_at": NOON,
        "reports": 2,
    }
    return internal([usual | change for change in changes])


def test_verified_damage_is_summed_and_what_waits_is_counted_apart():
    table = rows(
        {"people_affected_low": 4, "people_affected_high": 6},
        {"damage_low": None, "damage_high": None, "verified_at": NOON + timedelta(hours=1)},
        {"status": "new", "damage_low": 5, "damage_high": 5},
        {"status": "in_review"},
        {"status": "override"},
        {"status": "false"},
        {"status": "retracted"},
        {"area_2": "B", "damage_low": 5, "damage_high": 5},
        {"area_2": None},
    )
    found = tally(table, 2, None)
    area = found["A"]
    assert (area.verified, area.unknown, area.waiting, area.overridden, area.reports) == (2, 1, 2, 1, 4)
    assert (area.grades_low, area.grades_high, area.grades) == (2, 3, (0, 0, 0, 1, 0, 0))
    assert (area.people_low, area.people_high, area.people_unknown) == (4, 6, 1)
    assert area.newest == NOON + timedelta(hours=1)
    assert (found["B"].verified, found["B"].grades[5]) == (1, 1)
    assert found[None].verified == 1


def test_what_was_false_leaves_an_area_silent():
    assert tally(rows({"status": "false"}), 2, None)["A"].is_silent
    assert NOTHING.is_silent


def test_a_sector_narrows_and_an_empty_crisis_is_no_error():
    table = rows({}, {"sector": "health"})
    assert tally(table, 2, "health")["A"].verified == 1
    assert tally(table, 2, "water").get("A", NOTHING).verified == 0
    assert tally(rows().slice(0, 0), 2, None)[None] == NOTHING


def test_ways_are_cut_when_out_of_service_or_too_damaged():
    road = {"sector": "transport"}
    table = rows(
        road | {"service_state": "out", "damage_low": 1, "damage_high": 1},
        road | {"damage_low": 4, "damage_high": 5},
        road | {"service_state": "partial", "damage_low": 1, "damage_high": 5},
        road | {"service_state": "out", "status": "new"},
        {"service_state": "out"},
    )
    assert blocked_ways(table, 2)["A"] == 2
    assert incidents_behind(table, 2, "A", "housing", "blocked").count == 2


def test_behind_a_number_stand_the_worst_first_and_the_unknown_before_them():
    table = rows(
        {"damage_low": 1, "damage_high": 2},
        {"damage_low": 4, "damage_high": 5},
        {"damage_low": None, "damage_high": None},
        {"status": "new"},
    )
    found = incidents_behind(table, 2, "A", None, "verified")
    assert found.count == 3
    assert [row["damage_high"] for row in found.rows] == [None, 5, 2]
    assert incidents_behind(table, 2, None, None, "verified").count == 0
