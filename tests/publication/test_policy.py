"""Embargoes are exact to the second, and releases come once a day where that protects people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.publication.partition import week_of
from mapper.publication.policy import Policy, as_json, is_sensitive, rules

HOUR = timedelta(hours=1)
EVENT = datetime(2026, 3, 28, 12, tzinfo=UTC)
CONFLICT = Policy("conflict", 72 * HOUR, 5, 1)
HAZARD = Policy("hazard", 0 * HOUR, 5, 1)


@pytest.mark.parametrize(
    ("policy", "sector", "asset", "verified_after", "visible_after"),
    [
        (CONFLICT, "housing", "dwelling", 1, 72),
        (CONFLICT, "housing", "dwelling", 48, 72),
        (CONFLICT, "housing", "dwelling", 49, 73),
        (CONFLICT, "health", "clinic", 1, 7 * 24),
        (CONFLICT, "transport", "bridge", 1, 7 * 24),
        (CONFLICT, "transport", "road", 1, 72),
        (CONFLICT, "housing", "shelter", 1, 7 * 24),
        (CONFLICT, "health", None, 7 * 24, 8 * 24),
        (Policy("conflict", 24 * HOUR, 5, 1), "housing", None, 0, 24),
        (Policy("conflict", 240 * HOUR, 5, 1), "health", None, 0, 240),
        (HAZARD, "health", "hospital", 5, 5),
        (HAZARD, "housing", None, 0, 0),
        (Policy("hazard", 12 * HOUR, 5, 1), "housing", None, 1, 12),
    ],
)
def test_when_an_incident_may_be_seen(
    policy: Policy, sector: str, asset: str | None, verified_after: int, visible_after: int
) -> None:
    verified = EVENT + verified_after * HOUR
    assert policy.visible_at(EVENT, verified, sector, asset) == EVENT + visible_after * HOUR


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    st.sampled_from(["Europe/Kyiv", "America/New_York"]),
)
def test_clock_changes_do_not_shorten_an_embargo(naive: datetime, zone: str) -> None:
    event = naive.replace(tzinfo=ZoneInfo(zone))
    visible = CONFLICT.visible_at(event.astimezone(UTC), event.astimezone(UTC), "housing", None)
    assert visible - event.astimezone(UTC) == 72 * HOUR


@pytest.mark.parametrize(
    ("previous", "as_of", "is_due"),
    [
        (None, "2026-03-02T03:00:00+00:00", True),
        ("2026-03-01T06:00:00+00:00", "2026-03-02T05:59:59+00:00", False),
        ("2026-03-01T06:00:00+00:00", "2026-03-02T06:00:00+00:00", True),
        ("2026-03-01T23:00:00+00:00", "2026-03-02T06:00:00+00:00", True),
        ("2026-03-02T06:00:00+00:00", "2026-03-02T23:00:00+00:00", False),
        ("2026-03-02T06:00:00+00:00", "2026-03-03T08:00:00+03:00", False),  # 05:00 UTC
    ],
)
def test_one_release_a_day_in_conflict(previous: str | None, as_of: str, is_due: bool) -> None:
    before = datetime.fromisoformat(previous) if previous else None
    assert CONFLICT.is_due(before, datetime.fromisoformat(as_of)) is is_due
    assert HAZARD.is_due(before, datetime.fromisoformat(as_of))


def test_places_and_sources_are_asked_for_in_conflict_alone() -> None:
    assert (CONFLICT.fewest_distinct, HAZARD.fewest_distinct) == (3, 0)
    assert Policy("conflict", 72 * HOUR, 2, 1).fewest_distinct == 2


def test_what_is_sensitive() -> None:
    assert is_sensitive("power", None)
    assert is_sensitive("commerce", "warehouse")
    assert not is_sensitive("housing", "dwelling")
    assert not is_sensitive("unknown", None)


def test_a_public_level_cannot_be_finer_than_a_province(make_crisis: object, sqlite_store: object) -> None:
    crisis = make_crisis(sqlite_store, public_level=3)  # type: ignore[operator]
    assert Policy.of(crisis).level == 1


def test_weeks_are_of_utc_and_years_of_their_week() -> None:
    assert week_of(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-W01"
    assert week_of(datetime(2027, 1, 3, 23, 59, tzinfo=UTC)) == "2026-W53"
    assert week_of(datetime(2026, 3, 2, 1, 0, tzinfo=ZoneInfo("Europe/Kyiv"))) == "2026-W09"


def test_the_rules_are_sentences_with_their_figures() -> None:
    kept = as_json(CONFLICT, EVENT)
    text = " ".join(kept["rules"])
    for figure in ("72 hours", "24 hours", "7 days", "06:00 UTC", "at least 5 incidents"):
        assert figure in text
    assert [str(item) for item in rules(kept)] == kept["rules"]
    assert "72" not in " ".join(as_json(HAZARD, EVENT)["rules"])
