"""A stranger's file as rows: CSV through our own reader, GeoJSON feature by feature."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from mapper.files.columns import SAMPLE
from mapper.files.csvs import CsvFile, open_csv
from mapper.files.geojson import Feature, read_geojson
from mapper.files.kinds import HEAD_BYTES, kind_of
from mapper.files.refusals import FileRefused
from mapper.vocabulary.text import N_

FORMATS = ("csv", "geojson")


@dataclass(frozen=True)
class Row:
    """One row: where it starts, its values by column, and its position where the file holds geometry.

    `problem` says why it cannot be read at all. `raw` is the row as it came.
    """

    line: int
    values: Mapping[str, str]
    raw: Mapping[str, Any]
    position: tuple[float, float] | None = None  # longitude, latitude
    has_geometry: bool = False
    problem: str | None = None


class Table(Protocol):
    """A readable file of rows; `rows` reads it anew each time, in flat memory."""

    columns: tuple[str, ...]
    tags: Mapping[str, str]
    description: str

    def rows(self) -> Iterator[Row]:
        """Yield the rows in the order of the file."""
        ...


def open_table(path: Path, kind: str | None = None) -> Table:
    """Open a file as CSV or GeoJSON, by what its bytes say unless `kind` is given. Raises FileRefused."""
    if kind is None:
        with path.open("rb") as file:
            found = kind_of(file.read(HEAD_BYTES))
        if found not in (None, "geojson"):
            raise FileRefused(N_("The file is no CSV and no GeoJSON; save it as one of these and try again."))
        kind = found or "csv"
    return GeoJsonTable(path) if kind == "geojson" else CsvTable(open_csv(path))


class CsvTable:
    """A CSV file of any dialect."""

    def __init__(self, file: CsvFile) -> None:
        self._file = file
        self.columns = file.columns
        self.tags: Mapping[str, str] = file.tags
        delimiter = {"\t": "tab"}.get(file.delimiter, file.delimiter)
        self.description = f"CSV, {file.charset.name}, values separated by {delimiter}"

    def rows(self) -> Iterator[Row]:
        """See Table."""
        for record in self._file.records():
            values = dict(zip(self.columns, record.values, strict=False))
            yield Row(record.line, values, values, problem=record.problem)


class GeoJsonTable:
    """A GeoJSON FeatureCollection or a sequence of features; a shape that is no point stands for itself
    by a point inside it."""

    description = "GeoJSON"
    tags: Mapping[str, str] = {}

    def __init__(self, path: Path) -> None:
        self._path = path
        names: dict[str, None] = {}
        for row in islice(self.rows(), SAMPLE):
            names |= dict.fromkeys(row.values)
        self.columns = tuple(names)

    def rows(self) -> Iterator[Row]:
        """See Table."""
        for feature in read_geojson(self._path):
            yield _row_of(feature)


def _row_of(feature: Feature) -> Row:
    line = feature.line or feature.number
    if feature.properties is None:
        return Row(line, {}, {}, problem=feature.problem or "the feature cannot be read")
    values = {name: _as_text(value) for name, value in feature.properties.items() if value is not None}
    raw = {"properties": feature.properties, "geometry": feature.raw_geometry, "id": feature.id}
    position = None
    if feature.geometry is not None and not feature.geometry.is_empty:
        point = feature.geometry.representative_point()
        position = (point.x, point.y)
    return Row(line, values, raw, position, has_geometry=feature.raw_geometry is not None)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
