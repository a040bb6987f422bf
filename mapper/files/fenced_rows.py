"""Runs behind the fence: writes a file's rows as Arrow, columns as they are and places as degrees.

What leaves is plain: text, whole and decimal numbers, truth values, dates and times, degrees. A shape that
is no point stands for itself by a point inside it, and goes along as GeoJSON text. `row_files` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from mapper.files.limits import Limits
from mapper.files.refusals import FileTooLarge
from mapper.vocabulary.text import N_

LONGITUDE, LATITUDE, SHAPE, PROBLEM = "\0longitude", "\0latitude", "\0shape", "\0problem"
GIVEN = "\0given"
POINT_BYTES = 21  # of a point as well-known binary: byte order, type, x, y
POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
BATCH_ROWS = 65_536

Convert = Callable[..., Any] | None  # from a layer's x, y to longitude, latitude; None where they are that


def write_rows(
    batches: Iterable[Any], geometry: str | None, convert: Convert, target: Path, limits: Limits
) -> list[str]:
    """Write record batches to an Arrow file; return the names of the columns that hold anything.

    Raises FileTooLarge beyond the limit on rows.
    """
    filled: dict[str, None] = {}
    writer, rows = None, 0
    with target.open("wb") as file:
        for batch in batches:
            rows += batch.num_rows
            if rows > limits.rows:
                raise FileTooLarge(N_("The file has more than %(limit)d rows."), limit=limits.rows)
            plain = _plain_batch(batch, geometry, convert, limits)
            writer = writer or pa.ipc.new_stream(file, plain.schema)
            writer.write_batch(plain)
            filled |= dict.fromkeys(
                name
                for name, column in zip(plain.schema.names, plain.columns, strict=True)
                if column.null_count < len(column)
            )
        if writer is None:
            writer = pa.ipc.new_stream(file, pa.schema([]))
        writer.close()
    return [name for name in filled if not name.startswith("\0")]


def _plain_batch(batch: Any, geometry: str | None, convert: Convert, limits: Limits) -> Any:
    names, columns = [], []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if name != geometry and (plain := _plain_column(column)) is not None:
            names.append(name.lstrip("\0"))
            columns.append(plain)
    if geometry is not None and batch.num_rows:
        for name, column in _places(batch.column(geometry), convert, limits).items():
            names.append(name)
            columns.append(column)
    return pa.record_batch(columns, names=names)


def _plain_column(column: Any) -> Any | None:
    """Return a column of a plain type, JSON text for what has parts, None for bytes."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain_column(column.dictionary_decode())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return None
    if pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return column
    if pa.types.is_float64(kind) or pa.types.is_float32(kind) or pa.types.is_temporal(kind):
        return column
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_decimal(kind):
        return pc.cast(column, pa.string())
    texts = (None if value is None else json.dumps(value, default=str) for value in column.to_pylist())
    return pa.array(texts, pa.string())


def _places(column: Any, convert: Convert, limits: Limits) -> dict[str, Any]:
    points = _quick_points(column)
    if points is None:
        return _shapes(column, convert, limits)
    longitude, latitude = points
    if convert is not None:
        longitude, latitude = convert(longitude, latitude)
    return {
        LONGITUDE: pa.array(longitude),
        LATITUDE: pa.array(latitude),
        SHAPE: pa.nulls(len(column), pa.string()),
        GIVEN: pa.repeat(True, len(column)),
        PROBLEM: pa.nulls(len(column), pa.string()),
    }


def _quick_points(column: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return x and y where every value is a plain little-endian point, without making a million objects."""
    size = len(column)
    if column.null_count or not pa.types.is_binary(column.type):
        return None
    _, offsets, data = column.buffers()
    starts = np.frombuffer(offsets, np.int32, size + 1, column.offset * 4)
    if data is None or starts[-1] - starts[0] != size * POINT_BYTES or (np.diff(starts) != POINT_BYTES).any():
        return None
    points = np.frombuffer(data, POINT, size, int(starts[0]))
    if (points["order"] != 1).any() or (points["kind"] != 1).any():
        return None
    return points["x"].copy(), points["y"].copy()


def _shapes(column: Any, convert: Convert, limits: Limits) -> dict[str, Any]:
    values = column.to_numpy(zero_copy_only=False)
    shapes: NDArray[np.object_] = shapely.from_wkb(values, on_invalid="ignore")
    if convert is not None:
        shapes = shapely.transform(shapes, convert, interleaved=False)
    large = shapely.get_num_coordinates(shapes) > limits.vertices
    problems = [
        f"the geometry has more than {limits.vertices} positions" if is_large else None for is_large in large
    ]
    shapes[large] = None
    points = _points_inside(shapes)
    shapes[shapely.get_type_id(shapes) == 0] = None  # points need no text beside their degrees
    return {
        LONGITUDE: pa.array(shapely.get_x(points)),
        LATITUDE: pa.array(shapely.get_y(points)),
        SHAPE: pa.array(shapely.to_geojson(shapes).tolist(), pa.string()),
        GIVEN: pa.array([value is not None for value in values], pa.bool_()),
        PROBLEM: pa.array(problems, pa.string()),
    }


def _points_inside(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    crossing = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if crossing.any():
        shapes = shapes.copy()
        shapes[crossing] = shapely.make_valid(shapes[crossing])
    points: NDArray[np.object_] = shapely.point_on_surface(shapes)
    return points


def text_batches(rows: Iterator[list[str]]) -> Iterator[Any]:
    """Yield rows of text, all of one width, as record batches with columns named by their place."""
    while group := list(islice(rows, BATCH_ROWS)):
        columns = [pa.array(column, pa.string()) for column in zip(*group, strict=True)]
        yield pa.record_batch(columns, names=[str(place) for place in range(len(columns))])
