"""Vector tiles of incidents: a tile is a range of a snapshot's rows, which are sorted by cell key.

Near the ground each incident is a point of layer `incidents`. Where a tile would hold too many, and from
afar, it holds layer `cells` instead: 64 by 64 squares with their counts. Nothing is left out in between:
a point shows, or a cell counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapper.geography.cells import BITS, cell_xy, tile_range
from mapper.maps.encoder import EXTENT, encode_layer, points, squares
from mapper.publication.bitmaps import HIGHEST_GRADE, Index, Range, Words, count, counts, rows_of
from mapper.publication.selection import Selection

MAX_ZOOM = 22
POINTS_AT_MOST = 20_000
FAR_ZOOM, FAR_POINTS_AT_MOST = 11, 100  # below this zoom a tile turns into cells sooner
CELLS_PER_AXIS = 64
CELLS_PER_TILE = CELLS_PER_AXIS**2
CELL_BITS = CELLS_PER_TILE.bit_length() - 1

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
SHOWN = ("cell_key", *POINT_PROPERTIES)
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


def incident_tile(index: Index, selection: Selection, tile: Tile) -> bytes:
    """Return the tile of the incidents that a selection chooses; empty where there are none."""
    parts = [_chosen(part, selection, tile) for part in index.parts]
    number = sum(count(part.words) for part in parts)
    if number == 0:
        return b""
    most = FAR_POINTS_AT_MOST if tile.zoom < FAR_ZOOM else POINTS_AT_MOST
    return _points_layer(parts, tile) if number <= most else _cells_layer(parts, tile, selection)


@dataclass(frozen=True)
class _Part:
    """What of one index lies inside a tile and is chosen."""

    index: Index
    among: Range
    words: Words


def _chosen(index: Index, selection: Selection, tile: Tile) -> _Part:
    among = index.between(*tile.keys)
    return _Part(index, among, index.chosen(selection, among))


def _points_layer(parts: Sequence[_Part], tile: Tile) -> bytes:
    found = [part.index.rows.select(SHOWN).take(rows_of(part.words, part.among)) for part in parts]
    rows = pa.concat_tables(found).combine_chunks()
    x, y = _tile_coordinates(_integers(rows, "cell_key") - tile.keys[0], tile.zoom)
    columns = {name: _whole(rows, name) for name in POINT_PROPERTIES}
    return encode_layer("incidents", points(x, y), columns)


@dataclass(frozen=True)
class _Cells:
    """Figures of every cell of a tile, in the order of cell keys; a grade is -1 where none is known."""

    count: Integers
    verified: Integers
    damage_low: Integers
    damage_high: Integers

    def and_of(self, other: _Cells) -> _Cells:
        """Return the figures of both together."""
        return _Cells(
            self.count + other.count,
            self.verified + other.verified,
            np.maximum(self.damage_low, other.damage_low),
            np.maximum(self.damage_high, other.damage_high),
        )


def _cells_layer(parts: Sequence[_Part], tile: Tile, selection: Selection) -> bytes:
    figures = reduce(_Cells.and_of, (_cells(part, tile, selection) for part in parts))
    cells = np.flatnonzero(figures.count)
    size = EXTENT // CELLS_PER_AXIS
    column, row = cell_xy(cells)
    low, high = figures.damage_low[cells], figures.damage_high[cells]
    columns = {
        "count": pa.array(figures.count[cells]),
        "verified": pa.array(figures.verified[cells]),
        "damage_low": pa.array(low, mask=low < 0),
        "damage_high": pa.array(high, mask=high < 0),
    }
    return encode_layer("cells", squares(column * size, row * size, size), columns)


def _cells(part: _Part, tile: Tile, selection: Selection) -> _Cells:
    """Count between the edges of cells: a cell is a range of keys too, and the rows are sorted."""
    index, among, chosen = part.index, part.among, part.words
    shift = 2 * (BITS - tile.zoom) - CELL_BITS
    keys = index.keys()[among.first : among.last]
    edges = np.searchsorted(keys, tile.keys[0] + (np.arange(CELLS_PER_TILE + 1) << shift)) + among.first
    totals = counts(chosen, among, edges)
    cells = np.flatnonzero(totals)
    ends = np.stack([edges[cells], edges[cells + 1]], axis=1).ravel()

    def number(name: str) -> Integers:
        return counts(chosen & index.bits(name, among), among, ends)[::2]

    def spread(values: Integers, elsewhere: int) -> Integers:
        found = np.full(CELLS_PER_TILE, elsewhere, np.int64)
        found[cells] = values
        return found

    are_verified = selection.statuses == {VERIFIED}
    return _Cells(
        totals,
        totals if are_verified else spread(number(f"status={VERIFIED}"), 0),
        spread(_worst(number, "damage_low", len(cells), selection.min_grade), -1),
        spread(_worst(number, "damage_high", len(cells), None), -1),
    )


def _worst(number: Callable[[str], Integers], name: str, cells: int, at_least: int | None) -> Integers:
    """The greatest grade in each cell; -1 where none of its incidents has one.

    `at_least` is a grade that all of them are known to have.
    """
    worst = np.full(cells, -1 if at_least is None else at_least, np.int64)
    for grade in range(0 if at_least is None else at_least + 1, HIGHEST_GRADE + 1):
        found = number(f"{name}>={grade}") > 0
        if not found.any():
            break
        worst[found] = grade
    return worst


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
