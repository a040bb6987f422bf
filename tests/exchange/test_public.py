"""What the public, donors and partners get: rows of the release, and nothing finer by any way."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.publication.service import publish, set_blank
from mapper.publication.work import write_internal
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.exchange.conftest import LIST
from tests.publication.incidents import add_areas, add_verified


@pytest.fixture
def released(sqlite_store: Store, coast: Crisis) -> list[Any]:
    """A release of two rows, and the incidents behind it."""
    add_areas(sqlite_store, coast)
    items = add_verified(sqlite_store, coast, 5) + add_verified(sqlite_store, coast, 6, "P2", sector="health")
    publish(sqlite_store, coast, sqlite_store.clock())
    write_internal(sqlite_store, coast.id)
    return items


def test_the_public_reads_rows_of_the_release(client: FlaskClient, released: Any) -> None:
    answer = client.get(LIST)
    assert answer.status_code == 200
    assert answer.json["numberMatched"] == 2
    first, second = answer.json["features"]
    assert first["properties"] == {
        "count": 5,
        "damage_low": 2,
        "damage_high": 3,
        "sector": "housing",
        "week": "2026-W09",
        "area_codes": {"1": "P1"},
    }
    assert second["properties"]["count"] == 6
    assert first["geometry"]["type"] == "Polygon"
    assert sorted(map(tuple, first["geometry"]["coordinates"][0][:-1])) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert answer.json["as_of"] == "2026-03-01T12:00:00+00:00"
    assert any("at least 5" in rule for rule in answer.json["rules"])


@pytest.mark.parametrize("role", ["donor", "partner", "reporter"])
def test_people_without_internal_rights_read_the_same(
    client: FlaskClient, released: Any, sqlite_store: Store, make_token: Any, role: str
) -> None:
    answer = client.get(LIST, headers=make_token(sqlite_store, role))
    assert answer.json["features"] == client.get(LIST).json["features"]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_public_filters_choose_among_the_rows(client: FlaskClient, released: Any) -> None:
    for query, counts in {
        "area=P1": [5],
        "sector=health": [6],
        "week=2026-W09": [5, 6],
        "week=2026-W10": [],
        "area=P1&sector=health": [],
    }.items():
        features = client.get(f"{LIST}?{query}").json["features"]
        assert [feature["properties"]["count"] for feature in features] == counts, query


@pytest.mark.parametrize(
    "query",
    [
        "bbox=-180,-90,180,90",
        "status=verified",
        "min_grade=1",
        "from=2026-01-01T00:00:00Z",
        "clock=verified",
        "filter=1=1",
    ],
)
def test_any_other_filter_is_refused_and_named(client: FlaskClient, released: Any, query: str) -> None:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json["errors"]] == [query.split("=")[0]]


def test_public_pages(client: FlaskClient, released: Any) -> None:
    first = client.get(f"{LIST}?limit=1").json
    (following,) = [link["href"] for link in first["links"] if link["rel"] == "next"]
    second = client.get(following).json
    assert [page["features"][0]["properties"]["count"] for page in (first, second)] == [5, 6]
    assert [link["rel"] for link in second["links"]] == ["self"]


def test_no_incident_can_be_asked_for_by_its_id(client: FlaskClient, released: Any) -> None:
    absent = client.get(f"{LIST}/00000000-0000-4000-8000-000000000000")
    for item in released[:2]:
        answer = client.get(f"{LIST}/{item.id}")
        assert answer.status_code == 404
        assert answer.json == absent.json  # as if absent


def test_nothing_exact_is_in_a_public_answer(client: FlaskClient, released: Any) -> None:
    answer = client.get(LIST)
    for item in released:
        assert str(item.id) not in answer.text
        assert str(item.lon_e7 / 1e7) not in answer.text
        assert str(item.lat_e7 / 1e7) not in answer.text
    assert "Last-Modified" not in answer.headers


def test_what_is_not_released_changes_no_byte(
    client: FlaskClient, released: Any, sqlite_store: Store, coast: Crisis
) -> None:
    before = client.get(LIST)
    add_verified(sqlite_store, coast, 4)
    write_internal(sqlite_store, coast.id)
    after = client.get(LIST)
    assert (before.data, before.headers["ETag"]) == (after.data, after.headers["ETag"])
    assert client.get(LIST, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304


def test_the_kill_switch_works_at_once(
    client: FlaskClient, released: Any, sqlite_store: Store, coast: Crisis
) -> None:
    assert client.get(LIST).headers["Cache-Control"] == "public, max-age=60"
    set_blank(sqlite_store, coast.id, is_blank=True)
    answer = client.get(LIST)
    assert answer.status_code == 404
    assert "switched off" in answer.json["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    set_blank(sqlite_store, coast.id, is_blank=False)
    assert len(client.get(LIST).json["features"]) == 2
