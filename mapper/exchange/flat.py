"""Flat columns for tables and GIS files: plain types, one value a cell, geometry as WKB beside them.

Unknown stays null. Times are UTC in milliseconds, which every format can keep. Lists are joined with
semicolons; `area_codes` is a JSON object in a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from mapper.exchange.extract import BATCH, Extract
from mapper.exchange.features import PROPERTIES, PUBLIC_PROPERTIES
from mapper.exchange.titles import title_of
from mapper.publication.selection import AREA_COLUMNS
from mapper.store.snapshot_format import INTERNAL, PUBLIC_ROWS
from mapper.web.locale import language

GEOMETRY = "geometry"
TIME = pa.timestamp("ms", "UTC")
WKB = pa.field(GEOMETRY, pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})
DECIMALS = 2  # of metres


def _flat_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind) or pa.types.is_list(kind):
        return pa.string()
    if pa.types.is_timestamp(kind):
        return TIME
    if pa.types.is_integer(kind):
        return pa.int64() if kind.bit_width == 64 else pa.int32()
    return pa.float64() if pa.types.is_floating(kind) else kind


INCIDENT_FIELDS = pa.schema(
    [
        *((name, _flat_type(INTERNAL.field(name).type)) for name in (*PROPERTIES, *AREA_COLUMNS)),
        ("title", pa.string()),
        WKB,
    ]
)
RELEASE_FIELDS = pa.schema(
    [
        *((name, _flat_type(PUBLIC_ROWS.field(name).type)) for name in PUBLIC_PROPERTIES),
        ("area_codes", pa.string()),
        ("area_code", pa.string()),
        ("area_name", pa.string()),
        WKB,
    ]
)


def schema_of(found: Extract) -> pa.Schema:
    """Return the flat columns of an extract; the last is the geometry."""
    return RELEASE_FIELDS if found.seen.is_public else INCIDENT_FIELDS


def batches(found: Extract, size: int = BATCH) -> Iterator[pa.RecordBatch]:
    """Yield an extract's rows in flat columns."""
    flatten = _Release(found) if found.seen.is_public else _Incidents()
    for table in found.tables(size):
        yield flatten(table)


def incidents_flat(table: pa.Table) -> pa.RecordBatch:
    """Return rows of an internal snapshot in flat columns."""
    return _Incidents()(table)


class _Incidents:
    """Flattens incidents."""

    def __call__(self, table: pa.Table) -> pa.RecordBatch:
        columns = {name: _plain(table[name]) for name in INCIDENT_FIELDS.names if name in table.column_names}
        spoken = language()
        columns["title"] = pa.array([_title(spoken, *kind) for kind in _kinds(table)], pa.string())
        columns[GEOMETRY] = pa.array(point_wkb(table), pa.binary())
        return _batch(columns, INCIDENT_FIELDS)


@lru_cache(maxsize=20_000)  # kinds of damage in every language
def _title(_language: str, sector: str, asset: str | None, low: int | None, high: int | None) -> str:
    """Return a title in the language in force."""
    return title_of(sector, asset, low, high)


def _kinds(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    names = ("sector", "asset", "damage_low", "damage_high")
    return zip(*(table[name].to_pylist() for name in names), strict=True)


class _Release:
    """Flattens rows of a release, each with its area's name and outline."""

    def __init__(self, found: Extract) -> None:
        self._places = pa.array(found.areas["area_code"].to_pylist(), pa.string())
        self._areas = found.areas
        self._outlines = pa.array(_multipolygons(found.areas["geometry"]), pa.binary())

    def __call__(self, table: pa.Table) -> pa.RecordBatch:
        codes = _plain(table["area_code"])
        place = pc.index_in(codes, self._places)
        columns = {name: _plain(table[name]) for name in PUBLIC_PROPERTIES}
        columns |= {
            "area_code": codes,
            "area_codes": _without_empty(self._areas["area_codes"].take(place)),
            "area_name": self._areas["name"].take(place),
            GEOMETRY: self._outlines.take(place),
        }
        return _batch(columns, RELEASE_FIELDS)


def _multipolygons(outlines: pa.ChunkedArray) -> list[bytes]:
    """Return outlines as WKB of one kind, as layers of GIS files want it."""
    shapes = shapely.from_wkb(outlines.to_numpy())
    return [shapely.to_wkb(shapely.multipolygons(shapely.get_parts(shape))) for shape in shapes]


def _batch(columns: Mapping[str, Any], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [_one_chunk(columns[field.name]).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _one_chunk(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _plain(column: pa.ChunkedArray) -> Any:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.cast(pa.string())
    if pa.types.is_list(kind):
        joined = pc.binary_join(column, ";")
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)
    if pa.types.is_timestamp(kind):
        return column.cast(TIME, safe=False)
    if pa.types.is_floating(kind):
        return pc.round(column.cast(pa.float64()), DECIMALS)
    return _without_empty(column) if pa.types.is_string(kind) else column


def _without_empty(column: Any) -> Any:
    """Return a column of texts with null for an empty JSON object."""
    return pc.if_else(pc.equal(column, "{}"), pa.scalar(None, pa.string()), column)


def degrees(table: pa.Table) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return longitudes and latitudes of incidents; not a number where there is no position."""
    found = (
        table[name].cast(pa.float64()).fill_null(np.nan).to_numpy() / 1e7 for name in ("lon_e7", "lat_e7")
    )
    longitude, latitude = found
    return longitude, latitude


def point_wkb(table: pa.Table) -> list[bytes | None]:
    """Return the positions of incidents as WKB; None where there is none."""
    longitude, latitude = degrees(table)
    known = np.isfinite(longitude)
    made = np.full(len(longitude), None, dtype=object)
    made[known] = shapely.to_wkb(shapely.points(longitude[known], latitude[known]))
    found: list[bytes | None] = made.tolist()
    return found


def area_codes_of(text: str | None) -> dict[str, str]:
    """Return P-codes by level from their JSON."""
    found: dict[str, str] = orjson.loads(text or "{}") or {}
    return found
