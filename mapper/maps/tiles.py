"""Vector tiles of incidents: a tile is a range of a snapshot's rows, which are sorted by cell key.

Near the ground each incident is a point of layer `incidents`. Where a tile would hold too many, and from
afar, it holds layer `cells` instead: 64 by 64 squares with their counts. Nothing is left out in between:
a point shows, or a cell counts it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapper.geography.cells import BITS, cell_xy, tile_range
from mapper.maps.encoder import EXTENT, encode_layer, points, squares

MAX_ZOOM = 22
POINTS_AT_MOST = 20_000
FAR_ZOOM, FAR_POINTS_AT_MOST = 11, 100  # below this zoom a tile turns into cells sooner
CELLS_PER_AXIS = 64

# What styling and the list need; everything else is asked for by id.
POINT_PROPERTIES = (
    "id",
    "status",
    "sector",
    "asset",
    "damage_low",
    "damage_high",
    "service_state",
    "reports",
    "origins",
)
VERIFIED = "verified"

Integers = npt.NDArray[np.int64]


class NoSuchTile(ValueError):
    """A tile address that names no tile; the message says which number is wrong."""


@dataclass(frozen=True)
class Tile:
    """A tile of the usual Web-Mercator pyramid: `x` eastwards, `y` southwards, both from 0."""

    zoom: int
    x: int
    y: int

    @classmethod
    def parse(cls, zoom: str, x: str, y: str) -> Tile:
        """Read an address' three numbers; raises NoSuchTile naming the one that is wrong."""
        level = _number("z", zoom, MAX_ZOOM)
        most = 2**level - 1
        return cls(level, _number("x", x, most), _number("y", y, most))

    @property
    def keys(self) -> tuple[int, int]:
        """The half-open range of cell keys inside the tile."""
        return tile_range(self.zoom, self.x, self.y)


def _number(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) <= most):
        raise NoSuchTile(f"{name} must be a whole number from 0 to {most}")
    return int(text)


def rows_between(table: pa.Table, low: int, high: int) -> pa.Table:
    """Return the rows whose cell key is at least `low` and below `high`, without copying them."""
    keys = _integers(table, "cell_key")
    first, last = np.searchsorted(keys, [low, high])
    return table.slice(first, last - first)


def incident_tile(rows: pa.Table, tile: Tile) -> bytes:
    """Return the tile of `rows`, all of which lie in it in order of cell key; empty where there are none."""
    if rows.num_rows == 0:
        return b""
    most = FAR_POINTS_AT_MOST if tile.zoom < FAR_ZOOM else POINTS_AT_MOST
    return _points_layer(rows, tile) if rows.num_rows <= most else _cells_layer(rows, tile)


def _points_layer(rows: pa.Table, tile: Tile) -> bytes:
    x, y = _tile_coordinates(_integers(rows, "cell_key") - tile.keys[0], tile.zoom)
    columns = {name: _whole(rows, name) for name in POINT_PROPERTIES}
    return encode_layer("incidents", points(x, y), columns)


def _cells_layer(rows: pa.Table, tile: Tile) -> bytes:
    """Sum runs of rows: a cell is a range of keys too, and the rows are sorted."""
    per_tile = 2 * (CELLS_PER_AXIS.bit_length() - 1)
    cell = (_integers(rows, "cell_key") - tile.keys[0]) >> (2 * (BITS - tile.zoom) - per_tile)
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    size = EXTENT // CELLS_PER_AXIS
    column, row = cell_xy(cell[starts])
    columns = {
        "count": pa.array(np.diff(starts, append=len(cell))),
        "verified": pa.array(np.add.reduceat(_is_verified(rows), starts)),
        "damage_low": _worst(rows, "damage_low", starts),
        "damage_high": _worst(rows, "damage_high", starts),
    }
    return encode_layer("cells", squares(column * size, row * size, size), columns)


def _tile_coordinates(offsets: Integers, zoom: int) -> tuple[Integers, Integers]:
    """Offsets of cell keys within their tile to tile coordinates."""
    x, y = cell_xy(offsets)
    shift = BITS - zoom - (EXTENT.bit_length() - 1)
    return (x >> shift, y >> shift) if shift >= 0 else (x << -shift, y << -shift)


def _integers(table: pa.Table, name: str) -> Integers:
    values: Integers = _whole(table, name).to_numpy(zero_copy_only=False)
    return values


def _whole(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _is_verified(rows: pa.Table) -> Integers:
    status = _whole(rows, "status")
    among = np.array([label == VERIFIED for label in status.dictionary.to_pylist()], np.int64)
    found: Integers = among[status.indices.to_numpy(zero_copy_only=False)]
    return found


def _worst(rows: pa.Table, name: str, starts: Integers) -> pa.Array:
    """The greatest grade of each run; null where none of its incidents has one."""
    grades = _whole(rows, name).fill_null(-1).to_numpy(zero_copy_only=False)
    worst = np.maximum.reduceat(grades, starts)
    return pa.array(worst, mask=worst < 0)
