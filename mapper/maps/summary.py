"""Figures beside the map: how many incidents a selection holds, by area, sector, state, grade and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mapper.maps.release_tiles import sums_by_area
from mapper.publication.selection import (
    AREA_COLUMNS,
    CLOCK_COLUMNS,
    PublicSelection,
    Selection,
    select_public_rows,
    select_rows,
)

AREA_LEVELS = tuple(range(1, 1 + len(AREA_COLUMNS)))
BARS_AT_MOST = 100
# Widths of a histogram's bars in days; the first that gives few enough bars is taken.
BAR_DAYS = (1, 7, 28, 91, 364)

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bar:
    """One bar of the time line: incidents from `start` up to but not including `end`."""

    start: str  # RFC 3339, midnight in the crisis' time zone
    end: str
    count: int


def incident_summary(table: pa.Table, selection: Selection, level: int | None) -> dict[str, Any]:
    """Return the figures of a selection of incidents (`snapshot_format.INTERNAL`).

    The counts of sectors, states and areas are those that choosing another one would give: each leaves
    its own filter aside. `level` names the areas to count by, if any.
    """

    def of(column: str, **without: Any) -> pa.ChunkedArray:
        return table[column].take(select_rows(table, replace(selection, **without)))

    statuses = _tally(of("status"))
    return {
        "count": sum(statuses.values()),
        "verified": statuses.get("verified", 0),
        "needs_location": of("lon_e7").null_count,
        "sectors": _tally(of("sector", sectors=frozenset())),
        "statuses": _tally(of("status", statuses=frozenset())),
        "grades": _grades(of("damage_low"), of("damage_high")),
        "areas": _areas(of(f"area_{level}", areas=frozenset())) if level in AREA_LEVELS else [],
    }


def release_summary(table: pa.Table, selection: PublicSelection) -> dict[str, Any]:
    """Return the figures of a selection of release rows (`snapshot_format.PUBLIC_ROWS`).

    As with incidents, sectors and weeks are counted without their own filter.
    """

    def of(**without: Any) -> pa.Table:
        return table.take(select_public_rows(table, replace(selection, **without)))

    sums = sums_by_area(of())
    weeks = dict(sorted(_weighted(of(weeks=frozenset()), "week").items()))
    return {
        "count": sum(area.count for area in sums),
        "sectors": _weighted(of(sectors=frozenset()), "sector"),
        "weeks": weeks,
        "areas": [asdict(area) for area in sums],
        "bars": release_bars(weeks),
    }


def incident_bars(table: pa.Table, selection: Selection, timezone: str) -> list[dict[str, Any]]:
    """Return the time line of a selection, its own range of time left aside, by the selection's clock."""
    rows = select_rows(table, replace(selection, since=None, until=None))
    return time_line(table[CLOCK_COLUMNS[selection.clock][0]].take(rows), timezone)


def release_bars(weeks: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the time line of counts by ISO week, gapless; each bar also names its week."""
    if not weeks:
        return []
    first, last = (date.fromisoformat(f"{week}-1") for week in (min(weeks), max(weeks)))
    mondays = [first + timedelta(weeks=at) for at in range((last - first).days // 7 + 1)]
    return [
        {
            "start": f"{monday}T00:00:00+00:00",
            "end": f"{monday + timedelta(weeks=1)}T00:00:00+00:00",
            "count": weeks.get(f"{monday:%G-W%V}", 0),
            "week": f"{monday:%G-W%V}",
        }
        for monday in mondays
    ]


def time_line(moments: pa.ChunkedArray, timezone: str) -> list[dict[str, Any]]:
    """Return the bars of times in days of `timezone`, gapless from the first to the last."""
    moments = moments.drop_null()
    if len(moments) == 0:
        return []
    zone = ZoneInfo(timezone)
    first, last = (_day(found, zone) for found in (pc.min(moments).as_py(), pc.max(moments).as_py()))
    width = _bar_width((last - first).days + 1)
    if width == 7:
        first -= timedelta(days=first.weekday())
    edges = [first + timedelta(days=at) for at in range(0, (last - first).days + 1 + width, width)]
    starts = [datetime(edge.year, edge.month, edge.day, tzinfo=zone) for edge in edges]
    counts = _histogram(moments, starts)
    return [
        asdict(Bar(start.isoformat(), end.isoformat(), int(count)))
        for start, end, count in zip(starts, starts[1:], counts, strict=False)
    ]


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _bar_width(days: int) -> int:
    return next((width for width in BAR_DAYS if days <= width * BARS_AT_MOST), -(-days // BARS_AT_MOST))


def _histogram(moments: pa.ChunkedArray, starts: Sequence[datetime]) -> Integers:
    microseconds = moments.cast(pa.int64()).to_numpy()
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    edges = np.array([(start - epoch) // timedelta(microseconds=1) for start in starts], np.int64)
    return np.histogram(microseconds, bins=edges)[0].astype(np.int64)


def _tally(column: pa.ChunkedArray) -> dict[str, int]:
    """Count each value of a dictionary-encoded column; null is left out."""
    found: dict[str, int] = {}
    for chunk in column.chunks:
        places = chunk.indices.drop_null().to_numpy(zero_copy_only=False)
        counts = np.bincount(places, minlength=len(chunk.dictionary))
        for label, count in zip(chunk.dictionary.to_pylist(), counts.tolist(), strict=True):
            if count:
                found[label] = found.get(label, 0) + count
    return found


def _grades(low: pa.ChunkedArray, high: pa.ChunkedArray) -> dict[str, int]:
    """Count incidents by the middle of their interval, upwards, as the map draws them; "unknown" apart."""
    lows, highs = (ends.fill_null(-1).to_numpy().astype(np.int64) for ends in (low, high))
    known = (lows >= 0) & (highs >= 0)
    counts = np.bincount((lows + highs + 1)[known] // 2, minlength=6)
    found = {str(grade): count for grade, count in enumerate(counts.tolist())}
    return found | {"unknown": int((~known).sum())}


def _areas(codes: pa.ChunkedArray) -> list[dict[str, Any]]:
    return [{"code": code, "count": count} for code, count in sorted(_tally(codes).items())]


def _weighted(rows: pa.Table, name: str) -> dict[str, int]:
    summed: Mapping[str, Sequence[Any]] = rows.group_by(name).aggregate([("count", "sum")]).to_pydict()
    return dict(zip(summed[name], summed["count_sum"], strict=True))
