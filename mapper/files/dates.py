"""Dates as people write them. Whether the day or the month stands first is decided for a whole column."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from dateutil import parser

from mapper.files.numbers import plain_digits

ISO = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d{6}(?!\d)")  # the year first, then the month
NUMERIC = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})"
    r"(?:[ T,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?:\s*([ap])\.?m\.?)?)?",
    re.IGNORECASE,
)
SHORT_NUMERIC = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}")
EPOCH = re.compile(r"(\d{10})(?:\d{3}|\.\d+)?")  # seconds or milliseconds since 1970, from 2001 on
BARE = re.compile(r"\d{1,7}|\d{9,}")  # a number, not a date; eight digits are 20220304
OTHER_WORDS = re.compile(r"(?!(?:am|pm|utc|gmt|z)\b)[^\W\d_]+\.?")  # "de" of 5 de julio de 2010
LONGEST = 80
EARLIEST_YEAR = 1900
LOCALES = ("fr", "es", "pt", "uk", "ru", "ar", "ar_SY", "tr", "de", "it")
# What the parser leaves out it takes from here: two answers that differ name no full date.
DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))


class ColumnOrder:
    """Counts what a column of dates says about its order of day and month."""

    def __init__(self) -> None:
        self.day_first = 0
        self.month_first = 0

    def see(self, text: str) -> None:
        """Take one value into account: a number above 12 can only be a day."""
        found = SHORT_NUMERIC.match(plain_digits(text).strip())
        if found:
            self.day_first += int(found[1]) > 12
            self.month_first += int(found[2]) > 12

    @property
    def is_day_first(self) -> bool:
        """Whether the day stands first; where nothing tells, it does: most of the world writes it so."""
        return self.day_first >= self.month_first


def day_stands_first(values: Iterable[str]) -> bool:
    """Whether a column writes 24/02/2022 rather than 02/24/2022."""
    order = ColumnOrder()
    for value in values:
        order.see(value)
    return order.is_day_first


def parse_moment(text: str, zone: tzinfo, day_first: bool) -> datetime | None:
    """Return the moment in UTC; a time without an offset is read in `zone`. None where it is no full date."""
    plain = plain_digits(text).strip()
    if not any(sign.isdigit() for sign in plain) or len(plain) > LONGEST:
        return None
    try:
        if found := EPOCH.fullmatch(plain):
            return datetime.fromtimestamp(int(found[1]), UTC)
        if BARE.fullmatch(plain):
            return None
        moment = (
            _numeric(plain, day_first) or _written(plain, day_first) or _written(_english(plain), day_first)
        )
        if moment is None or moment.year < EARLIEST_YEAR:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _numeric(text: str, day_first: bool) -> datetime | None:
    """Read 05/07/2010 17:26 in the column's order, or in the other where only that one fits."""
    found = NUMERIC.fullmatch(text)
    if found is None:
        return None
    first, second, year, hour, minute, seconds = (int(part or 0) for part in found.groups()[:6])
    day, month = (first, second) if day_first else (second, first)
    if month > 12:
        day, month = month, day
    if found[7]:
        hour = hour % 12 + (12 if found[7] in "pP" else 0)
    return datetime(year, month, day, hour, minute, seconds)


def _written(text: str, day_first: bool) -> datetime | None:
    if ISO.match(text):
        day_first = False
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", parser.UnknownTimezoneWarning)  # then the crisis' zone holds
            one, other = (parser.parse(text, dayfirst=day_first, default=default) for default in DEFAULTS)
    except (ValueError, OverflowError, TypeError):
        return None
    return one if one == other else None


def _english(text: str) -> str:
    """Return the text with the month's name, if it is one of another language, in English."""
    folded = " ".join(text.casefold().split())
    for name, month in _month_names():
        if found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded):
            around = (folded[: found.start()], folded[found.end() :])
            return f" {month} ".join(OTHER_WORDS.sub(" ", part) for part in around)
    return ""


@lru_cache(maxsize=1)
def _month_names() -> list[tuple[str, str]]:
    """Return (name, English name), the longest first, so that no name is found inside another."""
    from babel.dates import get_month_names

    english = get_month_names("abbreviated", locale="en")
    names = {
        name.casefold().rstrip("."): english[month]
        for locale in LOCALES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for month, name in get_month_names(width, context, locale=locale).items()
    }
    return sorted(names.items(), key=lambda item: len(item[0]), reverse=True)
