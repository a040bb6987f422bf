"""Rows of a file in batches of columns: what every reader of rows yields, whatever the file is.

    for batch in table.batches(): batch.lines, batch.texts("Name"), batch.longitude, batch.problems

Columns become text only where somebody asks, so that a million rows cost what is used of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

BATCH_ROWS = 16_384

Degrees = tuple[float, float]  # longitude, latitude


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


@dataclass
class Geometries:
    """Where a batch's rows are: degrees (NaN where none), whether a row has a geometry, and whether that is
    an area."""

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    is_given: NDArray[np.bool_]
    is_area: NDArray[np.bool_]


@dataclass
class Batch:
    """Some rows that follow each other.

    `lines` are where they start: the line in a text, the number of the row or feature in any other file.
    `problems` says, by index, why a row cannot be read; its values are then of no use. `texts` gives a
    column's values as text, "" where there is none; `raws` the rows as they came.
    """

    lines: Sequence[int]
    columns: tuple[str, ...]
    _read: Callable[[str], Sequence[str]]
    _read_raws: Callable[[], Sequence[Mapping[str, Any]]]
    problems: Mapping[int, str] = field(default_factory=dict)
    geometries: Geometries | None = None
    _texts: dict[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines)

    def texts(self, column: str) -> Sequence[str]:
        """Return a column's values; empty ones where the batch has no such column."""
        if column not in self._texts:
            known = column in self.columns
            self._texts[column] = self._read(column) if known else [""] * len(self)
        return self._texts[column]

    def raws(self) -> Sequence[Mapping[str, Any]]:
        """Return the rows as they came, made anew each time."""
        return self._read_raws()

    def degrees(self, index: int) -> Degrees | None:
        """Return the degrees of a row's own geometry."""
        if self.geometries is None:
            return None
        longitude, latitude = float(self.geometries.longitude[index]), float(self.geometries.latitude[index])
        return None if math.isnan(longitude) or math.isnan(latitude) else (longitude, latitude)

    def rows(self) -> Iterator[Row]:
        """Yield the rows one by one."""
        texts = [self.texts(column) for column in self.columns]
        for index, (line, raw) in enumerate(zip(self.lines, self.raws(), strict=True)):
            problem = self.problems.get(index)
            values = {} if problem else dict(zip(self.columns, (part[index] for part in texts), strict=True))
            given = self.geometries is not None and bool(self.geometries.is_given[index])
            yield Row(line, values, raw, self.degrees(index), given, problem)


class Table(Protocol):
    """A readable file of rows; each call of `batches` reads it anew, in flat memory."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, all different."""
        ...

    @property
    def tags(self) -> Mapping[str, str]:
        """HXL tags by column, where the file has them."""
        ...

    @property
    def description(self) -> str:
        """What the file is, for whoever brought it."""
        ...

    def batches(self) -> Iterator[Batch]:
        """Yield the rows in the order of the file."""
        ...


def rows_of(table: Table) -> Iterator[Row]:
    """Yield a table's rows one by one, for whoever wants few of them."""
    for batch in table.batches():
        yield from batch.rows()


def batches_from(table: Table, rows: int) -> Iterator[Batch] | None:
    """Return the batches after the first `rows` rows; None where these do not end with a batch."""
    batches, seen = table.batches(), 0
    while seen < rows and (batch := next(batches, None)) is not None:
        seen += len(batch)
    return batches if seen == rows else None
