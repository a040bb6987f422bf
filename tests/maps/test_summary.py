"""The figures beside the map add up to what the map shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from mapper.maps.summary import incident_bars, incident_summary, release_bars, time_line
from mapper.publication.bitmaps import Index
from mapper.publication.selection import Selection
from mapper.store.tables import Snapshot

from tests.maps.rows import LAST, incident_rows

ALL = Selection()


def made(count: int = 200) -> pa.Table:
    return incident_rows(np.linspace(-72.5, -72.1, count), np.linspace(18.2, 18.8, count))


def test_counts_add_up() -> None:
    table = made()
    found = incident_summary(Index.of(table), ALL, 1)
    assert found["count"] == 200
    for part in ("sectors", "statuses", "grades"):
        assert sum(found[part].values()) == 200
    assert sum(area["count"] for area in found["areas"]) == 200
    assert found["verified"] == table["status"].to_pylist().count("verified")
    assert found["grades"]["unknown"] == table["damage_low"].null_count


def test_grades_count_the_middle_of_an_interval_as_the_map_draws_it() -> None:
    lows, highs = [0, 1, 2, 0, None], [0, 2, 5, 5, None]
    table = incident_rows([-72.3] * 5, [18.5] * 5, damage_low=lows, damage_high=highs)
    grades = incident_summary(Index.of(table), ALL, None)["grades"]
    assert grades == {"0": 1, "1": 0, "2": 1, "3": 1, "4": 1, "5": 0, "unknown": 1}


def test_a_choice_s_counts_leave_its_own_filter_aside() -> None:
    table = made()
    chosen = Selection(sectors=frozenset({"health"}), statuses=frozenset({"verified"}))
    found = incident_summary(Index.of(table), chosen, None)
    rows = table.to_pylist()
    assert found["count"] == sum(r["sector"] == "health" and r["status"] == "verified" for r in rows)
    assert found["sectors"]["water"] == sum(
        r["sector"] == "water" and r["status"] == "verified" for r in rows
    )
    assert found["statuses"]["new"] == sum(r["sector"] == "health" and r["status"] == "new" for r in rows)


def test_the_time_line_leaves_its_own_range_aside_and_counts_each_dated_incident_once() -> None:
    table = made()
    chosen = Selection(since=LAST - timedelta(days=3), until=LAST)
    bars = incident_bars(Index.of(table), chosen, "America/Port-au-Prince")
    assert sum(bar["count"] for bar in bars) == 200
    assert all(first["end"] == second["start"] for first, second in pairwise(bars))


@pytest.mark.parametrize("days", [0, 1, 99, 100, 500, 5000, 40_000])
def test_bars_cover_all_times_in_a_readable_number(days: int) -> None:
    first = datetime(1900, 1, 1, 23, 30, tzinfo=UTC)
    moments = pa.chunked_array(
        [pa.array([first, first + timedelta(days=days)], pa.timestamp("us", tz="UTC"))]
    )
    bars = time_line(moments, "Europe/Kyiv")
    assert len(bars) <= 102
    assert sum(bar["count"] for bar in bars) == 2


def test_a_day_is_the_place_s_own_day_also_when_clocks_change() -> None:
    moments = [datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 20, 30, tzinfo=UTC)]
    bars = time_line(pa.chunked_array([pa.array(moments, pa.timestamp("us", tz="UTC"))]), "Europe/Kyiv")
    assert [(bar["start"], bar["count"]) for bar in bars] == [("2026-03-29T00:00:00+02:00", 2)]
    assert bars[0]["end"] == "2026-03-30T00:00:00+03:00"


def test_no_times_no_bars() -> None:
    assert time_line(pa.chunked_array([pa.array([], pa.timestamp("us", tz="UTC"))]), "UTC") == []
    assert release_bars({}) == []


def test_weeks_have_no_gaps_also_over_a_year_of_53_weeks() -> None:
    bars = release_bars({"2020-W52": 5, "2021-W01": 7})
    assert [(bar["week"], bar["count"]) for bar in bars] == [
        ("2020-W52", 5),
        ("2020-W53", 0),
        ("2021-W01", 7),
    ]


def test_the_public_summary_sums_the_release(client: FlaskClient, release: Snapshot) -> None:
    found = client.get("/crises/coast/summary.json").json
    assert found["count"] == 54
    assert {area["code"]: area["count"] for area in found["areas"]} == {"HT01": 42, "HT02": 7, "crisis": 5}
    assert found["weeks"] == {"2026-W06": 12, "2026-W08": 42}
    assert [bar["count"] for bar in found["bars"]] == [12, 0, 42]
    one_week = client.get("/crises/coast/summary.json?week=2026-W06").json
    assert (one_week["count"], len(one_week["bars"])) == (12, 3)


@pytest.mark.parametrize("query", ["level=x", "level=-1", "level=", "sector=health&level=2"])
def test_the_summary_s_level_is_checked(
    client: FlaskClient, incidents: pa.Table, verifier: dict[str, str], query: str
) -> None:
    answer = client.get(f"/crises/coast/summary.json?{query}", headers=verifier)
    assert answer.status_code == (200 if query in ("level=", "sector=health&level=2") else 400)
