"""Numbers, coordinates and dates as people write them; columns found by heading or by value."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.files.columns import UnknownColumn, apply_overrides, guess_columns
from mapper.files.dates import day_stands_first, parse_moment
from mapper.files.numbers import (
    parse_coordinate,
    parse_count,
    parse_degrees,
    parse_number,
    parse_position,
)

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
        ("33 53 20", 33.888889),
        ("12d30m36s S", -12.51),
        ("50.4 пн. ш.", 50.4),
        ("34° 35' пд. ш.", -34.583333),
        ("30.5 східної довготи", 30.5),
        ("33.5° شمالا", 33.5),
        ("-72.3 W", -72.3),
        ("(33.8938", 33.8938),
        ("33.8938,", 33.8938),
        ("Lat: 33.8938", 33.8938),
        ("latin 5", None),
        ("33.8938.5018", None),
        ("N18.5N", None),
        ("--5", None),
        ("1" * 500, None),
    ],
)
def test_degrees(text, value):
    found = parse_degrees(text)
    assert found == (None if value is None else pytest.approx(value, abs=1e-6))


@pytest.mark.parametrize(
    "text",
    [
        "18.5 -72.3 0 0",
        "18.5, -72.3",
        "18.5,-72.3",
        "18,5 -72,3",
        "18,5; -72,3",
        "18,5,-72,3",
        "18,5, -72,3",
        "[18.5, -72.3]",
        "(18.5 , -72.3)",
        "lat 18.5, lon -72.3",
        "18°30'N 72°18'W",
        "72°18'W, 18°30'N",
        "N18.5 W72.3",
        "N 18.5, W 72.3",
        "POINT(-72.3 18.5)",
        "POINT Z (-72.3 18.5 12)",
        "SRID=4326;POINT (-72.3 18.5)",
        "geo:18.5,-72.3",
        '{"type": "Point", "coordinates": [-72.3, 18.5]}',
    ],
)
def test_both_degrees_in_one_cell(text):
    assert parse_position(text) == pytest.approx((-72.3, 18.5))


@pytest.mark.parametrize(
    "text", ["", "18.5", "5, Main Street", "12/05/2010", "2010-01-12 14:00", "18N, 19N", "1 2 3 4 5", "a, b"]
)
def test_what_is_no_pair_of_degrees(text):
    assert parse_position(text) is None


def test_a_direction_names_the_axis():
    assert [parse_coordinate(text).axis for text in ("18 N", "72°O", "30")] == ["latitude", "longitude", None]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1,250", 1250),
        ("1 250", 1250),
        ("1.250", 1250),
        ("12 000 000", 12_000_000),
        ("~200", 200),
        ("200+", 200),
        ("40 families", 40),
        ("12.0", 12),
        ("٤٠", 40),
        ("0", 0),
        ("1.5", None),
        ("-5", None),
        ("many", None),
        ("3 4", None),
        ("", None),
    ],
)
def test_counts(text, count):
    assert parse_count(text) == count


@given(st.floats(-180, 180))
def test_a_number_comes_back_with_point_or_comma(value):
    text = f"{value:.7f}"
    assert parse_degrees(text) == parse_degrees(text.replace(".", ",")) == pytest.approx(value, abs=1e-6)


@given(st.text(max_size=30))
def test_nothing_breaks_the_readers(text):
    parse_degrees(text)
    parse_number(text)
    parse_moment(text, KYIV, True)
    parse_count(text)
    parse_position(text)


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
        ("2010/07/05", datetime(2010, 7, 4, 21, 0, tzinfo=UTC)),
        ("2010.07.05", datetime(2010, 7, 4, 21, 0, tzinfo=UTC)),
        ("20100705", datetime(2010, 7, 4, 21, 0, tzinfo=UTC)),
        ("12/31/2022", datetime(2022, 12, 30, 22, 0, tzinfo=UTC)),
        ("05/07/2010 05:26 PM", datetime(2010, 7, 5, 14, 26, tzinfo=UTC)),
        ("7/5/10", datetime(2010, 5, 6, 21, 0, tzinfo=UTC)),
        ("24 лютого 2022 р. 05:40", datetime(2022, 2, 24, 3, 40, tzinfo=UTC)),
        ("5 de julio de 2010", datetime(2010, 7, 4, 21, 0, tzinfo=UTC)),
        ("12 كانون الثاني 2010", datetime(2010, 1, 11, 22, 0, tzinfo=UTC)),
        ("٢٤/٠٢/٢٠٢٢", datetime(2022, 2, 23, 22, 0, tzinfo=UTC)),
        ("Mon, 05 Jul 2010 17:26:00 +0000", datetime(2010, 7, 5, 17, 26, tzinfo=UTC)),
        ("17:26", None),
        ("March 2015", None),
        ("24 Feb", None),
        ("29/02/2023", None),
        ("24/02/2022 25:00", None),
        ("0001-01-01", None),
        ("9" * 200, None),
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
    assert not day_stands_first(["01/02/2022"] * 500 + ["02/24/2022"])
    assert parse_moment("05/07/2010", UTC, False) == datetime(2010, 5, 7, tzinfo=UTC)


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
    assert guess_columns(["code"], [{"code": "524 2 04 17"}]) == {}


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (
            ["group_a/what_happened", "_location_latitude", "_location_longitude", "_submission_time"],
            ["text", "latitude", "longitude", "observed_at"],
        ),
        (
            [
                "place-location-Latitude",
                "place-location-Longitude",
                "place-location-Accuracy",
                "SubmissionDate",
            ],
            ["latitude", "longitude", "position_accuracy_m", "observed_at"],
        ),
        (
            ["Post ID", "Post Date (UTC)", "Title", "Description", "Location.lat", "Location.lon"],
            ["id", "observed_at", "title", "text", "latitude", "longitude"],
        ),
        (
            ["الموقع", "الوصف", "خط العرض", "خط الطول", "التاريخ"],
            ["location_text", "text", "latitude", "longitude", "observed_at"],
        ),
        (
            ["Дата", "Место", "Описание", "Широта", "Долгота"],
            ["observed_at", "location_text", "text", "latitude", "longitude"],
        ),
        (
            ["Dirección exacta", "Descripción del daño", "Latitud", "Longitud"],
            ["location_text", "text", "latitude", "longitude"],
        ),
        (["Adres", "Açıklama", "Enlem", "Boylam"], ["location_text", "text", "latitude", "longitude"]),
    ],
)
def test_headings_of_forms_and_languages(headings, fields):
    found = guess_columns(headings, [])
    assert {guess.column: field for field, guess in found.items()} == dict(zip(headings, fields, strict=True))


def test_hxl_tags_name_fields_and_codes_do_not():
    tags = {
        "a": "#adm1 +code",
        "b": "#country",
        "c": "#adm1",
        "d": "#geo+lat",
        "e": "#geo+lon",
        "f": "#sector+es",
    }
    found = {field: guess.column for field, guess in guess_columns(list(tags), [], tags).items()}
    assert found == {"location_text": "c", "latitude": "d", "longitude": "e", "category": "f"}


def test_values_contradict_headings():
    sample = [{"location": "18.5 -72.3 0 0", "key": "building", "valid date": "soon", "text": "x"}]
    found = guess_columns(list(sample[0]), sample)
    assert {field: guess.column for field, guess in found.items()} == {"position": "location", "text": "text"}
    commas = [{"latitude": "18,54", "longitude": "-72,33"}]
    assert set(guess_columns(list(commas[0]), commas)) == {"latitude", "longitude"}
    uuids = [{"key": "uuid:0e5c9a0e-1b1a-4c68-8f3e-3a3ad53c5f10"}]
    assert guess_columns(["key"], uuids)["source_id"].column == "key"


def test_degrees_are_found_by_the_crisis_box():
    sample = [{"a": "18.54", "b": "-72.34", "c": "4"}, {"a": "18.91", "b": "-72.10", "c": "18"}]
    found = guess_columns(["a", "b", "c"], sample, box=(-75, 17, -71, 21))
    assert (found["latitude"].column, found["longitude"].column) == ("a", "b")
    assert "latitude" not in guess_columns(["a", "b", "c"], sample)


def test_a_persons_choice_wins():
    guesses = guess_columns(["text", "remarks", "lat"], [])
    chosen = apply_overrides(guesses, {"text": "remarks", "latitude": ""}, ["text", "remarks", "lat"])
    assert chosen["text"].column == "remarks" and "latitude" not in chosen
    assert (
        apply_overrides(guesses, {"TEXT": " Remarks "}, ["text", "remarks", "lat"])["text"].column
        == "remarks"
    )
    for wrong in ({"colour": "text"}, {"text": "absent"}):
        with pytest.raises(UnknownColumn):
            apply_overrides(guesses, wrong, ["text", "remarks", "lat"])
