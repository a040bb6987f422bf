"""PMTiles: the map's own vector tiles in one file, for maps without a server.

Source: github.com/protomaps/PMTiles, version 3; written by the `pmtiles` library.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from mapper.exchange.extract import Advance, Extract
from mapper.geography.cells import BITS, cell_xy, world_xy
from mapper.maps.release_tiles import release_tile, sums_by_area
from mapper.maps.tiles import (
    FAR_ZOOM,
    POINT_PROPERTIES,
    POINTS_AT_MOST,
    Tile,
    incident_tile,
)
from mapper.publication.bitmaps import Index
from mapper.publication.selection import Selection

DEEPEST_ZOOM = 18
RELEASE_ZOOM = 9
MOST_RELEASE_TILES = 5_000

Tiles = Iterator[tuple[Tile, bytes]]


def write_pmtiles(found: Extract, path: Path, advance: Advance) -> None:
    """Write the tiles of every zoom down to one where each incident is a point of its own."""
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import Writer

    zoom, tiles = _release_tiles(found) if found.seen.is_public else _incident_tiles(found)
    with path.open("wb") as file:
        writer = Writer(file)
        is_empty = True
        for tile, body in tiles:
            writer.write_tile(zxy_to_tileid(tile.zoom, tile.x, tile.y), gzip.compress(body, mtime=0))
            is_empty = False
        if is_empty:  # an archive needs a tile
            writer.write_tile(0, gzip.compress(b"", mtime=0))
        header = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP} | _bounds(found)
        writer.finalize(header, _metadata(found, zoom))
    advance(len(found.rows))


def _incident_tiles(found: Extract) -> tuple[int, Tiles]:
    rows = found.seen.rows.take(found.rows).combine_chunks()
    keys = rows["cell_key"].to_numpy()
    keys = keys[int(np.searchsorted(keys, 0)) :]
    index = Index.of(rows)
    deepest = _deepest_zoom(keys)
    return deepest, _along_zooms(deepest, lambda zoom: _points(index, keys, zoom))


def _deepest_zoom(keys: npt.NDArray[np.int64]) -> int:
    """Return the first zoom at which every tile holds points, not cells."""
    for zoom in range(FAR_ZOOM, DEEPEST_ZOOM):
        tiles = keys >> (2 * (BITS - zoom))
        _, counts = np.unique(tiles, return_counts=True)
        if counts.max(initial=0) <= POINTS_AT_MOST:
            return zoom
    return DEEPEST_ZOOM


def _along_zooms(deepest: int, tiles_of: Callable[[int], Tiles]) -> Tiles:
    for zoom in range(deepest + 1):
        yield from tiles_of(zoom)


def _points(index: Index, keys: npt.NDArray[np.int64], zoom: int) -> Tiles:
    numbers = np.unique(keys >> (2 * (BITS - zoom)))
    columns, lines = cell_xy(numbers)
    for x, y in _hilbert(zoom, columns, lines):
        tile = Tile(zoom, x, y)
        yield tile, incident_tile(index, Selection(), tile)


def _hilbert(zoom: int, columns: Any, lines: Any) -> list[tuple[int, int]]:
    """Return tiles in the order of an archive."""
    from pmtiles.tile import zxy_to_tileid

    places = list(zip(columns.tolist(), lines.tolist(), strict=True))
    return sorted(places, key=lambda place: zxy_to_tileid(zoom, *place))


def _release_tiles(found: Extract) -> tuple[int, Tiles]:
    sums = sums_by_area(found.seen.rows.take(found.rows))
    west, south, east, north = _extent(found)

    def tiles_of(zoom: int) -> Tiles:
        left, right, top, bottom = _window(west, south, east, north, zoom)
        columns, lines = np.meshgrid(np.arange(left, right + 1), np.arange(top, bottom + 1))
        for x, y in _hilbert(zoom, columns.ravel(), lines.ravel()):
            tile = Tile(zoom, x, y)
            body = release_tile(sums, found.areas, tile)
            if body:
                yield tile, body

    zoom = RELEASE_ZOOM
    while zoom and _count(_window(west, south, east, north, zoom)) > MOST_RELEASE_TILES:
        zoom -= 1
    return zoom, _along_zooms(zoom, tiles_of)


def _window(west: float, south: float, east: float, north: float, zoom: int) -> tuple[int, int, int, int]:
    left, top = world_xy(west, north)
    right, bottom = world_xy(east, south)
    shift = BITS - zoom
    return left >> shift, right >> shift, top >> shift, bottom >> shift


def _count(window: tuple[int, int, int, int]) -> int:
    left, right, top, bottom = window
    return (right - left + 1) * (bottom - top + 1)


def _extent(found: Extract) -> tuple[float, float, float, float]:
    """Return west, south, east, north of what an archive holds."""
    crisis = found.crisis
    if not found.seen.is_public or not found.areas.num_rows:
        return crisis.west, crisis.south, crisis.east, crisis.north
    bounds = shapely.total_bounds(shapely.from_wkb(found.areas["geometry"].to_numpy()))
    west, south, east, north = (float(value) for value in bounds)
    return west, south, east, north


def _bounds(found: Extract) -> dict[str, int]:
    west, south, east, north = (round(value * 1e7) for value in _extent(found))
    return {
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": 6,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }


def _metadata(found: Extract, zoom: int) -> dict[str, Any]:
    counted = dict.fromkeys(("count", "damage_low", "damage_high"), "Number")
    cells = {"id": "cells", "fields": counted, "minzoom": 0, "maxzoom": zoom}
    schema = found.seen.rows.schema
    points = {
        "id": "incidents",
        "fields": {}
        if found.seen.is_public
        else {name: _field_kind(schema, name) for name in POINT_PROPERTIES},
        "minzoom": 0,
        "maxzoom": zoom,
    }
    layers = [cells] if found.seen.is_public else [cells, points]
    return {"name": found.crisis.name, "format": "pbf", "type": "overlay", "vector_layers": layers}


def _field_kind(schema: pa.Schema, name: str) -> str:
    return "String" if "string" in str(schema.field(name).type) else "Number"
