"""Tiles over HTTP: tags, packing, filters, and what the public never gets."""

from __future__ import annotations

import gzip
from typing import Any

import mapbox_vector_tile
import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from mapper.store.crises import crisis_by_slug
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

from tests.maps.conftest import RELEASE, write_incidents, write_release
from tests.maps.rows import incident_rows

TILES = "/crises/coast/tiles/incidents"
HOME = f"{TILES}/9/153/229.mvt"  # holds the first four incidents
SEA = f"{TILES}/9/0/0.mvt"

pytestmark = pytest.mark.usefixtures("coast")


def decoded(data: bytes) -> dict[str, Any]:
    """Return a tile's layers."""
    layers: dict[str, Any] = mapbox_vector_tile.decode(data)
    return layers


def ids(data: bytes) -> set[str]:
    """Return the ids of a tile's incidents."""
    return {feature["properties"]["id"] for feature in decoded(data)["incidents"]["features"]}


def test_a_verifier_gets_incidents_with_what_styling_needs(
    client: FlaskClient, incidents: pa.Table, verifier: dict[str, str]
) -> None:
    answer = client.get(HOME, headers=verifier)
    assert answer.status_code == 200
    assert answer.content_type == "application/vnd.mapbox-vector-tile"
    assert answer.headers["Cache-Control"] == "private, no-store"
    shown = {f["properties"]["id"]: f["properties"] for f in decoded(answer.data)["incidents"]["features"]}
    rows = {row["id"]: row for row in incidents.to_pylist()}
    assert len(shown) == 4
    for incident_id, properties in shown.items():
        names = ("status", "sector", "damage_low", "damage_high", "service_state", "reports", "origins")
        wanted = {name: rows[incident_id][name] for name in names}
        assert properties == {"id": incident_id} | {k: v for k, v in wanted.items() if v is not None}


def test_an_empty_tile_has_no_content(
    client: FlaskClient, incidents: pa.Table, verifier: dict[str, str]
) -> None:
    answer = client.get(SEA, headers=verifier)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["ETag"]


def test_a_crisis_without_snapshots_has_empty_tiles(client: FlaskClient, verifier: dict[str, str]) -> None:
    assert client.get(f"{TILES}/0/0/0.mvt", headers=verifier).status_code == 204
    assert client.get(f"{TILES}/0/0/0.mvt").status_code == 204


def test_an_unchanged_tile_is_not_sent_again_and_a_changed_one_is(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, incidents: pa.Table, verifier: dict[str, str]
) -> None:
    tag = client.get(HOME, headers=verifier).headers["ETag"]
    again = client.get(HOME, headers=verifier | {"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    filtered = client.get(f"{HOME}?sector=health", headers=verifier | {"If-None-Match": tag})
    assert filtered.status_code != 304
    write_incidents(sqlite_store, coast, incident_rows([-72.3], [18.5]))
    assert client.get(HOME, headers=verifier | {"If-None-Match": tag}).status_code == 200


def test_a_tile_is_packed_for_those_who_can_unpack(
    client: FlaskClient, incidents: pa.Table, verifier: dict[str, str]
) -> None:
    plain = client.get(HOME, headers=verifier)
    packed = client.get(HOME, headers=verifier | {"Accept-Encoding": "gzip"})
    again = client.get(HOME, headers=verifier | {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert packed.data == again.data
    assert packed.data[4:8] == bytes(4)  # no time of packing inside: every process sends the same


@pytest.mark.parametrize(
    "query",
    ["sector=health", "status=verified", "min_grade=3", "from=2026-02-20T00:00:00Z", "area=HT01,HT02"],
)
def test_filters_choose_as_in_the_list(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, verifier: dict[str, str], query: str
) -> None:
    table = incident_rows([-72.3] * 90, [18.5] * 90)
    write_incidents(sqlite_store, coast, table)
    name, value = query.split("=")
    matches = {
        "sector": lambda row: row["sector"] == value,
        "status": lambda row: row["status"] == value,
        "min_grade": lambda row: row["damage_low"] is not None and row["damage_low"] >= 3,
        "from": lambda row: row["happened_to"].isoformat() >= value.replace("Z", "+00:00"),
        "area": lambda row: row["area_1"] in value.split(","),
    }[name]
    wanted = {row["id"] for row in table.to_pylist() if matches(row)}
    assert 0 < len(wanted) < 90
    assert ids(client.get(f"{HOME}?{query}", headers=verifier).data) == wanted


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"{HOME}?min_grade=6", "min_grade"),
        (f"{HOME}?from=yesterday", "from"),
        (f"{HOME}?colour=red", "colour"),
        (f"{TILES}/9/512/229.mvt", "x"),
        (f"{TILES}/30/0/0.mvt", "z"),
        (f"{TILES}/9/a/229.mvt", "x"),
    ],
)
def test_a_wrong_parameter_is_named(
    client: FlaskClient, verifier: dict[str, str], address: str, name: str
) -> None:
    answer = client.get(address, headers=verifier)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert name in answer.json["detail"]


def test_the_public_gets_the_release_s_areas_and_never_a_point(
    client: FlaskClient, incidents: pa.Table, release: Snapshot
) -> None:
    layers = decoded(client.get(HOME).data)
    assert set(layers) == {"cells"}
    cells = {f["properties"]["area_code"]: f for f in layers["cells"]["features"]}
    assert {f["geometry"]["type"] for f in cells.values()} <= {"Polygon", "MultiPolygon"}
    assert cells["HT01"]["properties"] == {
        "area_code": "HT01",
        "area_level": 1,
        "name": "West",
        "count": 42,
        "damage_low": 1,
        "damage_high": 5,
    }
    assert "damage_low" not in cells["HT02"]["properties"]


def test_the_public_s_filters_only_choose_among_the_release_s_rows(
    client: FlaskClient, release: Snapshot
) -> None:
    (cell,) = decoded(client.get(f"{HOME}?sector=health&week=2026-W06&area=HT01").data)["cells"]["features"]
    assert cell["properties"]["count"] == RELEASE[0][4]
    for finer in ("status=verified", "bbox=-72,18,-71,19", "min_grade=2", "from=2026-01-01T00:00:00Z"):
        answer = client.get(f"{HOME}?{finer}")
        assert answer.status_code == 400
        assert finer.split("=", 1)[0] in answer.json["detail"]


def test_the_public_tag_changes_with_the_release_alone(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, release: Snapshot
) -> None:
    tag = client.get(HOME).headers["ETag"]
    write_incidents(sqlite_store, coast, incident_rows([-72.3], [18.5]))
    assert client.get(HOME, headers={"If-None-Match": tag}).status_code == 304
    write_release(sqlite_store, coast, RELEASE[:1])
    assert client.get(HOME, headers={"If-None-Match": tag}).status_code == 200


def test_a_blanked_crisis_shows_the_public_nothing(
    client: FlaskClient, sqlite_store: Store, incidents: pa.Table, release: Snapshot, verifier: dict[str, str]
) -> None:
    tag = client.get(HOME).headers["ETag"]
    with sqlite_store.write() as session:
        crisis = crisis_by_slug(session, "coast")
        assert crisis is not None
        crisis.blanked_at = sqlite_store.clock()
    for address in (HOME, f"{TILES}.json", "/crises/coast/areas.geojson", "/crises/coast/summary.json"):
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 404
    assert client.get(HOME, headers=verifier).status_code == 200


def test_the_tilejson_describes_the_tiles(
    client: FlaskClient, incidents: pa.Table, release: Snapshot, verifier: dict[str, str]
) -> None:
    inside = client.get(f"{TILES}.json", headers=verifier).json
    assert inside["tilejson"] == "3.0.0"
    assert inside["tiles"][0].endswith("/crises/coast/tiles/incidents/{z}/{x}/{y}.mvt")
    assert inside["bounds"] == [-75.0, 17.5, -71.0, 20.5]
    layers = {layer["id"]: layer["fields"] for layer in inside["vector_layers"]}
    properties = decoded(client.get(HOME, headers=verifier).data)["incidents"]["features"][0]["properties"]
    for name, value in properties.items():
        assert layers["incidents"][name] == ("String" if isinstance(value, str) else "Number")
    public = client.get(f"{TILES}.json").json
    assert [layer["id"] for layer in public["vector_layers"]] == ["cells"]


def test_an_unknown_crisis_has_no_tiles(client: FlaskClient) -> None:
    assert client.get("/crises/nowhere/tiles/incidents/0/0/0.mvt").status_code == 404
