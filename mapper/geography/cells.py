"""Cells: one sorted 62-bit key per position, so that a tile or a window is a few key ranges.

The key interleaves 31 bits of the web-mercator column with 31 bits of the row (a Morton code, row bits
first in each pair), so it fits a signed 64-bit column. Tiles are numbered as in the usual XYZ scheme:
row 0 is the north. Latitudes beyond ±85.0511° are clamped to the square's edge.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

BITS = 31
SIDE = 1 << BITS
MAX_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
NO_POSITION = -1

_SPREAD = (  # shift and mask of each step that moves bit i to bit 2i
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def world_xy(longitude: float, latitude: float) -> tuple[int, int]:
    """Return column and row of a position in the square of 2^31 by 2^31 cells."""
    x = math.floor((longitude + 180) / 360 * SIDE)
    sine = math.sin(math.radians(max(-MAX_LATITUDE, min(MAX_LATITUDE, latitude))))
    y = math.floor((0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)) * SIDE)
    return min(SIDE - 1, max(0, x)), min(SIDE - 1, max(0, y))


def cell_key(longitude: float, latitude: float) -> int:
    """Return the key of a position in degrees."""
    x, y = world_xy(longitude, latitude)
    return _spread(y) << 1 | _spread(x)


def cell_keys(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.int64]:
    """Return the keys of many positions, degrees, as an int64 array; positions that are not finite get -1."""
    lon, lat = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
    known = np.isfinite(lon) & np.isfinite(lat)
    lon, lat = np.where(known, lon, 0.0), np.where(known, lat, 0.0)
    sine = np.sin(np.radians(np.clip(lat, -MAX_LATITUDE, MAX_LATITUDE)))
    x = np.floor((lon + 180) / 360 * SIDE)
    y = np.floor((0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)) * SIDE)
    spread_x = _spread_array(np.clip(x, 0, SIDE - 1).astype(np.uint64))
    spread_y = _spread_array(np.clip(y, 0, SIDE - 1).astype(np.uint64))
    keys = ((spread_y << np.uint64(1)) | spread_x).astype(np.int64)
    return np.where(known, keys, NO_POSITION)


def cell_xy(key: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return column and row (0 to 2^31 - 1) of each key."""
    keys = np.asarray(key, dtype=np.int64).astype(np.uint64)
    return _gather_array(keys), _gather_array(keys >> np.uint64(1))


def tile_range(zoom: int, x: int, y: int) -> tuple[int, int]:
    """Return the half-open range of keys inside a tile; zoom 0 to 31. Raises ValueError for no such tile."""
    if not (0 <= zoom <= BITS and 0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
        raise ValueError(f"there is no tile {zoom}/{x}/{y}")
    shift = 2 * (BITS - zoom)
    first = (_spread(y) << 1 | _spread(x)) << shift
    return first, first + (1 << shift)


def covering_ranges(
    west: float, south: float, east: float, north: float, most: int = 16
) -> list[tuple[int, int]]:
    """Return at most `most` half-open key ranges that together cover a window in degrees, sorted and merged.

    They may cover more than the window: compare the exact positions of what they find. West must not
    exceed east: a window across the date line is two windows.
    """
    left, top = world_xy(west, north)
    right, bottom = world_xy(east, south)
    zoom = min(BITS, BITS - max(right - left, bottom - top, 1).bit_length() + 3)
    while True:
        shift = BITS - zoom
        columns, rows = range(left >> shift, (right >> shift) + 1), range(top >> shift, (bottom >> shift) + 1)
        if len(columns) * len(rows) <= max(4 * most, 4) or zoom == 0:
            ranges = _merged(sorted(tile_range(zoom, x, y) for x in columns for y in rows))
            if len(ranges) <= most or zoom == 0:
                return ranges
        zoom -= 1


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in ranges:
        if merged and merged[-1][1] == low:
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return merged


def _spread(value: Any) -> int:
    for shift, mask in _SPREAD:
        value = (value | value << shift) & mask
    return int(value)


def _spread_array(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, mask in _SPREAD:
        values = (values | (values << np.uint64(shift))) & np.uint64(mask)
    return values


def _gather_array(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    values = values & np.uint64(0x5555555555555555)
    for shift, mask in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        values = (values | (values >> np.uint64(shift))) & np.uint64(mask)
    return values.astype(np.int64)
