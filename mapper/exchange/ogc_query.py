"""Parameters of `/items`: bbox, datetime, filter and the rest, checked; what is wrong is named."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mapper.exchange.ogc import CRS84, MERCATOR, SYSTEMS
from mapper.exchange.projecting import HALF_M, to_degrees
from mapper.publication.conditions import Condition, ConditionError, parse_condition
from mapper.publication.parameters import (
    USUAL_PAGE,
    Arguments,
    BadParameter,
    Reader,
    box,
    codes,
    cursor,
    limit,
    moment,
    one_value,
    weeks,
)
from mapper.publication.selection import Box, PublicSelection, Selection
from mapper.vocabulary.text import N_

ANYWHERE = ("limit", "cursor", "crs", "f", "lang")  # none of these chooses among items
CHOOSING = ("bbox", "bbox-crs", "datetime")
FILTERING = ("filter", "filter-lang", "filter-crs")
LANGUAGES = {"cql2-text": "text", "cql2-json": "json"}


@dataclass(frozen=True)
class ItemsQuery:
    """What a request for items asks. `key` is the same for requests that choose the same items."""

    limit: int
    after: str | None
    crs: str
    key: str


@dataclass(frozen=True)
class AreaSelection:
    """Which areas are asked for."""

    bbox: Box | None
    codes: frozenset[str]
    level: int | None


def incident_query(given: Arguments, queryables: Mapping[str, Any]) -> tuple[ItemsQuery, Selection]:
    """Return a request for incidents; raises BadParameters."""
    reader = Reader(given)
    reader.refuse_others({*ANYWHERE, *CHOOSING, *FILTERING, *queryables}, NO_SUCH)
    query = _query(reader, given)
    since, until = reader.read("datetime", interval, ALWAYS)
    selection = Selection(
        bbox=_bbox(reader), since=since, until=until, condition=_condition(reader, queryables)
    )
    reader.finish()
    return query, selection


def release_query(given: Arguments) -> tuple[ItemsQuery, PublicSelection]:
    """Return a request for public rows; raises BadParameters for what could cut finer than they do."""
    reader = Reader(given)
    message = N_("Public numbers can be filtered only by area, sector and week.")
    reader.refuse_others({*ANYWHERE, "area", "sector", "week"}, message)
    query = _query(reader, given)
    selection = PublicSelection(
        areas=reader.read("area", codes, frozenset()),
        sectors=reader.read("sector", codes, frozenset()),
        weeks=reader.read("week", weeks, frozenset()),
    )
    reader.finish()
    return query, selection


def area_query(given: Arguments) -> tuple[ItemsQuery, AreaSelection]:
    """Return a request for areas; raises BadParameters. Areas have no time, so every datetime holds them."""
    reader = Reader(given)
    reader.refuse_others({*ANYWHERE, *CHOOSING, "code", "level"}, NO_SUCH)
    query = _query(reader, given)
    reader.read("datetime", interval, ALWAYS)
    selection = AreaSelection(
        _bbox(reader), reader.read("code", codes, frozenset()), reader.read("level", _whole, None)
    )
    reader.finish()
    return query, selection


def only_crs(given: Arguments) -> str:
    """Return the coordinate system that one item is asked for in; raises BadParameters."""
    reader = Reader(given)
    reader.refuse_others({"crs", "f", "lang"}, NO_SUCH)
    found = reader.read("crs", _system, CRS84)
    reader.finish()
    return found


NO_SUCH = N_("There is no such parameter.")


def _query(reader: Reader, given: Arguments) -> ItemsQuery:
    choosing = {name: list(values) for name, values in given.items() if name not in ANYWHERE}
    return ItemsQuery(
        limit=reader.read("limit", limit, USUAL_PAGE),
        after=reader.read("cursor", cursor, None),
        crs=reader.read("crs", _system, CRS84),
        key=repr(sorted(choosing.items())),
    )


def _system(given: Sequence[str]) -> str:
    text = one_value(given).strip("<>")
    if text not in SYSTEMS:
        raise BadParameter(N_("Coordinates come in %(names)s."), names=", ".join(SYSTEMS))
    return text


def _crs84(given: Sequence[str]) -> str:
    if one_value(given) != CRS84:
        raise BadParameter(N_("Coordinates come in %(names)s."), names=CRS84)
    return CRS84


def _bbox(reader: Reader) -> Box | None:
    system = reader.read("bbox-crs", _system, CRS84)
    return reader.read("bbox", _box_in_metres if system == MERCATOR else box, None)


def _box_in_metres(given: Sequence[str]) -> Box:
    try:
        numbers = [float(part) for part in one_value(given).split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:  # with heights
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        raise BadParameter(N_("Give four metres: west,south,east,north."))
    within = [max(-HALF_M, min(HALF_M, number)) for number in numbers]
    west, south = to_degrees(within[0], within[1])
    east, north = to_degrees(within[2], within[3])
    if south > north:
        raise BadParameter(N_("South is not above north."))
    return max(-180.0, west), south, min(180.0, east), north


Interval = tuple[datetime | None, datetime | None]
ALWAYS: Interval = (None, None)


def interval(given: Sequence[str]) -> Interval:
    """Read `datetime`: a moment, or two with a slash between; two dots or nothing leave an end open."""
    text = one_value(given)
    start, slash, end = text.partition("/")
    since = None if slash and start in ("", "..") else _moment(start, timedelta(0))
    until = None if slash and end in ("", "..") else _moment(end if slash else start, A_DAY)
    if (since is None and until is None) or (since and until and since > until):
        raise BadParameter(N_("Give a time, or two with a slash between, the earlier first."))
    return since, until


A_DAY = timedelta(days=1) - timedelta(microseconds=1)


def _moment(text: str, rest_of_day: timedelta) -> datetime:
    """Read a time; a date alone is its first moment, UTC, or, with the rest of the day, its last."""
    if len(text) == len("2026-03-01"):
        return moment([f"{text}T00:00:00Z"]) + rest_of_day
    return moment([text])


def _condition(reader: Reader, queryables: Mapping[str, Any]) -> Condition | None:
    language = reader.read("filter-lang", _language, "text")
    reader.read("filter-crs", _crs84, CRS84)

    def parse(values: Sequence[str]) -> Condition:
        try:
            return parse_condition(one_value(values), language=language)
        except ConditionError as error:
            raise BadParameter(N_("This filter cannot be used: %(why)s"), why=str(error)) from error

    filtered = reader.read("filter", parse, None)
    trees = [filtered.tree] if filtered else []
    for name, schema in queryables.items():
        tree = reader.read(name, _equal_to(name, schema), None)
        trees += [] if tree is None else [tree]
    if not trees:
        return None
    return Condition(trees[0] if len(trees) == 1 else {"op": "and", "args": trees})


def _language(given: Sequence[str]) -> str:
    text = one_value(given)
    if text not in LANGUAGES:
        raise BadParameter(N_("The language of a filter is one of %(names)s."), names=", ".join(LANGUAGES))
    return LANGUAGES[text]


def _equal_to(name: str, schema: Mapping[str, Any]) -> Callable[[Sequence[str]], dict[str, Any]]:
    """Return a reader of a property's own parameter: items that have this value, or one of several."""

    def parse(given: Sequence[str]) -> dict[str, Any]:
        text = one_value(given)
        if schema.get("format") == "date-time":
            return _operation("=", name, {"timestamp": moment([text]).isoformat()})
        if schema["type"] == "string":
            return _operation("in", name, sorted(codes(given)))
        return _operation("=", name, _typed(text, schema["type"]))

    return parse


def _operation(operator: str, name: str, value: Any) -> dict[str, Any]:
    return {"op": operator, "args": [{"property": name}, value]}


def _typed(text: str, kind: str) -> bool | int | float:
    if kind == "boolean":
        if text not in ("true", "false"):
            raise BadParameter(N_("Give true or false."))
        return text == "true"
    try:
        number = int(text) if kind == "integer" else float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) >= 2**63:
        raise BadParameter(N_("Give a number."))
    return number


def _whole(given: Sequence[str]) -> int:
    return int(_typed(one_value(given), "integer"))
