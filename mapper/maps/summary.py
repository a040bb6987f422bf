"""Figures beside the map: how many incidents a selection holds, by area, sector, state, grade and time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mapper.maps.release_tiles import sums_by_area
from mapper.publication.bitmaps import HIGHEST_GRADE, Index, Words, count, rows_of
from mapper.publication.selection import (
    AREA_COLUMNS,
    CLOCK_COLUMNS,
    PublicSelection,
    Selection,
    select_public_rows,
)
from mapper.store.snapshot_format import TIME

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


def incident_summary(index: Index, selection: Selection, level: int | None) -> dict[str, Any]:
    """Return the figures of a selection of incidents.

    The counts of sectors, states and areas are those that choosing another one would give: each leaves
    its own filter aside. `level` names the areas to count by, if any.
    """
    parts = [_part_summary(part, selection, level) for part in index.parts]
    areas = _summed(part["areas"] for part in parts)
    return {
        **{name: sum(part[name] for part in parts) for name in ("count", "verified", "needs_location")},
        **{name: _summed(part[name] for part in parts) for name in ("sectors", "statuses", "grades")},
        "areas": [{"code": code, "count": areas[code]} for code in sorted(areas)],
    }


def _part_summary(index: Index, selection: Selection, level: int | None) -> dict[str, Any]:
    everywhere = index.everything()

    def chosen(**without: Any) -> Words:
        return index.chosen(replace(selection, **without), everywhere)

    words = chosen()
    return {
        "count": count(words),
        "verified": count(words & index.bits("status=verified", everywhere)),
        "needs_location": count(words & index.all_before(0)),
        "sectors": _by_code(index, "sector", chosen(sectors=frozenset())),
        "statuses": _by_code(index, "status", chosen(statuses=frozenset())),
        "grades": _grades(index, words),
        "areas": _areas(index, f"area_{level}", chosen(areas=frozenset())) if level in AREA_LEVELS else {},
    }


def _summed(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for code, number in part.items():
            found[code] = found.get(code, 0) + number
    return found


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


def incident_bars(index: Index, selection: Selection, timezone: str) -> list[dict[str, Any]]:
    """Return the time line of a selection, its own range of time left aside, by the selection's clock."""
    lasting, column = replace(selection, since=None, until=None), CLOCK_COLUMNS[selection.clock][0]
    moments = []
    for part in index.parts:
        everywhere = part.everything()
        moments += part.rows[column].take(rows_of(part.chosen(lasting, everywhere), everywhere)).chunks
    return time_line(pa.chunked_array(moments, TIME), timezone)


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


def _by_code(index: Index, name: str, words: Words) -> dict[str, int]:
    """Count the chosen rows of each code that occurs among them."""
    everywhere = index.everything()
    codes = index.rows[name].chunk(0).dictionary.to_pylist() if index.rows.num_rows else []
    numbers = {code: count(words & index.bits(f"{name}={code}", everywhere)) for code in codes}
    return {code: number for code, number in numbers.items() if number}


def _grades(index: Index, words: Words) -> dict[str, int]:
    """Count incidents by the middle of their interval, upwards, as the map draws them; "unknown" apart."""
    found = dict.fromkeys(map(str, range(HIGHEST_GRADE + 1)), 0)
    for low, high in combinations_with_replacement(range(HIGHEST_GRADE + 1), 2):
        number = count(words & _exactly(index, "damage_low", low) & _exactly(index, "damage_high", high))
        found[str((low + high + 1) // 2)] += number
    return found | {"unknown": count(words) - sum(found.values())}


def _exactly(index: Index, name: str, grade: int) -> Words:
    everywhere = index.everything()
    at_least = index.bits(f"{name}>={grade}", everywhere)
    return at_least if grade == HIGHEST_GRADE else at_least & ~index.bits(f"{name}>={grade + 1}", everywhere)


def _areas(index: Index, name: str, words: Words) -> dict[str, int]:
    if index.rows.num_rows == 0:
        return {}
    column = index.rows[name].chunk(0)
    places = (
        column.indices.take(rows_of(words, index.everything())).drop_null().to_numpy(zero_copy_only=False)
    )
    numbers = np.bincount(places, minlength=len(column.dictionary)).tolist()
    pairs = zip(column.dictionary.to_pylist(), numbers, strict=True)
    return {code: number for code, number in pairs if number}


def _weighted(rows: pa.Table, name: str) -> dict[str, int]:
    summed: Mapping[str, Sequence[Any]] = rows.group_by(name).aggregate([("count", "sum")]).to_pydict()
    return dict(zip(summed[name], summed["count_sum"], strict=True))
