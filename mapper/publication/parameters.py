"""Query parameters: one function for each, shared by every address that filters incidents.

A parameter that is unknown, or not among those an audience may use, is an error: a filter that is
silently dropped would show more than was asked for, or, worse, seem to show all there is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from mapper.publication.selection import CLOCK_COLUMNS, Box, Clock, PublicSelection, Selection
from mapper.vocabulary.text import N_

Arguments = Mapping[str, Sequence[str]]  # of each parameter, every value that was given
Value = TypeVar("Value")

LARGEST_PAGE = 1_000
USUAL_PAGE = 100
CODE = re.compile(r"[\w.:-]{1,64}")
WEEK = re.compile(r"\d{4}-W(0[1-9]|[1-4]\d|5[0-3])")


class BadParameter(Exception):
    """One parameter that cannot be used; `message` is a text for gettext with `values` for it."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values)
        self.message = message
        self.values = values


class BadParameters(Exception):
    """What is wrong with a request's parameters, by name."""

    def __init__(self, errors: Mapping[str, BadParameter]) -> None:
        super().__init__("; ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


def parse_selection(arguments: Arguments, also: Collection[str] = ()) -> Selection:
    """Return the filters of an internal list or tile; `also` names parameters read elsewhere.

    Raises BadParameters with every parameter that is wrong.
    """
    reader = Reader(arguments)
    reader.refuse_others({*SELECTING, *also}, N_("There is no such parameter."))
    found = Selection(
        bbox=reader.read("bbox", box, None),
        sectors=reader.read("sector", codes, frozenset()),
        statuses=reader.read("status", codes, frozenset()),
        areas=reader.read("area", codes, frozenset()),
        min_grade=reader.read("min_grade", grade, None),
        since=reader.read("from", moment, None),
        until=reader.read("to", moment, None),
        clock=reader.read("clock", clock, "happened"),
        condition=reader.read("filter", condition, None),
    )
    if found.since and found.until and found.since > found.until:
        reader.errors["to"] = BadParameter(N_("This is earlier than “from”."))
    reader.finish()
    return found


def parse_public_selection(arguments: Arguments, also: Collection[str] = ()) -> PublicSelection:
    """Return the filters of public rows; raises BadParameters for any that could cut finer than they do."""
    reader = Reader(arguments)
    message = N_("Public numbers can be filtered only by area, sector and week.")
    reader.refuse_others({*PUBLIC_SELECTING, *also}, message)
    found = PublicSelection(
        areas=reader.read("area", codes, frozenset()),
        sectors=reader.read("sector", codes, frozenset()),
        weeks=reader.read("week", weeks, frozenset()),
    )
    reader.finish()
    return found


def parse_page(arguments: Arguments) -> tuple[int, str | None]:
    """Return how many items are wanted at most, and after which key; raises BadParameters."""
    reader = Reader(arguments)
    found = reader.read("limit", limit, USUAL_PAGE), reader.read("cursor", cursor, None)
    reader.finish()
    return found


def parse_nothing_but(arguments: Arguments, known: Collection[str]) -> None:
    """Raise BadParameters for every parameter that is not among the known ones."""
    reader = Reader(arguments)
    reader.refuse_others(known, N_("There is no such parameter."))
    reader.finish()


def parse_one(arguments: Arguments, name: str, parse: Callable[[Sequence[str]], Value]) -> Value | None:
    """Return one parameter, or None where it was not given; raises BadParameters."""
    reader = Reader(arguments)
    found: Value | None = reader.read(name, parse, None)
    reader.finish()
    return found


SELECTING = ("bbox", "sector", "status", "area", "min_grade", "from", "to", "clock", "filter")
PUBLIC_SELECTING = ("area", "sector", "week")


class Reader:
    """Reads parameters one by one and collects what is wrong, so that all is said at once."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments
        self.errors: dict[str, BadParameter] = {}

    def read(self, name: str, parse: Callable[[Sequence[str]], Value], missing: Value) -> Value:
        """Return a parameter's value, or `missing` where it was not given."""
        given = self._arguments.get(name)
        if not given or name in self.errors:
            return missing
        try:
            return parse(given)
        except BadParameter as error:
            self.errors[name] = error
            return missing

    def refuse_others(self, known: Collection[str], message: str) -> None:
        """Note every parameter that is not among the known ones."""
        self.errors |= {name: BadParameter(message) for name in self._arguments if name not in known}

    def finish(self) -> None:
        """Raise BadParameters if anything was wrong."""
        if self.errors:
            raise BadParameters(self.errors)


def box(given: Sequence[str]) -> Box:
    """Read `bbox`: west, south, east, north in degrees; west above east crosses the 180th meridian."""
    message = N_("Give four degrees: west,south,east,north.")
    try:
        numbers = tuple(float(part) for part in one_value(given).split(","))
    except ValueError:
        raise BadParameter(message) from None
    if len(numbers) == 6:  # with heights, as OGC API allows
        numbers = (numbers[0], numbers[1], numbers[3], numbers[4])
    if len(numbers) != 4:
        raise BadParameter(message)
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise BadParameter(
            N_("Longitudes are within ±180, latitudes within ±90, and south is not above north.")
        )
    return west, south, east, north


def codes(given: Sequence[str]) -> frozenset[str]:
    """Read codes with commas between, or given several times."""
    found = frozenset(code.strip() for text in given for code in text.split(","))
    for code in found:
        if not CODE.fullmatch(code):
            raise BadParameter(N_("“%(code)s” is no code."), code=code[:80])
    return found


def weeks(given: Sequence[str]) -> frozenset[str]:
    """Read ISO weeks such as 2026-W07."""
    found = codes(given)
    for week in found:
        if not WEEK.fullmatch(week):
            raise BadParameter(N_("“%(week)s” is no ISO week such as 2026-W07."), week=week)
    return found


def grade(given: Sequence[str]) -> int:
    """Read a damage grade, 0 to 5."""
    text = one_value(given)
    if not re.fullmatch(r"[0-5]", text):
        raise BadParameter(N_("A damage grade is a whole number from 0 to 5."))
    return int(text)


def moment(given: Sequence[str]) -> datetime:
    """Read a time of RFC 3339 with its offset."""
    text = (
        one_value(given).replace(" ", "+") if "T" in one_value(given) else one_value(given)
    )  # a "+" that was not escaped
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or "T" not in text.upper():
        raise BadParameter(N_("Give a time with its offset, such as 2026-03-01T12:00:00+02:00."))
    return found


def clock(given: Sequence[str]) -> Clock:
    """Read which of an incident's times is meant."""
    text = one_value(given)
    if text not in CLOCK_COLUMNS:
        raise BadParameter(N_("The clock is one of %(names)s."), names=", ".join(CLOCK_COLUMNS))
    return cast(Clock, text)


def condition(given: Sequence[str]) -> Any:
    """Read a CQL2 text expression."""
    from mapper.publication.conditions import ConditionError, parse_condition  # loads shapely

    try:
        return parse_condition(one_value(given))
    except ConditionError as error:
        raise BadParameter(N_("This filter cannot be used: %(why)s"), why=str(error)) from error


def limit(given: Sequence[str]) -> int:
    """Read how many items a page holds at most; more than the largest page is the largest page."""
    text = one_value(given)
    if not re.fullmatch(r"\d{1,18}", text) or int(text) < 1:
        raise BadParameter(N_("The limit is a whole number from 1."))
    return min(int(text), LARGEST_PAGE)


def cursor(given: Sequence[str]) -> str:
    """Read a cursor that `cursor_after` made."""
    text = one_value(given)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("utf-8")
    except ValueError:
        raise BadParameter(N_("Use the cursor of a page's “next” link.")) from None


def cursor_after(key: str) -> str:
    """Return the cursor of the page that starts after a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def one_value(given: Sequence[str]) -> str:
    """Return the one value of a parameter, which may not be given twice."""
    if len(given) > 1:
        raise BadParameter(N_("Give this only once."))
    return given[0].strip()
