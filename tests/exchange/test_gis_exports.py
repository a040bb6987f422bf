"""What GDAL, pyarrow and geopandas read back equals what was written; unknown stays unknown."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

from tests.exchange.exports import by_id, exported, given_incidents, milliseconds
from tests.maps.conftest import AREAS, RELEASE, write_release

SUFFIX = {
    "gpkg": "gpkg",
    "fgb": "fgb",
    "geojson": "geojson",
    "geoparquet": "parquet",
    "kml": "kml",
}
TIMES = ("happened_from", "happened_to", "first_reported_at", "verified_at")


@pytest.fixture
def release(sqlite_store: Store, coast: Crisis) -> Snapshot:
    """The public release of `coast`."""
    return write_release(sqlite_store, coast)


def read_back(path: Path, kind: str) -> geopandas.GeoDataFrame:
    """Return a file as a stranger's program reads it; a KML's folders one after the other."""
    if kind == "geoparquet":
        return geopandas.read_parquet(path)
    if kind != "kml":
        return pyogrio.read_dataframe(path, layer=pyogrio.list_layers(path)[0][0])
    layers = [pyogrio.read_dataframe(path, layer=name) for name, _ in pyogrio.list_layers(path)]
    return geopandas.GeoDataFrame(pd.concat(layers), crs=layers[0].crs)


def plain(value: Any) -> Any:
    """Return a cell as Python has it; every kind of missing is None."""
    if value is None or (not isinstance(value, list) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


@pytest.mark.parametrize("kind", SUFFIX)
def test_incidents_come_back_as_they_were(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, kind: str
) -> None:
    table = given_incidents(sqlite_store, coast)
    frame = read_back(exported(sqlite_store, coast, kind, tmp_path / f"o.{SUFFIX[kind]}"), kind)
    assert len(frame) == table.num_rows
    assert frame.crs.to_epsg() == 4326 or frame.crs.to_string() == "OGC:CRS84"
    written, read = by_id(table.to_pylist()), by_id(frame.to_dict("records"))
    assert read.keys() == written.keys()
    for key, row in written.items():
        back = {name: plain(value) for name, value in read[key].items()}
        for name in ("version", "status", "sector", "asset", "damage_low", "damage_high", "service_state"):
            assert back[name] == row[name], (kind, name)
        assert back["people_affected_low"] == row["people_affected_low"]
        for name in TIMES:
            found = pd.Timestamp(back[name]).to_pydatetime() if back[name] else None
            assert milliseconds(found) == milliseconds(row[name]), (kind, name)
            assert found is None or found.tzinfo is not None
        place = None if row["lon_e7"] is None else (row["lon_e7"] / 1e7, row["lat_e7"] / 1e7)
        shape = read[key]["geometry"]
        assert (shape and (shape.x, shape.y)) == place
        codes = back["area_codes"] or {}
        assert (json.loads(codes) if isinstance(codes, str) else codes) == json.loads(row["area_codes"])


@pytest.mark.parametrize("kind", SUFFIX)
def test_the_public_gets_rows_of_the_release_and_nothing_finer(
    sqlite_store: Store, coast: Crisis, release: Snapshot, tmp_path: Path, kind: str
) -> None:
    table = given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, kind, tmp_path / f"o.{SUFFIX[kind]}", audience="public")
    frame = read_back(path, kind)
    assert sorted(frame["count"]) == sorted(row[4] for row in RELEASE)
    assert sorted(frame["week"]) == sorted(row[3] for row in RELEASE)
    unknown = frame[frame["sector"].eq("multiple") & frame["count"].eq(7)]
    assert unknown["damage_low"].isna().all()
    outlines = {shape.normalize().wkt for shape in (row[4] for row in AREAS)}
    for shape in frame.geometry:
        (part,) = shapely.get_parts(shape)
        assert shapely.force_2d(part).normalize().wkt in outlines
    data = path.read_bytes()
    for row in table.to_pylist():
        assert row["id"].encode() not in data


@pytest.mark.parametrize("kind", SUFFIX)
def test_partners_get_no_more_than_the_public_yet(
    sqlite_store: Store, coast: Crisis, release: Snapshot, tmp_path: Path, kind: str
) -> None:
    given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, kind, tmp_path / f"o.{SUFFIX[kind]}", audience="partner")
    assert len(read_back(path, kind)) == len(RELEASE)


@pytest.mark.parametrize("kind", [*SUFFIX, "csv", "xlsx", "hxl", "pmtiles"])
def test_nothing_yet_is_a_file_without_rows(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, kind: str
) -> None:
    for audience in ("internal", "public"):
        path = exported(sqlite_store, coast, kind, tmp_path / f"{audience}.{kind}", audience=audience)
        assert path.stat().st_size > 0
        if kind in SUFFIX and kind != "kml":
            assert len(read_back(path, kind)) == 0


def test_a_filter_chooses_rows(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    table = given_incidents(sqlite_store, coast)
    wanted = {row["id"] for row in table.to_pylist() if (row["damage_low"] or 0) >= 3}
    where = "damage_low >= 3"
    frame = read_back(exported(sqlite_store, coast, "gpkg", tmp_path / "o.gpkg", where=where), "gpkg")
    assert set(frame["id"]) == wanted


def test_a_geopackage_brings_its_style_for_qgis(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, "gpkg", tmp_path / "o.gpkg")
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        ((table, column, qml, is_default),) = connection.execute(query).fetchall()
        named = connection.execute("SELECT column_name FROM gpkg_geometry_columns").fetchone()
    assert (table, column, is_default) == ("incidents", named[0], 1)
    assert 'attr="damage_high"' in qml
    assert qml.count("<category ") == 7
    assert pyogrio.list_layers(path)[0][0] == "incidents"


def test_readers_of_geoparquet_can_ask_for_a_window(
    sqlite_store: Store, coast: Crisis, tmp_path: Path
) -> None:
    given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, "geoparquet", tmp_path / "o.parquet")
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    whole = geopandas.read_parquet(path)
    window = geopandas.read_parquet(path, bbox=(-73, 18.5, -72, 19.5))
    assert 0 < len(window) < len(whole)
    assert sorted(window["id"]) == sorted(whole.cx[-73:-72, 18.5:19.5]["id"])
    boxes = pq.read_table(path, columns=["bbox"])["bbox"].combine_chunks()
    assert boxes.null_count == 1  # the incident without a position
    assert pa.types.is_struct(boxes.type)


def test_a_kml_has_a_folder_for_each_sector(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    table = given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, "kml", tmp_path / "o.kml")
    layers = [name for name, _ in pyogrio.list_layers(path)]
    assert len(layers) == len(set(table["sector"].to_pylist()))
    assert layers[0] == "Housing"
