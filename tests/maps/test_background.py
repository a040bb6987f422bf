"""The operator's own layers: tiles that are never the whole file, and only for those inside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from mapper.layers.background import add_rows, in_force
from mapper.layers.service import add_areas
from mapper.maps.areas import square_kilometres
from mapper.maps.background_tiles import thing_tile, things_of
from mapper.maps.tiles import Tile
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

THREE_W = "org,sector,ADM1_PCODE,status,people reached\nRed Cross,WASH,HT01,ongoing,20\n"
Add = Callable[[str, list[dict[str, Any]]], str]


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


@pytest.fixture
def add(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> Add:
    """Return a function that loads features as a layer and gives its address."""

    def load(kind: str, features: list[dict[str, Any]]) -> str:
        path = tmp_path / f"{kind}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        add_rows(sqlite_store, coast, kind, path)
        with sqlite_store.read() as session:
            return f"/crises/coast/layers/{in_force(session, coast.id, kind)[-1].id}"

    return load


def test_a_layer_is_for_those_inside(
    client: FlaskClient, add: Add, release: Snapshot, verifier: dict[str, str]
) -> None:
    address = add("facilities", [point(-72.3, 18.5, name="Shelter of the silent", type="shelter")])
    for path in ("0/0/0.mvt", "features?bbox=-180,-90,180,90"):
        assert client.get(f"{address}/{path}").status_code == 404
        assert client.get(f"{address}/{path}", headers=verifier).status_code == 200
    assert client.get("/crises/coast/activities.json").status_code == 404
    page = client.get("/crises/coast").text
    assert "facilities.geojson" not in page
    assert "facilities.geojson" in client.get("/crises/coast", headers=verifier).text


def test_donors_get_nothing(
    client: FlaskClient,
    add: Add,
    sqlite_store: Store,
    make_token: Callable[..., dict[str, str]],
) -> None:
    address = add("facilities", [point(-72.3, 18.5, name="Shelter")])
    donor = make_token(sqlite_store, "donor")
    assert client.get(f"{address}/0/0/0.mvt", headers=donor).status_code == 404


def test_a_tile_holds_places_and_lines(client: FlaskClient, add: Add, verifier: dict[str, str]) -> None:
    address = add(
        "facilities", [point(-72.3, 18.5, name="Saint-Luc", type="hospital"), point(-72.9, 18.3, name="B")]
    )
    tile = mapbox_vector_tile.decode(client.get(f"{address}/0/0/0.mvt", headers=verifier).data)
    names = {found["properties"]["name"] for found in tile["places"]["features"]}
    assert names == {"Saint-Luc", "B"}
    road = feature(
        {"type": "LineString", "coordinates": [[-72.4, 18.4], [-72.2, 18.6]]}, name="RN1", highway="trunk"
    )
    address = add("roads", [road])
    tile = mapbox_vector_tile.decode(client.get(f"{address}/9/153/229.mvt", headers=verifier).data)
    assert tile["lines"]["features"][0]["properties"]["name"] == "RN1"
    assert client.get(f"{address}/9/0/0.mvt", headers=verifier).status_code == 204
    assert client.get(f"{address}/9/600/0.mvt", headers=verifier).status_code == 400


def test_many_places_are_counted_and_none_is_lost(
    add: Add, client: FlaskClient, verifier: dict[str, str]
) -> None:
    random = np.random.default_rng(4)
    places = [point(x, y, name="p") for x, y in random.uniform((-73, 18), (-72, 19), (3000, 2)).tolist()]
    address = add("facilities", places)
    answer = client.get(f"{address}/5/9/14.mvt", headers=verifier)
    tile = mapbox_vector_tile.decode(answer.data)
    assert sum(found["properties"]["count"] for found in tile["cells"]["features"]) == 3000
    assert len(answer.data) < 20_000


def test_what_lies_in_a_box_is_said_in_words(client: FlaskClient, add: Add, verifier: dict[str, str]) -> None:
    address = add("facilities", [point(-72.3, 18.5, name="<b>A</b>", type="hospital"), point(-72.9, 18.3)])
    answer = client.get(f"{address}/features?bbox=-72.31,18.49,-72.29,18.51", headers=verifier).json
    assert answer is not None
    assert answer["count"] == 1
    (item,) = answer["items"]
    assert (item["name"], item["category"], item["sector"]) == ("<b>A</b>", "hospital", "health")
    assert item["position"] == pytest.approx([-72.3, 18.5], abs=1e-5)
    for bad in ("", "?bbox=1,2", "?bbox=a,b,c,d", "?bbox=-72,18,-71,19&what=1"):
        assert client.get(f"{address}/features{bad}", headers=verifier).status_code == 400


def test_a_replaced_layer_is_gone(client: FlaskClient, add: Add, verifier: dict[str, str]) -> None:
    old, new = (add("facilities", [point(-72.3, 18.5, name=name)]) for name in ("old", "new"))
    assert client.get(f"{old}/0/0/0.mvt", headers=verifier).status_code == 404
    assert client.get(f"{new}/0/0/0.mvt", headers=verifier).status_code == 200


def test_who_works_where_by_area(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, tmp_path: Path, verifier: dict[str, str]
) -> None:
    square = shapely.geometry.mapping(shapely.box(-73, 18, -72, 19))
    areas = {"type": "FeatureCollection", "features": [feature(square, ADM1_PCODE="HT01", ADM1_EN="West")]}
    (tmp_path / "areas.geojson").write_text(json.dumps(areas))
    add_areas(sqlite_store, coast, tmp_path / "areas.geojson")
    (tmp_path / "3w.csv").write_text(
        "org,sector,ADM1_PCODE,status,people reached\nRed Cross,WASH,HT01,ongoing,20\n"
    )
    add_rows(sqlite_store, coast, "activities", tmp_path / "3w.csv")
    answer = client.get("/crises/coast/activities.json?level=2", headers=verifier).json
    said = {"sector": "water", "organisations": ["Red Cross"], "reached": 20, "in_need": None}
    assert answer == {"level": 1, "areas": [{"code": "HT01", "sectors": [said]}]}
    (tmp_path / "people.csv").write_text("ADM1_PCODE,population\nHT01,5000\n")
    add_rows(sqlite_store, coast, "population", tmp_path / "people.csv")
    (drawn,) = client.get("/crises/coast/areas.geojson?level=1", headers=verifier).json["features"]  # type: ignore[index]
    assert drawn["properties"]["people"] == 5000
    assert drawn["properties"]["km2"] == pytest.approx(11_700, rel=0.02)


@given(west=st.floats(-179, 178), south=st.floats(-80, 79))
def test_a_surface_is_that_of_the_earth(west: float, south: float) -> None:
    from pyproj import Geod

    box = shapely.segmentize(shapely.box(west, south, west + 1, south + 1), 0.05)
    exact = abs(Geod(ellps="WGS84").geometry_area_perimeter(box)[0]) / 1e6
    assert square_kilometres(box) == pytest.approx(exact, rel=0.001)


def test_every_road_of_a_large_file_stays_small_from_afar(
    sqlite_store: Store, coast: Crisis, add: Add
) -> None:
    random = np.random.default_rng(5)
    starts = random.uniform((-73, 18), (-72, 19), (5000, 2))
    lines = [
        feature(
            {"type": "LineString", "coordinates": [start.tolist(), (start + 0.01).tolist()]}, highway="track"
        )
        for start in starts
    ]
    add("roads", lines)
    with sqlite_store.read() as session:
        things = things_of(session, in_force(session, coast.id, "roads")[0])
    assert thing_tile(things, Tile(2, 1, 1)) == b""  # shorter than a pixel
    near = mapbox_vector_tile.decode(thing_tile(things, Tile(7, 38, 57)))
    assert len(near["lines"]["features"]) == 1
