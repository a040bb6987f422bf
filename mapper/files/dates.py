"""Dates as people write them. Whether the day or the month stands first is decided for a whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from dateutil import parser

from mapper.files.numbers import plain_digits

ISO = re.compile(r"^\s*\d{4}-\d{1,2}-\d{1,2}")
NUMERIC = re.compile(r"^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{2,4})")
EPOCH = re.compile(r"^\s*(\d{10})(\d{3})?\s*$")  # seconds or milliseconds since 1970, from 2001 on
EARLIEST_YEAR = 1900


def day_stands_first(values: Iterable[str]) -> bool:
    """Whether a column writes 24/02/2022 rather than 02/24/2022; where nothing tells, the day does.

    Most of the world writes the day first; a column that only fits the other order shows it by a
    second number above 12.
    """
    for value in values:
        found = NUMERIC.match(plain_digits(value))
        if found and int(found[1]) > 12:
            return True
        if found and int(found[2]) > 12:
            return False
    return True


def parse_moment(text: str, zone: tzinfo, day_first: bool) -> datetime | None:
    """Return the moment in UTC; a time without an offset is read in `zone`. None where it is no date."""
    plain = plain_digits(text).strip()
    if not any(sign.isdigit() for sign in plain):
        return None
    if found := EPOCH.match(plain):
        return datetime.fromtimestamp(int(found[1]), UTC)
    try:
        moment = parser.parse(plain, dayfirst=day_first and not ISO.match(plain))
    except (ValueError, OverflowError, parser.UnknownTimezoneWarning):
        return None
    if moment.year < EARLIEST_YEAR or re.fullmatch(r"\d{1,6}", plain):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
