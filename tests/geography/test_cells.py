"""Keys sort positions so that every tile is one range."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.geography.cells import (
    MAX_LATITUDE,
    SIDE,
    cell_key,
    cell_keys,
    cell_xy,
    covering_ranges,
    tile_range,
    world_xy,
)

longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)


def tile_of(zoom, longitude, latitude):
    """The XYZ tile of a position, by the usual formula."""
    latitude = max(-MAX_LATITUDE, min(MAX_LATITUDE, latitude))
    count = 1 << zoom
    x = int((longitude + 180) / 360 * count)
    radians = math.radians(latitude)
    y = int((1 - math.asinh(math.tan(radians)) / math.pi) / 2 * count)
    return min(count - 1, max(0, x)), min(count - 1, max(0, y))


@given(longitudes, st.floats(-84, 84), st.integers(0, 22))
def test_a_position_lies_in_the_range_of_its_tile(longitude, latitude, zoom):
    low, high = tile_range(zoom, *tile_of(zoom, longitude, latitude))
    x, y = world_xy(longitude, latitude)
    near_an_edge = any(
        abs(value / (1 << 31 - zoom) - round(value / (1 << 31 - zoom))) < 1e-6 for value in (x, y)
    )  # two formulas may round a position on a tile's edge to either side
    assert low <= cell_key(longitude, latitude) < high or near_an_edge


@given(st.lists(st.tuples(longitudes, latitudes), min_size=1, max_size=20))
def test_many_at_once_are_as_one_by_one(positions):
    lon, lat = zip(*positions, strict=True)
    keys = cell_keys(lon, lat)
    for key, position in zip(keys, positions, strict=True):
        expected, found = world_xy(*position), [int(part[0]) for part in cell_xy([key])]
        assert all(
            abs(a - b) <= 1 for a, b in zip(expected, found, strict=True)
        )  # libm and NumPy may differ by an ulp
        assert 0 <= key < 1 << 62


def test_no_position_has_no_cell():
    assert cell_keys([math.nan, 1], [1, math.inf]).tolist() == [-1, -1]


@given(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1))
def test_column_and_row_come_back(x, y):
    key = tile_range(31, x, y)[0]
    assert [int(value[0]) for value in cell_xy(np.array([key]))] == [x, y]


@given(st.integers(0, 20), st.data())
def test_four_children_fill_their_tile(zoom, data):
    x, y = (data.draw(st.integers(0, (1 << zoom) - 1)) for _ in range(2))
    children = [tile_range(zoom + 1, 2 * x + i, 2 * y + j) for j in (0, 1) for i in (0, 1)]
    assert children == sorted(children)
    assert (children[0][0], children[-1][1]) == tile_range(zoom, x, y)
    assert all(first[1] == second[0] for first, second in pairwise(children))


@given(longitudes, latitudes, longitudes, latitudes, st.integers(1, 32))
def test_a_window_is_covered_by_few_ranges(west, south, east, north, most):
    west, east = sorted((west, east))
    south, north = sorted((south, north))
    ranges = covering_ranges(west, south, east, north, most)
    assert len(ranges) <= most
    for longitude in (west, (west + east) / 2, east):
        for latitude in (south, (south + north) / 2, north):
            key = cell_key(longitude, latitude)
            assert any(low <= key < high for low, high in ranges)


@pytest.mark.parametrize("tile", [(-1, 0, 0), (1, 2, 0), (1, 0, -1), (32, 0, 0)])
def test_no_such_tile(tile):
    with pytest.raises(ValueError, match="no tile"):
        tile_range(*tile)
