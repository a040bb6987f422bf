"""CQL2 filters (OGC 21-065), as text or JSON, over the rows of a snapshot, evaluated by column.

The `cql2` library parses; this module gives each operator its meaning on Arrow columns. Null is
unknown: it matches neither a comparison nor its negation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from cql2 import Expr, ParseError, parse_json, parse_text
from shapely.geometry import shape

from mapper.publication.selection import Mask
from mapper.store.snapshot_format import INTERNAL, PUBLIC_ROWS, TIME

LONGEST = 2_000  # characters
DEEPEST = {"text": 30, "json": 90}  # brackets within brackets: the parsers recurse
GEOMETRY = "geometry"
PROPERTIES = frozenset(INTERNAL.names) - {"cell_key", "lon_e7", "lat_e7", "needs", "area_codes", "by_id"}
NO_ROWS = pa.Table.from_batches([], INTERNAL)  # `empty_table` would load pandas, which takes seconds

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": pc.equal,
    "<>": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
    "t_after": pc.greater,
    "t_before": pc.less,
    "t_equals": pc.equal,
}


class ConditionError(Exception):
    """A filter cannot be read or names something that is not there; the message says what."""


@dataclass(frozen=True)
class Filterable:
    """What a filter may name, and a table without rows to try it on."""

    names: frozenset[str]
    no_rows: pa.Table


INCIDENTS = Filterable(PROPERTIES | {GEOMETRY}, NO_ROWS)
# Public numbers are chosen among by what they are about, never by what they say (`contract.md`).
RELEASE = Filterable(frozenset({"area_code", "sector", "week"}), pa.Table.from_batches([], PUBLIC_ROWS))


@dataclass(frozen=True)
class Condition:
    """A parsed filter; calling it with a table gives each row's answer."""

    tree: Any

    def __call__(self, table: pa.Table) -> Mask:
        """Return for each row of a snapshot whether it matches."""
        found = _truth(self.tree, table)
        if isinstance(found, pa.Scalar):  # such as 1 = 1
            return np.full(table.num_rows, bool(found.as_py()))
        answer: Mask = found.fill_null(False).to_numpy(zero_copy_only=False)
        return answer


def parse_condition(text: str, of: Filterable = INCIDENTS, language: str = "text") -> Condition:
    """Return the condition of a CQL2 filter, `language` text or json; raises ConditionError.

    It is tried on no rows at all, so that a wrong name or type is found before any data is read.
    """
    if len(text) > LONGEST or _depth(text) > DEEPEST[language]:
        raise ConditionError("the filter is too long or too deeply nested")
    try:
        expression: Expr = parse_json(text) if language == "json" else parse_text(text)
    except (ParseError, ValueError) as error:
        raise ConditionError(f"the filter is not CQL2 {language}: {error}") from error
    condition = Condition(expression.to_json())
    _check_names(condition.tree, of.names)
    try:
        condition(of.no_rows)
    except (pa.ArrowException, shapely.errors.ShapelyError, ValueError, TypeError, LookupError) as error:
        raise ConditionError(f"the filter compares things that do not fit: {error}") from error
    return condition


def _depth(text: str) -> int:
    """Return how deeply brackets are nested, quoted text aside."""
    depth = deepest = 0
    for character in re.sub(r"'(?:[^'\\]|\\.)*'", "", text):
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _check_names(tree: Any, known: frozenset[str]) -> None:
    for name in _names(tree):
        if name not in known:
            raise ConditionError(
                f"there is no property {name} to filter by; there are {', '.join(sorted(known))}"
            )


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, dict) and "property" in node:
        yield str(node["property"])
    elif isinstance(node, dict | list):
        for item in node.values() if isinstance(node, dict) else node:
            yield from _names(item)


def _truth(node: Any, table: pa.Table) -> Any:
    """Return a column of true, false and null, or one such value."""
    if isinstance(node, bool):
        return pa.scalar(node)
    if isinstance(node, dict) and "property" in node:
        return pc.and_kleene(_column(node["property"], table), pa.scalar(True))
    operator, arguments = _operation(node)
    if operator not in OPERATORS:
        raise ConditionError(f"the filter uses {operator}, which is not supported")
    return OPERATORS[operator](arguments, table)


def _operation(node: Any) -> tuple[str, list[Any]]:
    if not isinstance(node, dict) or "op" not in node:
        raise ConditionError("the filter is not a condition that is true or false")
    return str(node["op"]).lower(), list(node["args"])


def _all(arguments: list[Any], table: pa.Table) -> Any:
    return reduce(pc.and_kleene, (_truth(item, table) for item in arguments))


def _any(arguments: list[Any], table: pa.Table) -> Any:
    return reduce(pc.or_kleene, (_truth(item, table) for item in arguments))


def _not(arguments: list[Any], table: pa.Table) -> Any:
    return pc.invert(_truth(arguments[0], table))


def _comparison(compare: Callable[[Any, Any], Any]) -> Operator:
    def evaluate(arguments: list[Any], table: pa.Table) -> Any:
        left, right = (_value(item, table) for item in arguments)
        return compare(left, right)

    return evaluate


def _between(arguments: list[Any], table: pa.Table) -> Any:
    value, low, high = (_value(item, table) for item in arguments)
    return pc.and_kleene(pc.greater_equal(value, low), pc.less_equal(value, high))


def _in(arguments: list[Any], table: pa.Table) -> Any:
    value = _value(arguments[0], table)
    return reduce(pc.or_kleene, (pc.equal(value, _value(item, table)) for item in arguments[1]))


def _like(arguments: list[Any], table: pa.Table) -> Any:
    value, pattern = (_value(item, table) for item in arguments)
    return pc.match_like(value, pattern.as_py())


def _is_null(arguments: list[Any], table: pa.Table) -> Any:
    return pc.is_null(_value(arguments[0], table))


def _during(arguments: list[Any], table: pa.Table) -> Any:
    value, (start, end) = _value(arguments[0], table), _interval(arguments[1])
    return pc.and_kleene(pc.greater(value, start), pc.less(value, end))


def _intersects_time(arguments: list[Any], table: pa.Table) -> Any:
    value, (start, end) = _value(arguments[0], table), _interval(arguments[1])
    return pc.and_kleene(pc.greater_equal(value, start), pc.less_equal(value, end))


def _intersects(arguments: list[Any], table: pa.Table) -> Any:
    others = [item for item in arguments if item != {"property": GEOMETRY}]
    if len(arguments) != 2 or len(others) != 1:
        raise ConditionError(f"S_INTERSECTS compares the property {GEOMETRY} with one geometry")
    area = shapely.make_valid(_geometry(others[0]))
    shapely.prepare(area)
    longitude, latitude = (_degrees(table[name]) for name in ("lon_e7", "lat_e7"))
    return pa.chunked_array([shapely.intersects_xy(area, longitude, latitude)], pa.bool_())


Operator = Callable[[list[Any], pa.Table], Any]
OPERATORS: Mapping[str, Operator] = {
    "and": _all,
    "or": _any,
    "not": _not,
    "between": _between,
    "in": _in,
    "like": _like,
    "isnull": _is_null,
    "s_intersects": _intersects,
    "t_during": _during,
    "t_intersects": _intersects_time,
    **{name: _comparison(compare) for name, compare in COMPARISONS.items()},
}


def _value(node: Any, table: pa.Table) -> Any:
    """Return a column, or one value."""
    if isinstance(node, bool | int | float | str):
        return pa.scalar(node)
    if isinstance(node, dict) and "property" in node:
        return _column(node["property"], table)
    if isinstance(node, dict) and node.keys() & {"timestamp", "date"}:
        return _instant(str(node.get("timestamp") or node.get("date")))
    if isinstance(node, dict) and str(node.get("op")).lower() == "casei":
        return pc.utf8_lower(_value(node["args"][0], table))
    raise ConditionError("the filter uses an expression that is not supported")


def _column(name: str, table: pa.Table) -> Any:
    if name == GEOMETRY:
        raise ConditionError(f"the property {GEOMETRY} can be compared with S_INTERSECTS only")
    column = table[name]
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _instant(text: str) -> pa.Scalar:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConditionError(f"{text} is no time") from error
    return pa.scalar(found if found.tzinfo else found.replace(tzinfo=UTC), TIME)  # a date is midnight, UTC


def _interval(node: Any) -> tuple[pa.Scalar, pa.Scalar]:
    """Return both ends; two dots leave one open."""
    if not isinstance(node, dict) or "interval" not in node:
        moment = _value(node, NO_ROWS)
        return moment, moment
    start, end = (str(item) for item in node["interval"])
    return (
        _instant("0001-01-01" if start == ".." else start),
        _instant("9999-12-31" if end == ".." else end),
    )


def _geometry(node: Any) -> Any:
    if isinstance(node, dict) and "bbox" in node:
        return shapely.box(*node["bbox"][:4])
    try:
        return shape(node)
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise ConditionError("S_INTERSECTS needs a geometry such as POLYGON((…))") from error


def _degrees(column: pa.ChunkedArray) -> Any:
    """Return degrees; not a number, which intersects nothing, for incidents without a position."""
    return column.cast(pa.float64()).fill_null(np.nan).to_numpy() / 1e7
