"""Rows of a table or a file of features, read alike: what a layer that is no boundary is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from mapper.files.archives import is_workbook
from mapper.files.batches import rows_of
from mapper.files.csvs import open_csv
from mapper.files.features import read_features
from mapper.files.kinds import HEAD_BYTES, kind_of
from mapper.files.limits import DEFAULT_LIMITS
from mapper.files.records import Records, is_records, read_records
from mapper.files.row_files import SheetTable, open_sheet


@dataclass(frozen=True)
class SourceRow:
    """One row as it stands in a file; `geometry` is longitude, latitude in WGS 84."""

    number: int  # 1 is the first
    values: Mapping[str, Any]
    geometry: BaseGeometry | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Source:
    """A readable file: its columns, the HXL tags of those that have one, and its rows."""

    columns: tuple[str, ...]
    rows: list[SourceRow]
    tags: Mapping[str, str] = field(default_factory=dict)


def read_source(path: Path) -> Source:
    """Read a CSV table, JSON records, a workbook's first sheet or features, recognised by the bytes.

    Raises FileRefused or FileTooLarge for what cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = kind_of(head)
    if kind == "geojson" and is_records(head):
        return _records(read_records(path))
    if kind == "workbook" or (kind == "zip" and is_workbook(path, DEFAULT_LIMITS)):
        return _sheet(open_sheet(path))
    return _table(path) if kind is None else _features(path)


def _records(records: Records) -> Source:
    rows = [SourceRow(number, values) for number, values in enumerate(records.rows, start=1)]
    return Source(records.columns, rows, _tagged(records.columns))


def _sheet(sheet: SheetTable) -> Source:
    rows = [SourceRow(row.line, row.values, problem=row.problem) for row in rows_of(sheet)]
    return Source(sheet.columns, rows, {**sheet.tags, **_tagged(sheet.columns)})


def _table(path: Path) -> Source:
    table = open_csv(path)
    rows = [
        SourceRow(number, {}, problem=record.problem)
        if record.problem
        else SourceRow(number, dict(zip(table.columns, record.values, strict=True)))
        for number, record in enumerate(table.records(), start=1)
    ]
    return Source(table.columns, rows, table.tags | _tagged(table.columns))


def _features(path: Path) -> Source:
    rows = list(_rows(path))
    columns = tuple({name: None for row in rows for name in row.values})
    return Source(columns, rows, _tagged(columns))


def _rows(path: Path) -> Iterator[SourceRow]:
    for feature in read_features(path):
        problem = feature.problem if feature.properties is None else None
        yield SourceRow(feature.number, feature.properties or {}, feature.geometry, problem)


def _tagged(columns: tuple[str, ...]) -> dict[str, str]:
    """Columns that are called by an HXL tag."""
    return {name: name for name in columns if name.startswith("#")}
