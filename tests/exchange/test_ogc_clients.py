"""Real clients read /ogc whole: GDAL's OAPIF driver and OWSLib, counted exactly over many pages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
from mapper.store.store import Store
from mapper.store.tables import Crisis
from owslib.ogcapi.features import Features
from owslib.util import Authentication

from tests.exchange.exports import given_incidents
from tests.maps.conftest import RELEASE, write_release
from tests.maps.rows import incident_rows
from tests.publication.incidents import add_areas

MANY = 2_345  # several pages of 1,000


@pytest.fixture
def many(sqlite_store: Store, coast: Crisis) -> pa.Table:
    """More incidents than two pages hold."""
    random = np.random.default_rng(11)
    grades = [None if n < 1_500 else 3 for n in range(MANY)]  # the first page may hold no grade at all
    table = incident_rows(
        random.uniform(-74, -71, MANY), random.uniform(18, 20, MANY), damage_low=grades, damage_high=grades
    )
    return given_incidents(sqlite_store, coast, table)


@pytest.fixture
def token(sqlite_store: Store, coast: Crisis, make_token: Callable[..., dict[str, str]]) -> str:
    """The Authorization header of a verifier."""
    return make_token(sqlite_store, "verifier")["Authorization"]


READ = """
import json, sys, pyogrio
address, what, options, path = sys.argv[1:]
options = {name: tuple(value) if name == "bbox" else value for name, value in json.loads(options).items()}
if what == "layers":
    found = [str(name) for name, _ in pyogrio.list_layers(address)]
elif what == "info":
    info = pyogrio.read_info(address, **options)
    kinds = dict(zip(map(str, info["fields"]), map(str, info["dtypes"])))
    found = {"features": info["features"], "kinds": kinds}
else:
    pyogrio.read_dataframe(address, **options).to_parquet(path)
    found = None
print(json.dumps(found))
"""
Gdal = Callable[..., Any]


@pytest.fixture
def gdal(site: str, tmp_path: Path) -> Gdal:
    """Return a function that asks GDAL, in a process of its own: it would hold up the server's threads."""

    def ask(what: str, token: str = "", **options: Any) -> Any:
        header = tmp_path / "header"
        header.write_text(f"Authorization: {token}" if token else "X-Nobody: asks")
        headers = {"GDAL_HTTP_HEADER_FILE": str(header)}
        path = tmp_path / "read.parquet"
        command = [sys.executable, "-c", READ, f"OAPIF:{site}/ogc", what, json.dumps(options), str(path)]
        done = subprocess.run(
            command, env={**os.environ, **headers}, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return geopandas.read_parquet(path) if what == "frame" else json.loads(done.stdout)

    return ask


def test_gdal_reads_every_incident(gdal: Gdal, many: pa.Table, token: str) -> None:
    assert set(gdal("layers", token)) == {"coast.incidents", "coast.areas"}
    frame = gdal("frame", token, layer="coast.incidents")
    written = {row["id"]: row for row in many.to_pylist()}
    assert sorted(frame["id"]) == sorted(written)
    for row in frame.to_dict("records"):
        was = written[row["id"]]
        assert (row["geometry"].x, row["geometry"].y) == (was["lon_e7"] / 1e7, was["lat_e7"] / 1e7)
        assert row["sector"] == was["sector"]
        assert (None if pd.isna(row["damage_low"]) else row["damage_low"]) == was["damage_low"]
    info = gdal("info", token, layer="coast.incidents")
    assert info["features"] == MANY
    assert info["kinds"]["damage_low"].startswith("int")  # though the first page may hold none
    assert info["kinds"]["happened_from"].startswith("datetime64")
    assert info["kinds"]["needs_review"] == "bool"


def test_gdal_pushes_a_window_and_a_condition(gdal: Gdal, many: pa.Table, token: str) -> None:
    box = (-73.0, 18.5, -72.0, 19.0)
    wanted = {
        row["id"]
        for row in many.to_pylist()
        if box[0] <= row["lon_e7"] / 1e7 <= box[2] and box[1] <= row["lat_e7"] / 1e7 <= box[3]
    }
    assert set(gdal("frame", token, layer="coast.incidents", bbox=box)["id"]) == wanted
    where = "sector = 'health' AND reports > 3"
    frame = gdal("frame", token, layer="coast.incidents", where=where)
    assert set(frame["id"]) == {
        row["id"] for row in many.to_pylist() if row["sector"] == "health" and row["reports"] > 3
    }


def test_gdal_reads_the_release_as_the_public(
    gdal: Gdal, many: pa.Table, sqlite_store: Store, coast: Crisis
) -> None:
    write_release(sqlite_store, coast)
    frame = gdal("frame", layer="coast.incidents")
    assert sorted(frame["count"]) == sorted(row[4] for row in RELEASE)
    assert set(frame.geom_type) == {"Polygon"}
    assert set(gdal("frame", layer="coast.areas")["code"]) == {"HT01", "HT02", "crisis"}


def test_gdal_reads_areas(gdal: Gdal, token: str, sqlite_store: Store, coast: Crisis) -> None:
    add_areas(sqlite_store, coast)
    frame = gdal("frame", token, layer="coast.areas")
    assert list(frame["code"]) == ["P1", "P2"]
    assert frame.total_bounds.tolist() == [0, 0, 2, 1]


def test_owslib_reads_every_page(site: str, many: pa.Table, token: str) -> None:
    client = Features(f"{site}/ogc", headers={"Authorization": token}, auth=Authentication())
    assert client.conformance()["conformsTo"]
    assert set(client.feature_collections()) == {"coast.incidents", "coast.areas"}
    assert client.api()["openapi"].startswith("3.0")
    assert "damage_low" in client.collection_queryables("coast.incidents")["properties"]
    page = client.collection_items("coast.incidents", limit=500)
    assert page["numberMatched"] == MANY
    found = [feature["id"] for feature in page["features"]]
    while following := [link["href"] for link in page["links"] if link["rel"] == "next"]:
        cursor = parse_qs(urlsplit(following[0]).query)["cursor"][0]
        page = client.collection_items("coast.incidents", limit=500, cursor=cursor)
        found += [feature["id"] for feature in page["features"]]
    assert len(found) == MANY
    assert found == sorted(row["id"] for row in many.to_pylist())
    few = client.collection_items("coast.incidents", filter="damage_low >= 3", limit=1)
    assert few["numberMatched"] == MANY - 1_500
    assert client.collection_item("coast.incidents", found[7])["id"] == found[7]


def test_ogr2ogr_of_the_system_reads_every_incident(
    site: str, many: pa.Table, token: str, tmp_path: Path
) -> None:
    program = shutil.which("ogr2ogr")
    if program is None:
        pytest.skip("this machine lacks ogr2ogr (apt-get install gdal-bin)")
    path = tmp_path / "o.gpkg"
    header = tmp_path / "header"
    header.write_text(f"Authorization: {token}")
    options = ["--config", "GDAL_HTTP_HEADER_FILE", str(header), "-oo", "PAGE_SIZE=1000"]
    done = subprocess.run(
        [program, *options, "-f", "GPKG", str(path), f"OAPIF:{site}/ogc", "coast.incidents"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert pyogrio.read_info(path)["features"] == MANY
