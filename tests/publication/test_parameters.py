"""Parameters are read strictly, and every wrong one is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.publication.parameters import (
    BadParameters,
    cursor_after,
    parse_page,
    parse_public_selection,
    parse_selection,
)


def test_a_full_selection() -> None:
    found = parse_selection(
        {
            "bbox": ["170,-20,-170,-10"],
            "sector": ["health,water", "power"],
            "status": ["verified"],
            "area": ["HT01"],
            "min_grade": ["3"],
            "from": ["2026-03-01T00:00:00Z"],
            "to": ["2026-03-02T00:00:00 02:00"],  # a plus sign that was not escaped
            "clock": ["reported"],
        }
    )
    assert found.bbox == (170, -20, -170, -10)
    assert found.sectors == {"health", "water", "power"}
    assert (found.statuses, found.areas, found.min_grade, found.clock) == (
        {"verified"},
        {"HT01"},
        3,
        "reported",
    )
    assert found.since == datetime(2026, 3, 1, tzinfo=UTC)
    assert found.until == datetime(2026, 3, 1, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bbox", "1,2,3"),
        ("bbox", "nan,0,1,1"),
        ("bbox", "0,0,inf,1"),
        ("bbox", "0,2,1,1"),
        ("bbox", "0,0,181,1"),
        ("bbox", ""),
        ("sector", "a b"),
        ("sector", "health,"),
        ("min_grade", "6"),
        ("min_grade", "-1"),
        ("min_grade", "3.0"),
        ("min_grade", "٣"),
        ("from", "2026-03-01"),
        ("from", "2026-03-01T00:00:00"),
        ("to", "yesterday"),
        ("clock", "doomsday"),
        ("sectors", "health"),
        ("week", "2026-W07"),
    ],
)
def test_a_wrong_parameter_is_named(name: str, value: str) -> None:
    with pytest.raises(BadParameters) as caught:
        parse_selection({name: [value], "status": ["new"]})
    assert list(caught.value.errors) == [name]


def test_a_wrong_filter_is_named() -> None:
    for text in ("damage_low =", "secret = 1"):
        with pytest.raises(BadParameters) as caught:
            parse_selection({"filter": [text]})
        assert list(caught.value.errors) == ["filter"]


def test_all_wrong_parameters_are_named_at_once() -> None:
    with pytest.raises(BadParameters) as caught:
        parse_selection({"bbox": ["1"], "clock": ["happened", "reported"], "nonsense": ["1"]})
    assert sorted(caught.value.errors) == ["bbox", "clock", "nonsense"]


def test_a_range_of_time_does_not_run_backwards() -> None:
    with pytest.raises(BadParameters) as caught:
        parse_selection({"from": ["2026-03-02T00:00:00Z"], "to": ["2026-03-01T00:00:00Z"]})
    assert list(caught.value.errors) == ["to"]


@pytest.mark.parametrize(
    "name", ["bbox", "status", "min_grade", "from", "to", "clock", "filter", "id", "nonsense"]
)
def test_the_public_filters_by_area_sector_and_week_alone(name: str) -> None:
    found = parse_public_selection({"area": ["HT01"], "sector": ["health"], "week": ["2026-W07", "2026-W08"]})
    assert (found.areas, found.sectors, found.weeks) == ({"HT01"}, {"health"}, {"2026-W07", "2026-W08"})
    with pytest.raises(BadParameters) as caught:
        parse_public_selection({name: ["0,0,1,1"]})
    assert list(caught.value.errors) == [name]


@pytest.mark.parametrize("week", ["2026-W54", "2026-07", "26-W07", "2026-W00"])
def test_a_wrong_week(week: str) -> None:
    with pytest.raises(BadParameters):
        parse_public_selection({"week": [week]})


def test_pages() -> None:
    assert parse_page({}) == (100, None)
    assert parse_page({"limit": ["5000"]}) == (1000, None)  # clamped, never an error
    for wrong in ("0", "-1", "x", "1.5", ""):
        with pytest.raises(BadParameters):
            parse_page({"limit": [wrong]})
    with pytest.raises(BadParameters):
        parse_page({"cursor": ["ÿÿ"]})


@given(st.text())
def test_a_cursor_comes_back(key: str) -> None:
    assert parse_page({"cursor": [cursor_after(key)]})[1] == key or key == ""


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_an_error(text: str) -> None:
    try:
        parse_page({"cursor": [text]})
    except BadParameters as error:
        assert list(error.errors) == ["cursor"]
