"""A stranger's file as rows: CSV through our own reader, files of features through theirs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mapper.files.csvs import CsvFile, open_csv
from mapper.files.features import Feature, Features, read_features
from mapper.files.kinds import HEAD_BYTES, kind_of
from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused
from mapper.intake.places import Degrees
from mapper.vocabulary.text import N_

FORMATS = ("csv", "geojson", "gpkg", "shapefile", "kml", "flatgeobuf")
LIMITS = Limits(vertices=100_000, feature_characters=5_000_000)  # a report is a place, not a country


@dataclass(frozen=True)
class Row:
    """One row: where it starts, its values by column, and its position where the file holds geometry.

    `problem` says why it cannot be read at all. `raw` is the row as it came. `has_geometry` is true, and
    `degrees` may be None, where the file gives a geometry that cannot be used.
    """

    line: int
    values: Mapping[str, str]
    raw: Mapping[str, Any]
    degrees: Degrees | None = None
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


def open_table(path: Path, kind: str | None, layer: str | None = None) -> Table:
    """Open a file as what its bytes say, or as `kind` (one of FORMATS). Raises FileRefused."""
    if kind == "csv" or (kind is None and not _is_of_features(path)):
        return CsvTable(open_csv(path, LIMITS))
    features = read_features(path, LIMITS, layer)
    if kind not in (None, features.format):
        raise FileRefused(N_("The file is %(found)s, not %(kind)s."), found=features.format, kind=kind)
    return FeatureTable(features)


def _is_of_features(path: Path) -> bool:
    with path.open("rb") as file:
        return kind_of(file.read(HEAD_BYTES)) is not None


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


class FeatureTable:
    """A file of features; a shape that is no point stands for itself by a point inside it."""

    tags: Mapping[str, str] = {}

    def __init__(self, features: Features) -> None:
        self._features = features
        self.description = ", ".join([features.format, *features.layers])
        names: dict[str, None] = {}
        for (
            feature
        ) in features:  # the whole file: a text that is damaged at its end is refused before any row
            names |= dict.fromkeys(feature.properties or {})
        self.columns = tuple(names)

    def rows(self) -> Iterator[Row]:
        """See Table."""
        return map(_row_of, self._features)


def _row_of(feature: Feature) -> Row:
    line = feature.line or feature.number
    if feature.properties is None:
        return Row(line, {}, {}, problem=feature.problem or "the feature cannot be read")
    values = {name: _as_text(value) for name, value in feature.properties.items() if value is not None}
    raw = {"properties": feature.properties, "geometry": feature.raw_geometry, "id": feature.id}
    return Row(line, values, raw, _degrees_of(feature), has_geometry=feature.raw_geometry is not None)


def _degrees_of(feature: Feature) -> Degrees | None:
    if feature.geometry is not None and not feature.geometry.is_empty:
        point = feature.geometry.representative_point()
        return point.x, point.y
    return _off_earth(feature.raw_geometry)


def _off_earth(raw: Any) -> Degrees | None:
    """Return a point's two numbers although they are no place: with their axes swapped they may be one."""
    if not isinstance(raw, dict) or raw.get("type") != "Point":
        return None
    numbers = raw.get("coordinates")
    if (
        not isinstance(numbers, list)
        or len(numbers) < 2
        or any(type(n) not in (int, float) for n in numbers[:2])
    ):
        return None
    longitude, latitude = float(numbers[0]), float(numbers[1])
    return (longitude, latitude) if math.isfinite(longitude) and math.isfinite(latitude) else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
