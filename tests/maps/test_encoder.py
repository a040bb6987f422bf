"""What NumPy packs must read like what the reference library packs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapper.maps.encoder import EXTENT, encode_layer, points, squares, varints
from shapely.geometry import Point, box

KEEP = {"y_coord_down": True}
texts = st.one_of(
    st.none(), st.text(max_size=40), st.sampled_from(["new", "verified", "", "é`${x}</script>"])
)
numbers = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 5))
places = st.integers(-64, EXTENT + 64)
features = st.lists(st.tuples(places, places, texts, texts, numbers, numbers), max_size=40)


def columns_of(rows: list[tuple[Any, ...]]) -> dict[str, pa.Array]:
    return {
        "id": pa.array([row[2] for row in rows], pa.string()),
        "status": pa.array([row[3] for row in rows], pa.string()).dictionary_encode(),
        "damage_low": pa.array([row[4] for row in rows], pa.int64()),
        "reports": pa.array([row[5] for row in rows], pa.int64()),
    }


def properties_of(rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    names = ["id", "status", "damage_low", "reports"]
    named = [dict(zip(names, row[2:], strict=True)) for row in rows]
    return [{key: value for key, value in item.items() if value is not None} for item in named]


def axes(rows: list[tuple[Any, ...]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.int64)


@settings(deadline=None)
@given(features)
def test_points_decode_to_what_went_in(rows: list[tuple[Any, ...]]) -> None:
    tile = encode_layer("incidents", points(*axes(rows)), columns_of(rows))
    found = mapbox_vector_tile.decode(tile, default_options=KEEP)["incidents"]
    assert found["extent"] == EXTENT
    assert found["version"] == 2
    assert [f["geometry"]["coordinates"] for f in found["features"]] == [[row[0], row[1]] for row in rows]
    assert [f["properties"] for f in found["features"]] == properties_of(rows)


@settings(deadline=None)
@given(features)
def test_the_reference_encoder_gives_the_same_features(rows: list[tuple[Any, ...]]) -> None:
    ours = encode_layer("incidents", points(*axes(rows)), columns_of(rows))
    layer = {
        "name": "incidents",
        "features": [
            {"geometry": Point(row[0], row[1]), "properties": properties}
            for row, properties in zip(rows, properties_of(rows), strict=True)
        ],
    }
    reference = mapbox_vector_tile.encode([layer], default_options={"y_coord_down": True})
    assert mapbox_vector_tile.decode(ours) == mapbox_vector_tile.decode(reference)


@settings(deadline=None)
@given(st.lists(st.tuples(places, places), min_size=1, max_size=20), st.integers(1, 4096))
def test_squares_are_polygons_wound_as_the_reference_winds_them(
    corners: list[tuple[int, int]], size: int
) -> None:
    x, y = (np.array(axis, np.int64) for axis in zip(*corners, strict=True))
    ours = encode_layer("cells", squares(x, y, size), {})
    shapes = [box(left, top, left + size, top + size) for left, top in corners]
    layer = {"name": "cells", "features": [{"geometry": shape, "properties": {}} for shape in shapes]}
    reference = mapbox_vector_tile.encode([layer], default_options={"y_coord_down": True})
    for mine, theirs in zip(_shapes(ours), _shapes(reference), strict=True):
        assert mine.equals(theirs)
        assert mine.exterior.is_ccw == theirs.exterior.is_ccw


def _shapes(tile: bytes) -> list[Any]:
    from shapely.geometry import shape

    found = mapbox_vector_tile.decode(tile, default_options=KEEP)["cells"]["features"]
    return [shape(feature["geometry"]) for feature in found]


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=60))
def test_varints_read_back(values: list[int]) -> None:
    packed = iter(varints(np.array(values, np.uint64)).tobytes())
    assert [_read_varint(packed) for _ in values] == values
    assert next(packed, None) is None


def _read_varint(stream: Any) -> int:
    value, shift = 0, 0
    for byte in stream:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value
    raise AssertionError("a varint is cut off")


def test_equal_values_are_written_once() -> None:
    rows = [(1, 1, "same", "same", 3, 3)] * 500
    one = encode_layer("incidents", points(*axes(rows[:1])), columns_of(rows[:1]))
    many = encode_layer("incidents", points(*axes(rows)), columns_of(rows))
    assert many.count(b"same") == one.count(b"same") == 1
    assert len(many) < len(one) + 500 * 20


def test_an_unused_dictionary_entry_is_not_written() -> None:
    status = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int16()), pa.array(["new", "retracted"]))
    zero = np.zeros(2, np.int64)
    assert b"retracted" not in encode_layer("incidents", points(zero, zero), {"status": status})


@pytest.mark.parametrize("sliced", [slice(3, 9), slice(0, 0), slice(11, 12)])
def test_slices_of_a_table_encode_like_copies(sliced: slice) -> None:
    rows = [(n, n, f"id {n}", "new" if n % 2 else None, n, None) for n in range(12)]
    length = sliced.stop - sliced.start
    cut = {key: column.slice(sliced.start, length) for key, column in columns_of(rows).items()}
    place = points(*axes(rows[sliced]))
    assert encode_layer("incidents", place, cut) == encode_layer("incidents", place, columns_of(rows[sliced]))


def test_threads_share_nothing() -> None:
    def tile(seed: int) -> bytes:
        rows = [(n, seed, f"{seed} {n}", "new", n % 6, seed) for n in range(800)]
        return encode_layer("incidents", points(*axes(rows)), columns_of(rows))

    alone = [tile(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tile, list(range(8)) * 6)) == alone * 6
