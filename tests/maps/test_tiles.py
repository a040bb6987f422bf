"""A tile is a range of rows: each incident is shown once, or counted once, at every zoom."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapper.geography.cells import cell_keys, cell_xy
from mapper.maps import tiles
from mapper.maps.tiles import NoSuchTile, Tile, incident_tile
from mapper.publication.bitmaps import Index
from mapper.publication.selection import Selection

from tests.maps.rows import incident_rows

positions = st.lists(
    st.tuples(st.floats(-180, 180, exclude_max=True), st.floats(-85, 85)), min_size=1, max_size=30
)


def tile_of(table: pa.Table, tile: Tile) -> bytes:
    """The tile of all incidents of a table."""
    return incident_tile(Index.of(table), Selection(), tile)


def tiles_of(table: pa.Table, zoom: int) -> dict[Tile, dict[str, Any]]:
    """Decode every tile of one zoom that holds any of the rows."""
    x, y = (axis >> (31 - zoom) for axis in cell_xy(table["cell_key"].to_numpy()))
    found = {}
    for place in set(zip(x.tolist(), y.tolist(), strict=True)):
        tile = Tile(zoom, *place)
        data = tile_of(table, tile)
        found[tile] = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    return found


@settings(deadline=None, max_examples=30)
@given(positions, st.integers(0, 22))
def test_every_incident_is_in_exactly_one_tile(places: list[tuple[float, float]], zoom: int) -> None:
    table = incident_rows(*zip(*places, strict=True))
    shown = [
        feature["properties"]["id"]
        for layers in tiles_of(table, zoom).values()
        for feature in layers["incidents"]["features"]
    ]
    assert sorted(shown) == sorted(table["id"].to_pylist())


@settings(deadline=None, max_examples=30)
@given(positions, st.integers(0, 22))
def test_a_point_lies_within_its_tile_where_mercator_puts_it(
    places: list[tuple[float, float]], zoom: int
) -> None:
    table = incident_rows(*zip(*places, strict=True))
    at = {row["id"]: (row["lon_e7"] / 1e7, row["lat_e7"] / 1e7) for row in table.to_pylist()}
    for tile, layers in tiles_of(table, zoom).items():
        for feature in layers["incidents"]["features"]:
            x, y = feature["geometry"]["coordinates"]
            assert 0 <= x < 4096
            assert 0 <= y < 4096
            wanted_x, wanted_y = _mercator(*at[feature["properties"]["id"]], tile)
            assert abs(x + 0.5 - wanted_x) < 1 + 1e-3 * 2**zoom  # rounding to 1e-7 degree shows from near
            assert abs(y + 0.5 - wanted_y) < 1 + 1e-3 * 2**zoom


def _mercator(longitude: float, latitude: float, tile: Tile) -> tuple[float, float]:
    """Tile coordinates by the textbook formula."""
    across = (longitude + 180) / 360
    down = (1 - np.arcsinh(np.tan(np.radians(latitude))) / np.pi) / 2
    return (across * 2**tile.zoom - tile.x) * 4096, (down * 2**tile.zoom - tile.y) * 4096


@settings(deadline=None, max_examples=30)
@given(positions, st.integers(0, 12))
def test_cells_count_every_incident_once(places: list[tuple[float, float]], zoom: int) -> None:
    table = incident_rows(*zip(*places, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "FAR_POINTS_AT_MOST", 0)
        patch.setattr(tiles, "POINTS_AT_MOST", 0)
        decoded = tiles_of(table, zoom).values()
    cells = [feature["properties"] for layers in decoded for feature in layers["cells"]["features"]]
    assert sum(cell["count"] for cell in cells) == table.num_rows
    assert sum(cell["verified"] for cell in cells) == table["status"].to_pylist().count("verified")


def test_a_cell_shows_the_worst_damage_among_its_incidents_and_never_unknown_as_none() -> None:
    table = incident_rows(
        [10.0] * 4, [50.0] * 4, damage_low=[1, None, 3, 0], damage_high=[2, None, 3, 5], status=["new"] * 4
    )
    unknown = incident_rows([10.0], [50.0], damage_low=[None], damage_high=[None])
    tile = Tile(0, 0, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "FAR_POINTS_AT_MOST", 0)
        (cell,) = mapbox_vector_tile.decode(tile_of(table, tile))["cells"]["features"]
        (other,) = mapbox_vector_tile.decode(tile_of(unknown, tile))["cells"]["features"]
    assert cell["properties"] == {"count": 4, "verified": 0, "damage_low": 3, "damage_high": 5}
    assert "damage_low" not in other["properties"]
    assert "damage_high" not in other["properties"]


def test_a_cell_is_drawn_around_its_incidents() -> None:
    table = incident_rows([10.0], [50.0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "FAR_POINTS_AT_MOST", 0)
        ((tile, layers),) = tiles_of(table, 6).items()
    ring = layers["cells"]["features"][0]["geometry"]["coordinates"][0]
    x, y = _mercator(10.0, 50.0, tile)
    assert min(p[0] for p in ring) <= x <= max(p[0] for p in ring)
    assert min(p[1] for p in ring) <= y <= max(p[1] for p in ring)
    assert max(p[0] for p in ring) - min(p[0] for p in ring) == 64


@pytest.mark.parametrize(("zoom", "count", "layer"), [(4, 100, "incidents"), (4, 101, "cells")])
def test_crowded_far_tiles_turn_into_cells(zoom: int, count: int, layer: str) -> None:
    table = incident_rows(np.linspace(10, 10.2, count), np.linspace(50, 50.2, count))
    assert {name for layers in tiles_of(table, zoom).values() for name in layers} == {layer}


def test_a_near_tile_shows_points_up_to_its_limit_and_counts_beyond() -> None:
    for count, layer in ((20_000, b"incidents"), (20_001, b"cells")):
        table = incident_rows(np.full(count, 10.0), np.full(count, 50.0))
        tile = Tile(14, *(int(axis) >> 17 for axis in cell_xy(cell_keys([10.0], [50.0])[0])))
        assert layer in tile_of(table, tile)


def test_rows_without_a_position_are_in_no_tile() -> None:
    table = incident_rows([float("nan"), 10.0], [float("nan"), 50.0])
    among = Index.of(table).between(*Tile(0, 0, 0).keys)
    assert (among.first, among.last) == (1, 2)


def test_an_empty_tile_is_empty() -> None:
    assert tile_of(incident_rows([], []), Tile(0, 0, 0)) == b""


@pytest.mark.parametrize(
    ("zoom", "x", "y", "name"),
    [
        ("23", "0", "0", "z"),
        ("-1", "0", "0", "z"),
        ("two", "0", "0", "z"),
        ("2", "4", "0", "x"),
        ("2", "0", "-1", "y"),
        ("2", "0", "٣", "y"),
        ("2", "9" * 400, "0", "x"),
    ],
)
def test_a_tile_that_is_none_says_which_number_is_wrong(zoom: str, x: str, y: str, name: str) -> None:
    with pytest.raises(NoSuchTile, match=rf"^{name} "):
        Tile.parse(zoom, x, y)
