"""Vector tiles of an operator's own places and lines: facilities, roads, assessed points.

A loaded layer never changes (a newer file is a new layer), so its geometries are read once per process into
a tree of boxes, and a tile reads what the tree finds. From afar a tile counts places in cells of 64 by 64,
and joins lines of one kind, thinned to what a screen can show: never the whole file.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.geography.cells import MAX_LATITUDE
from mapper.maps.encoder import EXTENT, encode_layer, points, squares
from mapper.maps.tiles import CELLS_PER_AXIS, Tile
from mapper.store.tables import Layer, LayerRow

POINT, MULTI_POINT = 0, 4
MARGIN = 64  # tile units beyond the edge, so that no seam shows
MOST_PLACES, MOST_LINES = 2_000, 1_000  # drawn one by one in a tile
FINEST = 8  # tile units of one pixel: a tile is drawn 512 pixels wide
COLUMNS = ("name", "category", "sector")

Geometries = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)  # hashed by identity: a layer is read once
class Things:
    """The rows of one layer that have a geometry, in web mercator from 0 to 1, y down."""

    geometries: Geometries
    is_place: npt.NDArray[np.bool_]
    tree: shapely.STRtree
    properties: Sequence[dict[str, Any]]

    def within(self, west: float, south: float, east: float, north: float) -> Numbers:
        """Return the rows that touch a box in degrees, by number; west above east crosses 180°."""
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        boxes = [world_positions(np.array([[left, north], [right, south]])) for left, right in spans]
        found = [self.tree.query(shapely.box(*corners.ravel()), predicate="intersects") for corners in boxes]
        return np.unique(np.concatenate(found))


def things_of(session: Session, layer: Layer) -> Things:
    """Return a layer's rows, read once per process."""
    key = (layer.crisis_id, layer.id)
    if key not in _held:
        while len(_held) >= MOST_HELD:
            _held.pop(next(iter(_held)))
        _held[key] = _read(session, layer)
    return _held[key]


MOST_HELD = 6
_held: dict[tuple[int, uuid.UUID], Things] = {}


def _read(session: Session, layer: Layer) -> Things:
    query = select(LayerRow.geometry, LayerRow.properties).where(
        LayerRow.crisis_id == layer.crisis_id,
        LayerRow.layer_id == layer.id,
        LayerRow.geometry.is_not(None),
    )
    rows = session.execute(query.order_by(LayerRow.number)).all()
    degrees = shapely.force_2d(shapely.from_wkb([row.geometry for row in rows]))
    geometries = shapely.transform(np.asarray(degrees, dtype=object), world_positions)
    kinds = shapely.get_type_id(geometries)
    is_place = (kinds == POINT) | (kinds == MULTI_POINT)
    geometries[kinds == MULTI_POINT] = shapely.centroid(geometries[kinds == MULTI_POINT])
    return Things(geometries, is_place, shapely.STRtree(geometries), [row.properties for row in rows])


@lru_cache(maxsize=512)
def thing_tile(things: Things, tile: Tile) -> bytes:
    """Return layers `places`, `cells` and `lines` of a tile; empty where nothing lies in it."""
    side, reach = 2.0**-tile.zoom, MARGIN / EXTENT * 2.0**-tile.zoom
    west, north = tile.x * side, tile.y * side
    box = shapely.box(west - reach, north - reach, west + side + reach, north + side + reach)
    found = np.sort(things.tree.query(box))
    scaled = shapely.transform(
        things.geometries[found], lambda world: (world - (west, north)) * (EXTENT / side)
    )
    place = things.is_place[found]
    return _places(things, found[place], scaled[place]) + _lines(things, found[~place], scaled[~place])


def _places(things: Things, rows: Numbers, scaled: Geometries) -> bytes:
    x, y = np.floor(shapely.get_x(scaled)).astype(np.int64), np.floor(shapely.get_y(scaled)).astype(np.int64)
    if len(rows) > MOST_PLACES:
        return _cells(x, y)
    if len(rows) == 0:
        return b""
    return encode_layer("places", points(x, y), _columns(things, rows))


def _columns(things: Things, rows: Numbers) -> dict[str, pa.Array]:
    said = [things.properties[row] for row in rows]
    return {name: pa.array([_word(row.get(name)) for row in said], pa.string()) for name in COLUMNS}


def _word(value: Any) -> str | None:
    return str(value)[:80] if value else None


def _cells(x: Numbers, y: Numbers) -> bytes:
    """Count places by cell; those beyond the tile's edge belong to its neighbours."""
    size = EXTENT // CELLS_PER_AXIS
    inside = (x >= 0) & (x < EXTENT) & (y >= 0) & (y < EXTENT)
    cells, count = np.unique((y[inside] // size) * CELLS_PER_AXIS + x[inside] // size, return_counts=True)
    row, column = np.divmod(cells, CELLS_PER_AXIS)
    return encode_layer("cells", squares(column * size, row * size, size), {"count": pa.array(count)})


def _lines(things: Things, rows: Numbers, scaled: Geometries) -> bytes:
    box = (-MARGIN, -MARGIN, EXTENT + MARGIN, EXTENT + MARGIN)
    bounds = shapely.bounds(scaled)
    seen = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) >= FINEST
    rows, scaled = rows[seen], shapely.simplify(scaled[seen], FINEST / 2, preserve_topology=False)
    clipped = shapely.clip_by_rect(scaled, *box) if len(scaled) else scaled
    kept = ~shapely.is_empty(clipped)
    features = _features(things, rows[kept], clipped[kept])
    if not features:
        return b""
    import mapbox_vector_tile  # and protobuf with it: only for those who look at lines

    options = {"y_coord_down": True, "extents": EXTENT}
    data: bytes = mapbox_vector_tile.encode(
        [{"name": "lines", "features": features}], default_options=options
    )
    return data


def _features(things: Things, rows: Numbers, drawn: Geometries) -> list[dict[str, Any]]:
    """One feature a line, or, of many, one for all lines of a kind: names would not be legible anyway."""
    if len(rows) <= MOST_LINES:
        return [
            {"geometry": line, "properties": _said(things.properties[row])}
            for line, row in zip(drawn, rows, strict=True)
        ]
    kinds = np.array([_word(things.properties[row].get("category")) or "" for row in rows])
    is_line = shapely.get_type_id(drawn) != shapely.GeometryType.POLYGON
    joined = [
        {"geometry": _together(drawn[(kinds == kind) & is_line]), "properties": {"category": kind}}
        for kind in np.unique(kinds[is_line])
    ]
    return joined + [{"geometry": surface, "properties": {}} for surface in drawn[~is_line]]


def _said(row: dict[str, Any]) -> dict[str, str]:
    return {name: word for name in COLUMNS if (word := _word(row.get(name)))}


def _together(drawn: Geometries) -> Any:
    parts = shapely.get_parts(drawn)
    return shapely.multilinestrings(parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING])


def world_positions(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Longitude and latitude to web mercator from 0 to 1, y down."""
    sine = np.sin(np.radians(np.clip(degrees[:, 1], -MAX_LATITUDE, MAX_LATITUDE)))
    down = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    return np.column_stack([(degrees[:, 0] + 180) / 360, down])


def degrees_of(geometry: Any) -> list[float]:
    """Return where something lies in the middle: longitude, latitude."""
    middle = shapely.point_on_surface(geometry)
    down = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * middle.y))))
    return [round(middle.x * 360 - 180, 6), round(float(down), 6)]
