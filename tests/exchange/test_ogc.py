"""The OGC API: what the standards ask, and what each audience gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from mapper.publication.service import set_blank
from mapper.store.store import Store
from mapper.store.tables import Crisis
from openapi_spec_validator import validate

from tests.exchange.exports import given_incidents
from tests.maps.conftest import RELEASE, write_release
from tests.publication.incidents import add_areas

ITEMS = "/ogc/collections/coast.incidents/items"
AREAS = "/ogc/collections/coast.areas/items"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"


@pytest.fixture
def table(sqlite_store: Store, coast: Crisis) -> pa.Table:
    """Forty incidents in a snapshot."""
    return given_incidents(sqlite_store, coast)


@pytest.fixture
def ask(sqlite_store: Store, coast: Crisis, client: FlaskClient, make_token: Any) -> Callable[..., Any]:
    """Return a function that asks as a verifier; parameters are keyword arguments."""
    headers = make_token(sqlite_store, "verifier")

    def get(path: str = ITEMS, **parameters: Any) -> Any:
        named = {name.replace("_", "-") if name in HYPHENS else name: v for name, v in parameters.items()}
        return client.get(path, query_string=named or None, headers=headers)

    return get


HYPHENS = {"bbox_crs", "filter_lang", "filter_crs"}


def ids(answer: Any) -> set[str]:
    """Return the ids of an answer's items."""
    assert answer.status_code == 200, answer.text
    return {feature["id"] for feature in answer.json["features"]}


def chosen(table: pa.Table, choose: Callable[[dict[str, Any]], bool]) -> set[str]:
    """Return the ids of the rows that a function chooses."""
    return {row["id"] for row in table.to_pylist() if choose(row)}


def test_every_link_leads_somewhere(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, table: pa.Table
) -> None:
    write_release(sqlite_store, coast)
    waiting, seen = ["/ogc"], set()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        body = answer.json if answer.is_json or "+json" in (answer.mimetype or "") else {}
        links = [*body.get("links", ())]
        for part in ("collections", "tilesets"):
            links += [link for item in body.get(part, ()) for link in item["links"]]
        for link in links:
            if not link.get("templated") and link["href"] not in seen:
                assert client.get(link["href"]).mimetype == link["type"].split(";")[0], link
                waiting.append(link["href"])
    assert len(seen) > 20


def test_the_landing_page_says_where_to_go(client: FlaskClient) -> None:
    relations = {link["rel"] for link in client.get("/ogc").json["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= relations
    classes = client.get("/ogc/conformance").json["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    validate(client.get("/ogc/api").json)


def test_a_collection_says_where_and_in_which_systems(client: FlaskClient, coast: Crisis) -> None:
    (incidents, areas) = client.get("/ogc/collections").json["collections"]
    assert (incidents["id"], areas["id"]) == ("coast.incidents", "coast.areas")
    assert incidents["extent"]["spatial"]["bbox"] == [[-75.0, 17.5, -71.0, 20.5]]
    assert CRS84 in incidents["crs"]
    assert incidents["storageCrs"] == CRS84
    assert client.get("/ogc/collections/coast.incidents").json == incidents
    for name in ("coast.reports", "nowhere.incidents", "coast", "incidents"):
        answer = client.get(f"/ogc/collections/{name}")
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"


def test_items_are_flat_features(ask: Callable[..., Any], table: pa.Table) -> None:
    answer = ask(limit=100)
    assert answer.content_type == "application/geo+json"
    assert answer.headers["Content-Crs"] == f"<{CRS84}>"
    assert (answer.json["numberMatched"], answer.json["numberReturned"]) == (40, 40)
    assert datetime.fromisoformat(answer.json["timeStamp"]).tzinfo is not None
    written = {row["id"]: row for row in table.to_pylist()}
    for feature in answer.json["features"]:
        was, said = written[feature["id"]], feature["properties"]
        place = None if was["lon_e7"] is None else [was["lon_e7"] / 1e7, was["lat_e7"] / 1e7]
        assert (feature["geometry"] and feature["geometry"]["coordinates"]) == place
        assert said["damage_low"] == was["damage_low"]
        assert said["area_codes"] == json.loads(was["area_codes"])
        assert said["needs"] == (";".join(was["needs"]) or None)
        if was["happened_from"]:
            moment = datetime.fromisoformat(said["happened_from"])
            assert abs((moment - was["happened_from"]).total_seconds()) < 0.001


def test_pages_are_in_order_of_id_and_hold_everything_once(ask: Callable[..., Any], table: pa.Table) -> None:
    for parameters in ({}, {"filter": "damage_low >= 1"}, {"sector": "health"}):
        answer, found = ask(limit=7, **parameters), []
        while True:
            found += [feature["id"] for feature in answer.json["features"]]
            following = [link["href"] for link in answer.json["links"] if link["rel"] == "next"]
            if not following:
                break
            answer = ask(following[0])
        assert found == sorted(found)
        assert len(found) == answer.json["numberMatched"] == len(set(found))


def test_a_window(ask: Callable[..., Any], table: pa.Table) -> None:
    def inside(row: dict[str, Any]) -> bool:
        return (
            row["lon_e7"] is not None
            and -73 <= row["lon_e7"] / 1e7 <= -72
            and 18 <= row["lat_e7"] / 1e7 <= 19
        )

    assert ids(ask(bbox="-73,18,-72,19", limit=100)) == chosen(table, inside)
    assert ids(ask(bbox="-73,18,-9,-72,19,9", limit=100)) == chosen(table, inside)
    metres = "-8126322.828,2037548.544,-8015003.337,2154935.915"
    assert ids(ask(bbox=metres, bbox_crs=MERCATOR, limit=100)) == chosen(table, inside)


def test_a_time(ask: Callable[..., Any], table: pa.Table) -> None:
    noon = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
    before = chosen(table, lambda row: row["happened_from"] is not None and row["happened_from"] <= noon)
    after = chosen(table, lambda row: row["happened_from"] is not None and row["happened_from"] >= noon)
    assert before
    assert after
    assert ids(ask(datetime="../2026-02-27T12:00:00Z", limit=100)) == before
    assert ids(ask(datetime="/2026-02-27T12:00:00Z", limit=100)) == before
    assert ids(ask(datetime="2026-02-27T12:00:00Z/..", limit=100)) == after
    both = chosen(table, lambda row: row["happened_from"] is not None and row["happened_from"].day == 27)
    assert ids(ask(datetime="2026-02-27", limit=100)) == both
    assert ids(ask(datetime="2026-02-27T00:00:00Z/2026-02-27T23:59:59.999999Z", limit=100)) == both


@pytest.mark.parametrize(
    ("parameters", "choose"),
    [
        ({"sector": "health"}, lambda row: row["sector"] == "health"),
        ({"sector": "health,water"}, lambda row: row["sector"] in ("health", "water")),
        ({"damage_low": "3"}, lambda row: row["damage_low"] == 3),
        ({"needs_review": "false"}, lambda row: not row["needs_review"]),
        ({"filter": "damage_low IS NULL"}, lambda row: row["damage_low"] is None),
        (
            {"filter": '{"op":">=","args":[{"property":"damage_low"},4]}', "filter_lang": "cql2-json"},
            lambda row: (row["damage_low"] or 0) >= 4,
        ),
        (
            {"filter": "reports > 2", "filter_lang": "cql2-text", "filter_crs": CRS84, "sector": "power"},
            lambda row: row["reports"] > 2 and row["sector"] == "power",
        ),
    ],
)
def test_properties_and_filters_choose(
    ask: Callable[..., Any],
    table: pa.Table,
    parameters: dict[str, str],
    choose: Callable[[dict[str, Any]], bool],
) -> None:
    assert ids(ask(limit=100, **parameters)) == chosen(table, choose)


def test_coordinates_in_metres(ask: Callable[..., Any], table: pa.Table) -> None:
    plain, metres = ask(limit=100), ask(limit=100, crs=MERCATOR)
    assert metres.headers["Content-Crs"] == f"<{MERCATOR}>"
    for one, other in zip(plain.json["features"], metres.json["features"], strict=True):
        if one["geometry"] is None:
            continue
        (lon, lat), (x, y) = one["geometry"]["coordinates"], other["geometry"]["coordinates"]
        assert x == pytest.approx(lon * 111_319.490793, abs=0.01)
        assert y == pytest.approx(6_378_137 * np.arctanh(np.sin(np.radians(lat))), abs=0.01)


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "bbox=1,2,3",
        "bbox=1,2,3,x",
        "bbox=10,5,20,4",
        "bbox-crs=EPSG:4326",
        "crs=EPSG:4326",
        "datetime=yesterday",
        "datetime=2026-03-02T00:00:00Z/2026-03-01T00:00:00Z",
        "datetime=../..",
        "limit=0",
        "limit=many",
        "damage_low=three",
        "needs_review=perhaps",
        "happened_from=now",
        "filter=damage_low%20%3E",
        "filter=colour%20%3D%201",
        "filter=1%3D1&filter-lang=cql-text",
        "filter=1%3D1&filter-crs=EPSG:4326",
        "f=xml",
        "offset=3",
    ],
)
def test_a_wrong_parameter_is_named(ask: Callable[..., Any], table: pa.Table, query: str) -> None:
    answer = ask(f"{ITEMS}?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    assert query.replace("filter=1%3D1&", "").split("=")[0] in answer.json["detail"]


@pytest.mark.parametrize(
    "path", ["/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/coast.areas"]
)
def test_an_unknown_parameter_is_refused_everywhere(client: FlaskClient, coast: Crisis, path: str) -> None:
    assert client.get(f"{path}?colour=red").status_code == 400
    assert client.get(f"{path}?f=json").status_code == 200


def test_an_oversized_limit_is_clamped(ask: Callable[..., Any], table: pa.Table) -> None:
    assert len(ids(ask(limit=1_000_000))) == 40


def test_one_item(ask: Callable[..., Any], table: pa.Table) -> None:
    wanted = table["id"][5].as_py()
    answer = ask(f"{ITEMS}/{wanted}")
    assert answer.json["id"] == wanted
    assert {"self", "collection"} <= {link["rel"] for link in answer.json["links"]}
    assert ask(f"{ITEMS}/{wanted}", crs=MERCATOR).headers["Content-Crs"] == f"<{MERCATOR}>"
    for other in ("00000000-0000-4000-8000-000000000000", "x", wanted[:-1]):
        assert ask(f"{ITEMS}/{other}").status_code == 404
    assert ask(f"{ITEMS}/{wanted}", bbox="0,0,1,1").status_code == 400


def test_the_public_gets_the_release_and_no_finer_filter(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, table: pa.Table
) -> None:
    write_release(sqlite_store, coast)
    answer = client.get(ITEMS)
    assert sorted(f["properties"]["count"] for f in answer.json["features"]) == sorted(r[4] for r in RELEASE)
    wanted = {"count", "damage_low", "damage_high", "sector", "week", "area_codes"}
    assert all(set(feature["properties"]) == wanted for feature in answer.json["features"])
    assert not any(row["id"] in answer.text for row in table.to_pylist())
    assert ids(client.get(f"{ITEMS}?sector=health&week=2026-W06")) == {"HT01~health~2026-W06"}
    for query in (
        "bbox=-180,-90,180,90",
        "datetime=2026-01-01T00:00:00Z/..",
        "filter=1%3D1",
        "count=5",
        "status=x",
    ):
        assert client.get(f"{ITEMS}?{query}").status_code == 400, query
    one = client.get(f"{ITEMS}/{quote('HT01~health~2026-W06')}")
    assert one.json["properties"]["count"] == 12
    assert client.get(f"{ITEMS}/{table['id'][5].as_py()}").status_code == 404
    properties = client.get("/ogc/collections/coast.incidents/queryables").json["properties"]
    assert set(properties) == {"area", "sector", "week"}


def test_a_blanked_crisis_has_no_public_collections(
    client: FlaskClient, ask: Callable[..., Any], sqlite_store: Store, coast: Crisis, table: pa.Table
) -> None:
    write_release(sqlite_store, coast)
    set_blank(sqlite_store, coast.id, is_blank=True)
    assert client.get("/ogc/collections").json["collections"] == []
    assert client.get(ITEMS).status_code == 404
    assert client.get(AREAS).status_code == 404
    assert len(ids(ask(limit=100))) == 40


def test_areas(client: FlaskClient, ask: Callable[..., Any], sqlite_store: Store, coast: Crisis) -> None:
    add_areas(sqlite_store, coast)
    assert ids(ask(AREAS)) == {"P1", "P2"}
    assert ids(ask(AREAS, bbox="0.2,0.2,0.4,0.4", datetime="2026-01-01T00:00:00Z/..")) == {"P1"}
    assert ids(ask(AREAS, code="P2", level=1)) == {"P2"}
    assert ids(ask(AREAS, level=2)) == set()
    assert ask(AREAS, level="one").status_code == 400
    page = ask(AREAS, limit=1)
    (following,) = [link["href"] for link in page.json["links"] if link["rel"] == "next"]
    assert ids(page) | ids(ask(following)) == {"P1", "P2"}
    assert ask(f"{AREAS}/P1").json["properties"]["area_codes"] == {"0": "P", "1": "P1"}
    assert client.get(AREAS).json["features"] == []  # nothing is released yet
    write_release(sqlite_store, coast)
    assert ids(client.get(AREAS)) == {"HT01", "HT02", "crisis"}


def test_tiles_are_the_maps_own(ask: Callable[..., Any], client: FlaskClient, table: pa.Table) -> None:
    found = ask("/ogc/collections/coast.incidents/tiles").json
    (tileset,) = found["tilesets"]
    (template,) = [link["href"] for link in tileset["links"] if link["rel"] == "item"]
    address = template.replace("{tileMatrix}", "6").replace("{tileRow}", "28").replace("{tileCol}", "19")
    answer = ask(address)
    assert answer.content_type == "application/vnd.mapbox-vector-tile"
    assert answer.data == ask("/crises/coast/tiles/incidents/6/19/28.mvt").data
    assert ask(address, min_grade="x").status_code == 400
    assert ask(address.replace("/6/", "/6/99")).status_code == 400
    matrices = client.get("/ogc/tileMatrixSets/WebMercatorQuad").json["tileMatrices"]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559_082_264.0287178)
    assert client.get("/ogc/collections/coast.areas/tiles").status_code == 404


def test_people_get_pages(ask: Callable[..., Any], client: FlaskClient, table: pa.Table) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("/ogc", "/ogc/collections", "/ogc/conformance", ITEMS):
        assert client.get(path, headers=browser).mimetype == "text/html"
        assert client.get(path, headers={"Accept": "*/*"}).mimetype != "text/html"
    page = ask(f="html", limit=50)
    assert page.mimetype == "text/html"
    assert table["id"][0].as_py() in page.text


def test_answers_to_people_with_rights_are_kept_by_nobody(ask: Callable[..., Any], table: pa.Table) -> None:
    answer = ask()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}
