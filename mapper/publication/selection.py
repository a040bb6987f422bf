"""Selections: which rows of a snapshot a request asks for. Lists, tiles, feeds and exports all use these.

`Selection` chooses among incidents of an internal snapshot, `PublicSelection` among rows of the public
release, where nothing but area, sector and week may be asked (`contract.md`). Both are vectorised.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Clock = Literal["happened", "reported", "verified"]
Mask = npt.NDArray[np.bool_]
Box = tuple[float, float, float, float]  # west, south, east, north in degrees; west > east crosses 180°

AREA_COLUMNS = ("area_1", "area_2", "area_3")
# Of each clock: when it starts and when it ends. An incident is in a range of time if the two overlap.
CLOCK_COLUMNS: dict[str, tuple[str, str]] = {
    "happened": ("happened_from", "happened_to"),
    "reported": ("first_reported_at", "first_reported_at"),
    "verified": ("verified_at", "verified_at"),
}


@dataclass(frozen=True)
class Selection:
    """Filters of incidents. An empty one chooses all; several narrow each other down."""

    bbox: Box | None = None
    sectors: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()  # P-codes of any level
    min_grade: int | None = None  # compared with damage_low; unknown damage never matches
    since: datetime | None = None  # both ends included
    until: datetime | None = None
    clock: Clock = "happened"
    condition: Callable[[pa.Table], Mask] | None = None  # of a CQL2 filter


@dataclass(frozen=True)
class PublicSelection:
    """Filters of public rows: they choose among rows that are published anyway, and nothing else."""

    areas: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()
    weeks: frozenset[str] = frozenset()


def select_rows(table: pa.Table, selection: Selection) -> npt.NDArray[np.int64]:
    """Return the row numbers, ascending, of the incidents that match.

    `table` has the columns of `snapshot_format.INTERNAL`; a slice of one, such as a tile's, serves too.
    """
    return np.flatnonzero(matches(table, selection))


def matches(table: pa.Table, selection: Selection) -> Mask:
    """Return for each row whether its incident matches."""
    found = np.ones(table.num_rows, dtype=np.bool_)
    if selection.bbox is not None:
        found &= _in_box(table, selection.bbox)
    if selection.sectors:
        found &= _one_of(table["sector"], selection.sectors)
    if selection.statuses:
        found &= _one_of(table["status"], selection.statuses)
    if selection.areas:
        found &= np.logical_or.reduce([_one_of(table[name], selection.areas) for name in AREA_COLUMNS])
    if selection.min_grade is not None:
        found &= _numbers(table["damage_low"], -1) >= selection.min_grade
    if selection.since is not None or selection.until is not None:
        found &= _in_time(table, selection)
    if selection.condition is not None:
        found &= selection.condition(table)
    return found


def select_public_rows(table: pa.Table, selection: PublicSelection) -> npt.NDArray[np.int64]:
    """Return the row numbers, ascending, of the release's rows that match.

    `table` has the columns of `snapshot_format.PUBLIC_ROWS`.
    """
    found = np.ones(table.num_rows, dtype=np.bool_)
    for name, wanted in (
        ("area_code", selection.areas),
        ("sector", selection.sectors),
        ("week", selection.weeks),
    ):
        if wanted:
            found &= _one_of(table[name], wanted)
    return np.flatnonzero(found)


def _in_box(table: pa.Table, box: Box) -> Mask:
    west, south, east, north = (round(degrees * 10_000_000) for degrees in box)
    longitude = _numbers(table["lon_e7"], 0)
    latitude = _numbers(table["lat_e7"], 0)
    across = longitude >= west
    if west <= east:
        across &= longitude <= east
    else:
        across |= longitude <= east
    has_position = ~np.asarray(table["lon_e7"].is_null())
    found: Mask = has_position & across & (latitude >= south) & (latitude <= north)
    return found


def _in_time(table: pa.Table, selection: Selection) -> Mask:
    """Unknown times never match: an incident without a date is in no week."""
    starts, ends = CLOCK_COLUMNS[selection.clock]
    found: Mask
    start, found = clock_values(table, starts, starts)
    if selection.until is not None:
        found &= start <= as_microseconds(selection.until)
    if selection.since is not None:
        found &= clock_values(table, starts, ends)[0] >= as_microseconds(selection.since)
    return found


def clock_values(table: pa.Table, start: str, end: str) -> tuple[npt.NDArray[np.int64], Mask]:
    """Return each row's `end` (or `start` where that is null) in microseconds, and whether it has a start."""
    known: Mask = ~np.asarray(table[start].is_null())
    return _numbers(pc.coalesce(table[end], table[start]), 0), known


def _one_of(column: pa.ChunkedArray, wanted: Collection[str]) -> Mask:
    """Whether each value of a dictionary-encoded column is wanted; null is never."""
    parts = []
    for chunk in column.chunks:
        is_wanted = np.array([value in wanted for value in chunk.dictionary.to_pylist()] + [False])
        parts.append(is_wanted[chunk.indices.fill_null(len(is_wanted) - 1).to_numpy(zero_copy_only=False)])
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.bool_)


def _numbers(column: pa.ChunkedArray, null: int) -> npt.NDArray[Any]:
    """Return a column of numbers or times (as microseconds) with another value for null."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    values: npt.NDArray[Any] = column.fill_null(null).to_numpy()
    return values


def as_microseconds(moment: datetime) -> int:
    """Return a moment as microseconds since 1970, UTC."""
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since_epoch.days * 86_400 + since_epoch.seconds) * 1_000_000 + since_epoch.microseconds
