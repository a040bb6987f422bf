"""Rows of files that are read behind the fence: columns as Arrow, mapped from its folder, checked again.

Arrow's own full validation is run on every batch: what comes from behind the fence is a stranger's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mapper.files.batches import Batch, Geometries
from mapper.files.csvs import HEADER_SEARCH, CsvRecord, headings_of, unique_names
from mapper.files.fence import Fenced, read_fenced
from mapper.files.limits import DEFAULT_LIMITS, Limits
from mapper.files.refusals import FileRefused
from mapper.vocabulary.text import N_

LONGITUDE, LATITUDE, SHAPE, GIVEN, PROBLEM = (
    f"\0{name}" for name in ("longitude", "latitude", "shape", "given", "problem")
)
AREA = r'^\{"type":"(Multi)?Polygon"'  # how the text of an area begins behind the fence
FOLDER = "folder"  # the column that names a KML's folder, where it has several
NUMBER = "0"  # a sheet's first column, added behind the fence: the row's number


@dataclass(frozen=True)
class FencedTable:
    """The rows of a GeoPackage, FlatGeobuf, GeoParquet, KML, GPX or shapefile."""

    kind: str
    columns: tuple[str, ...]
    description: str
    _fenced: Fenced  # keeps the private folder until nobody reads
    _limits: Limits

    @property
    def tags(self) -> Mapping[str, str]:
        """None of these files has HXL tags."""
        return {}

    def batches(self) -> Iterator[Batch]:
        """See `batches.Table`."""
        before = 0
        for table, path in zip(self._fenced.answer["tables"], self._fenced.tables, strict=True):
            folder = str(table["layer"]) if FOLDER in self.columns else None
            for found in _checked(path):
                yield _batch(found, range(before + 1, before + found.num_rows + 1), self.columns, folder)
                before += found.num_rows


@dataclass(frozen=True)
class SheetTable:
    """The rows of one sheet of an Excel workbook below its headings."""

    columns: tuple[str, ...]
    tags: Mapping[str, str]
    description: str
    _headings: int
    _fenced: Fenced

    def batches(self) -> Iterator[Batch]:
        """See `batches.Table`."""
        names = {column: str(place) for place, column in enumerate(self.columns, 1)}
        skip = self._headings
        for found in _checked(self._fenced.tables[0]):
            rows = found.slice(skip)
            skip = max(0, skip - found.num_rows)
            if rows.num_rows:
                yield _sheet_batch(rows, names)


def open_fenced(
    path: Path, kind: str, layer: str | None, limits: Limits
) -> FencedTable | SheetTable | Fenced:
    """Read a file's rows behind the fence; a zip that holds GeoJSON comes back as it was unpacked.

    Raises SeveralLayers, FileRefused or FileTooLarge.
    """
    fenced = read_fenced(path, kind, layer, limits, "rows")
    found = str(fenced.answer["kind"])
    if found == "geojson":
        return fenced
    if found == "workbook":
        return _sheet(fenced)
    tables = fenced.answer["tables"]
    names = dict.fromkeys(name for table in tables for name in table["columns"])
    joined = found == "kml" and len(tables) > 1
    columns = (*names, FOLDER) if joined and FOLDER not in names else tuple(names)
    layers = ", ".join(str(table["layer"]) for table in tables)
    return FencedTable(found, columns, f"{found}, {layers}", fenced, limits)


def open_sheet(path: Path, layer: str | None = None, limits: Limits = DEFAULT_LIMITS) -> SheetTable:
    """Open an Excel workbook's sheet; raises FileRefused or FileTooLarge."""
    return _sheet(read_fenced(path, "workbook", layer, limits, "rows"))


def _sheet(fenced: Fenced) -> SheetTable:
    head = list(islice(_records(fenced.tables[0]), HEADER_SEARCH))
    count, names, tags = headings_of(head)
    columns = unique_names(names)
    name, *others = fenced.answer["layers"]
    description = f"Excel workbook, sheet {name}"
    if others:
        description += f" (not read: {', '.join(others)}; --layer chooses another)"
    return SheetTable(columns, dict(zip(columns, tags, strict=False)), description, count, fenced)


def _records(path: Path) -> Iterator[CsvRecord]:
    for found in _checked(path):
        for row in zip(*(column.to_pylist() for column in found.columns), strict=True):
            yield CsvRecord(int(row[0]), tuple(row[1:]))


def _checked(path: Path) -> Iterator[Any]:
    """Yield record batches that Arrow finds sound throughout; raises FileRefused."""
    try:
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as reader:
            for found in reader:
                found.validate(full=True)
                yield found
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(N_("The file is damaged or not what it seems to be.")) from error


def _sheet_batch(rows: Any, names: Mapping[str, str]) -> Batch:
    lines = [int(number) for number in rows.column(NUMBER).to_pylist()]
    texts = {column: rows.column(place).to_pylist() for column, place in names.items()}
    return Batch(
        lines,
        tuple(names),
        texts.__getitem__,
        lambda: [dict(zip(names, row, strict=True)) for row in zip(*texts.values(), strict=True)],
    )


def _batch(found: Any, numbers: Sequence[int], columns: tuple[str, ...], folder: str | None) -> Batch:
    own = [name for name in columns if found.schema.get_field_index(name) >= 0]
    values = {name: found.column(name) for name in own}

    def texts(column: str) -> Sequence[str]:
        if column in values:
            return texts_of(values[column])
        return [folder or "" if column == FOLDER else ""] * len(numbers)

    def raws() -> list[dict[str, Any]]:
        rows = zip(
            *([_plain(value) for value in column.to_pylist()] for column in values.values()), strict=True
        )
        properties = (dict(zip(own, row, strict=True)) for row in rows) if own else ({} for _ in numbers)
        shapes = _shapes(found)
        return [
            {"properties": each, "geometry": shape} for each, shape in zip(properties, shapes, strict=True)
        ]

    return Batch(numbers, columns, texts, raws, _problems(found), _geometries(found))


def _geometries(found: Any) -> Geometries | None:
    if found.schema.get_field_index(LONGITUDE) < 0:
        return None
    longitude, latitude = (
        found.column(name).to_numpy(zero_copy_only=False) for name in (LONGITUDE, LATITUDE)
    )
    given = np.asarray(found.column(GIVEN).to_numpy(zero_copy_only=False), dtype=bool)
    shapes = found.column(SHAPE)
    if shapes.null_count == found.num_rows:
        return Geometries(longitude, latitude, given, np.zeros(found.num_rows, dtype=bool))
    area = pc.match_substring_regex(shapes, AREA).fill_null(False)
    return Geometries(longitude, latitude, given, area.to_numpy(zero_copy_only=False))


def _problems(found: Any) -> dict[int, str]:
    place = found.schema.get_field_index(PROBLEM)
    if place < 0 or found.column(place).null_count == found.num_rows:
        return {}
    problems = enumerate(found.column(place).to_pylist())
    return {index: str(problem) for index, problem in problems if problem is not None}


def _shapes(found: Any) -> list[Any]:
    """Return the geometries as GeoJSON."""
    if found.schema.get_field_index(LONGITUDE) < 0:
        return [None] * found.num_rows
    parts = (found.column(name).to_pylist() for name in (GIVEN, SHAPE, LONGITUDE, LATITUDE))
    return [_shape(*row) for row in zip(*parts, strict=True)]


def _shape(is_given: bool, shape: str | None, longitude: float | None, latitude: float | None) -> Any:
    if not is_given:
        return None
    if shape is not None:
        return json.loads(shape)
    known = [number for number in (longitude, latitude) if number is not None and number == number]
    return {"type": "Point", "coordinates": known}


def texts_of(column: Any) -> Sequence[str]:
    """Return an Arrow column as text: numbers as JSON writes them, times as ISO 8601, "" for null."""
    values = column.to_pylist()
    if pa.types.is_string(column.type):
        return values if not column.null_count else [value or "" for value in values]
    return ["" if value is None else _text(value) for value in values]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
