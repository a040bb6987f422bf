"""Vector tiles of the public release: its areas with the sums of the chosen rows, and no point ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry

from mapper.geography.cells import MAX_LATITUDE
from mapper.maps.encoder import EXTENT
from mapper.maps.tiles import Tile

MARGIN = 64  # tile units that an area is drawn beyond its tile, so that no edge shows


@dataclass(frozen=True)
class AreaSum:
    """The sum of one area's rows. The interval spans theirs; both ends are None where all are unknown."""

    code: str
    level: int
    count: int
    damage_low: int | None
    damage_high: int | None


def sums_by_area(rows: pa.Table) -> list[AreaSum]:
    """Return the sums of release rows (`snapshot_format.PUBLIC_ROWS`), an area each, in order of code."""
    summed = rows.group_by(["area_code", "area_level"]).aggregate(
        [("count", "sum"), ("damage_low", "min"), ("damage_high", "max")]
    )
    found = [
        AreaSum(
            row["area_code"],
            row["area_level"],
            row["count_sum"],
            row["damage_low_min"],
            row["damage_high_max"],
        )
        for row in summed.to_pylist()
    ]
    return sorted(found, key=lambda area: (area.level, area.code))


def release_tile(sums: Sequence[AreaSum], areas: pa.Table, tile: Tile) -> bytes:
    """Return layer `cells`: the areas in reach of `tile` with their sums; empty where there are none.

    `areas` has the columns of `snapshot_format.PUBLIC_AREAS`.
    """
    shapes: Mapping[str, Any] = {row["area_code"]: row for row in areas.to_pylist()}
    features = [
        {"geometry": drawn, "properties": _properties(area, shapes[area.code])}
        for area in sums
        if area.code in shapes and (drawn := _drawn(shapes[area.code]["geometry"], tile)) is not None
    ]
    if not features:
        return b""
    import mapbox_vector_tile  # and protobuf with it: only for those who draw the release elsewhere

    options = {"y_coord_down": True, "extents": EXTENT}
    data: bytes = mapbox_vector_tile.encode(
        [{"name": "cells", "features": features}], default_options=options
    )
    return data


def _properties(area: AreaSum, shape: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "area_code": area.code,
        "area_level": area.level,
        "name": shape["name"],
        "count": area.count,
        "damage_low": area.damage_low,
        "damage_high": area.damage_high,
    }
    return {name: value for name, value in found.items() if value is not None}


def _drawn(wkb: bytes, tile: Tile) -> BaseGeometry | None:
    """The area in tile coordinates; None out of reach. One too small to draw stays a square of one unit."""
    whole = shapely.transform(shapely.from_wkb(wkb), lambda degrees: _tile_coordinates(degrees, tile))
    reach = shapely.box(-MARGIN, -MARGIN, EXTENT + MARGIN, EXTENT + MARGIN)
    if not whole.intersects(reach):
        return None
    drawn = shapely.set_precision(shapely.make_valid(whole.simplify(1)).intersection(reach), 1)
    parts = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon" and part.area >= 1]
    if parts:
        return shapely.multipolygons(parts)
    x, y = (round(value) for value in whole.representative_point().coords[0])
    return shapely.box(x, y, x + 1, y + 1)


def _tile_coordinates(degrees: np.ndarray[Any, np.dtype[np.float64]], tile: Tile) -> Any:
    """Longitude and latitude to tile units, y down."""
    across = (degrees[:, 0] + 180) / 360
    sine = np.sin(np.radians(np.clip(degrees[:, 1], -MAX_LATITUDE, MAX_LATITUDE)))
    down = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    scale = EXTENT * 2.0**tile.zoom
    return np.column_stack([across * scale - tile.x * EXTENT, down * scale - tile.y * EXTENT])
