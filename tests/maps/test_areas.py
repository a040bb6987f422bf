"""Areas to draw: simplified together, named in the reader's language, never finer than the release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from mapper.layers.service import add_areas
from mapper.maps.areas import AreaShape, area_collection
from mapper.store.crises import crisis_by_slug
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from shapely.geometry import shape


def drawn(shapes: list[AreaShape], *languages: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(area_collection(shapes, languages))["features"]
    return features


def square(code: str, west: float, size: float = 1.0, **names: str) -> AreaShape:
    return AreaShape(code, 1, names, shapely.to_wkb(shapely.box(west, 10, west + size, 10 + size)))


@pytest.mark.parametrize(
    ("languages", "name"), [(("uk", "en"), "North"), (("fr",), "Nord"), (("ar",), "Nord"), ((), "Nord")]
)
def test_a_name_comes_in_the_first_language_that_has_one(languages: tuple[str, ...], name: str) -> None:
    (feature,) = drawn([square("A1", 0, fr="Nord", en="North", ar="")], *languages)
    assert feature["properties"]["name"] == name


def test_an_area_without_a_name_or_of_one_pixel_is_still_drawn() -> None:
    first, second = drawn([square("A1", 0, 1e-5), square("A2", 5)])
    assert not shape(first["geometry"]).is_empty
    assert second["properties"]["name"] == ""


def test_the_label_stands_inside() -> None:
    ring = shapely.box(0, 10, 4, 14).difference(shapely.box(0.5, 10.5, 3.5, 13.5))
    (feature,) = drawn([AreaShape("A1", 1, {}, shapely.to_wkb(ring))])
    assert shape(feature["geometry"]).covers(shapely.Point(feature["properties"]["label"]))


@pytest.mark.shared
def test_haiti_s_communes_shrink_and_keep_their_places(shared: Path) -> None:
    features = json.loads((shared / "admin-boundaries" / "HTI_adm2.geojson").read_text())["features"]
    whole = {f["properties"]["ADM2_PCODE"]: shape(f["geometry"]) for f in features}
    shapes = [AreaShape(code, 2, {}, shapely.to_wkb(outline)) for code, outline in whole.items()]
    data = area_collection(shapes, ())
    assert len(data) < 600_000
    for feature in json.loads(data)["features"]:
        outline = shape(feature["geometry"])
        assert outline.intersection(whole[feature["id"]]).area > 0.9 * whole[feature["id"]].area


@pytest.mark.shared
def test_loaded_areas_are_answered_by_level(
    client: FlaskClient,
    sqlite_store: Store,
    coast: Crisis,
    shared: Path,
    release: Snapshot,
    verifier: dict[str, str],
) -> None:
    address = "/crises/coast/areas.geojson"
    before = client.get(f"{address}?level=1", headers=verifier)
    assert before.json["features"] == []
    add_areas(sqlite_store, coast, shared / "admin-boundaries" / "HTI_adm1.geojson", 1)
    answer = client.get(f"{address}?level=1", headers=verifier | {"If-None-Match": before.headers["ETag"]})
    assert answer.status_code == 200
    assert answer.content_type == "application/geo+json"
    assert {f["id"] for f in answer.json["features"]} == {f"HT{n:02}" for n in range(1, 11)}
    assert client.get(f"{address}?level=one", headers=verifier).status_code == 400
    assert {f["id"] for f in client.get(address).json["features"]} == {"HT01", "HT02"}


def test_the_public_gets_the_release_s_outlines(
    client: FlaskClient, sqlite_store: Store, release: Snapshot
) -> None:
    found = client.get("/crises/coast/areas.geojson?level=3").json["features"]
    assert [(f["id"], f["properties"]["name"]) for f in found] == [("HT01", "West"), ("HT02", "South-East")]
    with sqlite_store.read() as session:
        assert crisis_by_slug(session, "coast") is not None
