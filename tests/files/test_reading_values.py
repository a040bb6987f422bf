"""Numbers, coordinates and dates as people write them; columns found by heading or by value."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.files.columns import UnknownColumn, apply_overrides, guess_columns, split_pair
from mapper.files.dates import day_stands_first, parse_moment
from mapper.files.numbers import parse_degrees, parse_number

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18.5", 18.5),
        ("18,5", 18.5),
        ("-72,327118", -72.327118),
        ("\u221272.3", -72.3),
        ("٣٣٫٥", 33.5),
        ("18°32'22.25\"N", 18.539514),
        ("72°19'37.62\"O", -72.327117),
        ("72°19'37,62\" W", -72.327117),
        ("S 12° 30'", -12.5),
        ("33.5 S", -33.5),
        ("12° 30′ 36″ Ouest", -12.51),
        ("36.2765 E", 36.2765),
        ("18°75'N", None),
        ("north", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("12 apples", None),
    ],
)
def test_degrees(text, value):
    found = parse_degrees(text)
    assert found == (None if value is None else pytest.approx(value, abs=1e-6))


@given(st.floats(-180, 180))
def test_a_number_comes_back_with_point_or_comma(value):
    text = f"{value:.7f}"
    assert parse_degrees(text) == parse_degrees(text.replace(".", ",")) == pytest.approx(value, abs=1e-6)


@given(st.text(max_size=30))
def test_nothing_breaks_the_readers(text):
    parse_degrees(text)
    parse_number(text)
    parse_moment(text, KYIV, True)
    split_pair(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("05/07/2010 17:26", datetime(2010, 7, 5, 14, 26, tzinfo=UTC)),
        ("24.02.2022 05:40", datetime(2022, 2, 24, 3, 40, tzinfo=UTC)),
        ("04.03.2022", datetime(2022, 3, 3, 22, 0, tzinfo=UTC)),
        ("2022-10-10T08:20:00+03:00", datetime(2022, 10, 10, 5, 20, tzinfo=UTC)),
        ("2022-03-04", datetime(2022, 3, 3, 22, 0, tzinfo=UTC)),
        ("1645674000", datetime(2022, 2, 24, 3, 40, tzinfo=UTC)),
        ("1645674000000", datetime(2022, 2, 24, 3, 40, tzinfo=UTC)),
        ("31/31/2022", None),
        ("soon", None),
        ("12", None),
    ],
)
def test_moments(text, moment):
    assert parse_moment(text, KYIV, True) == moment


def test_the_order_of_day_and_month_is_the_columns():
    assert day_stands_first(["01/02/2022", "24/02/2022"])
    assert not day_stands_first(["01/02/2022", "02/24/2022"])
    assert day_stands_first(["2022-02-24", "", "01/02/2022"])


def test_headings_of_several_systems_are_known():
    haiti = [
        "Serial",
        "INCIDENT TITLE",
        "INCIDENT DATE",
        "LOCATION",
        "DESCRIPTION",
        "CATEGORY",
        "LATITUDE",
        "LONGITUDE",
    ]
    found = {field: guess.column for field, guess in guess_columns(haiti, []).items()}
    assert found == {
        "id": "Serial",
        "title": "INCIDENT TITLE",
        "observed_at": "INCIDENT DATE",
        "location_text": "LOCATION",
        "text": "DESCRIPTION",
        "category": "CATEGORY",
        "latitude": "LATITUDE",
        "longitude": "LONGITUDE",
    }
    ukraine = guess_columns(["Населений пункт", "Опис", "Широта", "Довгота", "Дата"], [])
    assert set(ukraine) == {"location_text", "text", "latitude", "longitude", "observed_at"}


def test_values_tell_where_headings_do_not():
    sample = [{"a": "50.1, 36.2", "b": "the roof of the school has fallen in", "c": "x"}]
    found = guess_columns(["a", "b", "c"], sample)
    assert (found["position"].column, found["text"].column) == ("a", "b")


def test_a_persons_choice_wins():
    guesses = guess_columns(["text", "remarks", "lat"], [])
    chosen = apply_overrides(guesses, {"text": "remarks", "latitude": ""}, ["text", "remarks", "lat"])
    assert chosen["text"].column == "remarks" and "latitude" not in chosen
    for wrong in ({"colour": "text"}, {"text": "absent"}):
        with pytest.raises(UnknownColumn):
            apply_overrides(guesses, wrong, ["text", "remarks", "lat"])
