"""Base map files read on the server: one tile of a PMTiles or an MBTiles file at a time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapper.maps.basemap import UnusableBasemap, open_basemap


@dataclass(frozen=True)
class FileFacts:
    """What a file says of itself."""

    is_vector: bool
    max_zoom: int
    attribution: str = ""


def facts_of(path: Path) -> FileFacts:
    """Read what a base map file holds; raises UnusableBasemap."""
    return _mbtiles_facts(path) if path.suffix == ".mbtiles" else _pmtiles_facts(path)


def file_tile(path: Path, z: int, x: int, y: int) -> bytes | None:
    """Return a tile's bytes as they stand in the file, y counted from the north; None where it has none.

    Raises UnusableBasemap for a file that cannot be read.
    """
    read = _mbtiles_tile if path.suffix == ".mbtiles" else _pmtiles_tile
    return read(path, z, x, y)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _mbtiles_facts(path: Path) -> FileFacts:
    """Source: github.com/mapbox/mbtiles-spec, version 1.3."""
    try:
        with closing(_opened(path)) as file:
            said = dict(file.execute("SELECT name, value FROM metadata"))
            found = file.execute("SELECT max(zoom_level) FROM tiles").fetchone()[0]
    except (sqlite3.Error, ValueError) as error:
        raise UnusableBasemap(f"{path} is no MBTiles file: {error}") from error
    if found is None:
        raise UnusableBasemap(f"{path} holds no tiles")
    return FileFacts(said.get("format") == "pbf", int(found), str(said.get("attribution") or ""))


def _mbtiles_tile(path: Path, z: int, x: int, y: int) -> bytes | None:
    query = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
    try:
        with closing(_opened(path)) as file:
            row = file.execute(query, (z, x, (1 << z) - 1 - y)).fetchone()  # rows count from the south
    except sqlite3.Error as error:
        raise UnusableBasemap(f"{path} cannot be read: {error}") from error
    return bytes(row[0]) if row and row[0] else None


def _pmtiles_facts(path: Path) -> FileFacts:
    found = open_basemap(path)
    try:
        with path.open("rb") as file:
            said = _reader(file).metadata()
    except (OSError, ValueError, EOFError):  # a credit that cannot be read does not spoil the map
        said = {}
    credit = said.get("attribution", "") if isinstance(said, dict) else ""
    return FileFacts(found.kind == "vector", found.max_zoom, str(credit or ""))


def _pmtiles_tile(path: Path, z: int, x: int, y: int) -> bytes | None:
    try:
        with path.open("rb") as file:
            found: bytes | None = _reader(file).get(z, x, y)
    except (OSError, ValueError, EOFError, IndexError) as error:
        raise UnusableBasemap(f"{path} cannot be read: {error}") from error
    return found or None


def _reader(file: Any) -> Any:
    from pmtiles.reader import Reader

    def part(offset: int, length: int) -> bytes:
        file.seek(offset)
        found: bytes = file.read(length)
        return found

    return Reader(part)
