"""Blocking keys: what a report can be found by in the store, so that a new one meets only its likely kin.

Each fused report leaves a few rows (`store.tables.LinkageKey`): the tile it lies in, its place name, text
and link, sorted by minutes; and its exact point and its cell with half a day, sorted by text, where the
crowd is counted. What could tell of a person (texts, places, links) is hashed under the deployment's key.
A new report asks for ranges of such keys. The rules are those of `candidates.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from mapper.fusion.candidates import (
    COPY_WINDOW_HOURS,
    LONG_TEXT,
    MOST_REACH_M,
    RESTORED_REACH_M,
    WINDOW_HOURS,
)
from mapper.fusion.centroids import cell_of, point_of
from mapper.fusion.features import RESTORED_HOURS
from mapper.fusion.traits import Traits
from mapper.fusion.words import code_of
from mapper.geography.cells import BITS, world_xy
from mapper.geography.positions import degrees_around
from mapper.store.keys import Keyring

TILE_ZOOM = 14  # 1.6 km wide at 48 degrees of latitude
SITE_ZOOM = 17  # 200 m wide there
AT_ONCE = 1_000  # rows of VALUES in one statement


class KeyRow(NamedTuple):
    """One row by which a report can be found."""

    key: int
    value: int


class Window(NamedTuple):
    """A range of values of one key, both ends included."""

    key: int
    low: int
    high: int


class Crowding(NamedTuple):
    """The keys under which the crowd around a report is counted, and the code of its text there."""

    point: int
    cell: int
    text: int


class Blocking:
    """Makes the keys of one crisis' reports."""

    def __init__(self, keys: Keyring, crisis_id: int) -> None:
        self._keys = keys
        self._crisis_id = crisis_id

    def rows_of(self, report: Traits) -> list[KeyRow]:
        """Return the rows that a fused report leaves."""
        minutes = floor(report.at * 60)
        found = [KeyRow(key, minutes) for key in self._names(report, "any")]
        if report.is_located:
            x, y = world_xy(report.lon, report.lat)
            crowd = self.crowding(report)
            found.append(KeyRow(_tile_key(x >> BITS - TILE_ZOOM, y >> BITS - TILE_ZOOM), minutes))
            found += [KeyRow(crowd.point, crowd.text), KeyRow(crowd.cell, crowd.text)]
            if report.sector:
                site = x >> BITS - SITE_ZOOM, y >> BITS - SITE_ZOOM
                found.append(
                    KeyRow(
                        _site_key("restored" if report.restores else "site", *site, report.sector), minutes
                    )
                )
        else:
            found += [KeyRow(key, minutes) for key in self._names(report, "unlocated")]
        return found

    def windows_of(self, report: Traits) -> list[Window]:
        """Return the ranges in which a report's candidates stand."""
        usual = _span(report, WINDOW_HOURS)
        late = _span(report, COPY_WINDOW_HOURS)
        found = [Window(key, *usual) for key in self._names(report, "unlocated")]
        if report.is_located:
            around = _tiles_around(report.lon, report.lat, MOST_REACH_M, TILE_ZOOM)
            found += [Window(_tile_key(x, y), *usual) for x, y in around]
            found += self._restored(report)
        else:
            found += [Window(key, *usual) for key in self._names(report, "any")]
        if report.words.count >= LONG_TEXT:
            found.append(Window(self._secret("text any", report.words.code), *late))
        if report.link:
            found.append(Window(self._secret("link any", report.link), *late))
        return found

    def windows_at_site(self, report: Traits, low: float, high: float, kind: str = "site") -> list[Window]:
        """Return the ranges of reports of one sector at a report's site, between two times in hours."""
        if not (report.is_located and report.sector):
            return []
        around = _tiles_around(report.lon, report.lat, RESTORED_REACH_M, SITE_ZOOM)
        span = floor(low * 60), ceil(high * 60)
        return [Window(_site_key(kind, x, y, report.sector), *span) for x, y in around]

    def _restored(self, report: Traits) -> list[Window]:
        """A report that a service works again meets the damage before it, and the damage what restores it."""
        early, late = report.at - RESTORED_HOURS, report.until + RESTORED_HOURS
        found = self.windows_at_site(report, early if report.restores else report.at, late, "restored")
        return found + (self.windows_at_site(report, early, report.until) if report.restores else [])

    def crowding(self, report: Traits) -> Crowding:
        """Return where the crowd around a located report is counted."""
        point, cell = code_of(f"point {point_of(report)}"), code_of(f"cell {cell_of(report)}")
        return Crowding(point, cell, self._secret("crowd", report.words.code))

    def _names(self, report: Traits, where: str) -> Iterator[int]:
        """Yield the keys of the place's names, text and link; `where` parts reports without a position."""
        named = [("place", code) for code in report.names]
        for kind, code in (*named, ("text", report.words.code), ("link", report.link)):
            if code:
                yield self._secret(f"{kind} {where}", code)

    def _secret(self, kind: str, code: int) -> int:
        return int(self._keys.fingerprint(self._crisis_id, f"linkage {kind}", str(code))[:15], 16)


def find(session: Session, crisis_id: int, windows: Sequence[Window]) -> set[uuid.UUID]:
    """Return the fused reports that stand in any of the ranges."""
    statement = (
        "SELECT DISTINCT k.report_id FROM w CROSS JOIN linkage_keys AS k "
        "WHERE k.crisis_id = :crisis AND k.key = w.key AND k.value BETWEEN w.a AND w.b"
    )
    return {
        _as_uuid(row.report_id)
        for some in _portions(_joined(windows))
        for row in session.execute(_over(statement, some), {"crisis": crisis_id})
    }


def count_texts(session: Session, crisis_id: int, keys: Sequence[int]) -> dict[int, int]:
    """Return how many different texts crowd each key; keys without any are absent."""
    statement = (
        "SELECT k.key, COUNT(DISTINCT k.value) AS texts FROM w CROSS JOIN linkage_keys AS k "
        "WHERE k.crisis_id = :crisis AND k.key = w.key GROUP BY k.key"
    )
    return {
        row.key: row.texts
        for some in _portions([(key, 0, 0) for key in sorted(set(keys))])
        for row in session.execute(_over(statement, some), {"crisis": crisis_id})
    }


def known_texts(session: Session, crisis_id: int, rows: Sequence[KeyRow]) -> set[KeyRow]:
    """Return which of these rows a fused report left already."""
    statement = (
        "SELECT DISTINCT k.key, k.value FROM w CROSS JOIN linkage_keys AS k "
        "WHERE k.crisis_id = :crisis AND k.key = w.key AND k.value = w.a"
    )
    return {
        KeyRow(row.key, row.value)
        for some in _portions([(row.key, row.value, 0) for row in sorted(set(rows))])
        for row in session.execute(_over(statement, some), {"crisis": crisis_id})
    }


def _over(statement: str, rows: Sequence[tuple[int, int, int]]) -> TextClause:
    """Put whole numbers before a statement as the table `w` (key, a, b): the same SQL on both engines.

    SQLite keeps the order of a CROSS JOIN, so that each row of `w` is one look into the primary key.
    """
    values = ", ".join(f"({int(key)}, {int(a)}, {int(b)})" for key, a, b in rows)
    return text(f"WITH w(key, a, b) AS (VALUES {values}) {statement}")


def _portions(rows: Sequence[tuple[int, int, int]]) -> Iterator[Sequence[tuple[int, int, int]]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def _joined(windows: Sequence[Window]) -> list[tuple[int, int, int]]:
    """Join the ranges of one key that overlap: reports of one batch ask mostly for the same."""
    joined: list[tuple[int, int, int]] = []
    for window in sorted(set(windows)):
        if joined and joined[-1][0] == window.key and window.low <= joined[-1][2]:
            joined[-1] = (window.key, joined[-1][1], max(window.high, joined[-1][2]))
        else:
            joined.append((window.key, window.low, window.high))
    return joined


def _span(report: Traits, hours: float) -> tuple[int, int]:
    return floor((report.at - hours) * 60), ceil((report.until + hours) * 60)


def _tiles_around(lon: float, lat: float, reach_m: float, zoom: int) -> list[tuple[int, int]]:
    east, north = degrees_around(lat, reach_m)
    left, top = world_xy(lon - east, lat + north)
    right, bottom = world_xy(lon + east, lat - north)
    shift = BITS - zoom
    return [
        (x, y)
        for x in range(left >> shift, (right >> shift) + 1)
        for y in range(top >> shift, (bottom >> shift) + 1)
    ]


@lru_cache(maxsize=50_000)
def _site_key(kind: str, x: int, y: int, sector: int) -> int:
    """Name a site of one sector."""
    return code_of(f"{kind} {x} {y} {sector}")


def _tile_key(x: int, y: int) -> int:
    """Number a tile; the bit above 60 keeps its numbers apart from those of hashed names."""
    return 1 << 60 | x << TILE_ZOOM | y


def _as_uuid(value: object) -> uuid.UUID:
    """SQLite keeps ids as text without hyphens; PostgreSQL gives them as they are."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
