"""PMTiles: every incident is in the archive, as a point near the ground and counted from afar."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
from mapper.maps.tiles import FAR_ZOOM
from mapper.store.store import Store
from mapper.store.tables import Crisis
from pmtiles.reader import MemorySource, Reader, all_tiles

from tests.exchange.exports import exported, given_incidents
from tests.maps.conftest import RELEASE, write_release
from tests.maps.rows import incident_rows


def layers_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the zoom and the decoded layers of every tile."""
    for (zoom, _x, _y), body in all_tiles(MemorySource(path.read_bytes())):
        yield zoom, mapbox_vector_tile.decode(gzip.decompress(body))


def test_each_zoom_holds_every_incident(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    table = incident_rows(random.uniform(-74, -71, 600), random.uniform(18, 20, 600))
    given_incidents(sqlite_store, coast, table)
    path = exported(sqlite_store, coast, "pmtiles", tmp_path / "o.pmtiles", where="sector <> 'water'")
    wanted = {row["id"] for row in table.to_pylist() if row["sector"] != "water"}
    counts: dict[int, int] = {}
    ids: dict[int, set[str]] = {}
    for zoom, layers in layers_of(path):
        cells = [feature["properties"]["count"] for feature in layers.get("cells", {}).get("features", [])]
        points = [feature["properties"]["id"] for feature in layers.get("incidents", {}).get("features", [])]
        counts[zoom] = counts.get(zoom, 0) + sum(cells) + len(points)
        ids.setdefault(zoom, set()).update(points)
    assert counts == dict.fromkeys(range(FAR_ZOOM + 1), len(wanted))
    assert ids[FAR_ZOOM] == wanted


def test_the_archive_says_what_it_is(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    path = exported(sqlite_store, coast, "pmtiles", tmp_path / "o.pmtiles")
    reader = Reader(MemorySource(path.read_bytes()))
    header = reader.header()
    assert header["clustered"]
    assert (header["min_zoom"], header["max_zoom"]) == (0, FAR_ZOOM)
    assert header["min_lon_e7"] == -750_000_000
    assert {layer["id"] for layer in reader.metadata()["vector_layers"]} == {"incidents", "cells"}


def test_the_public_archive_holds_areas(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    write_release(sqlite_store, coast)
    path = exported(sqlite_store, coast, "pmtiles", tmp_path / "o.pmtiles", audience="public")
    found = list(layers_of(path))
    assert all(set(layers) == {"cells"} for _, layers in found)
    (whole,) = (layers for zoom, layers in found if zoom == 0)
    counts = [feature["properties"]["count"] for feature in whole["cells"]["features"]]
    assert sum(counts) == sum(row[4] for row in RELEASE)
