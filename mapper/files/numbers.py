"""Numbers and coordinates as people write them: decimal commas, degrees and minutes, other digits."""

from __future__ import annotations

import math
import re
import unicodedata

# O is Ouest or Oeste, never east; Ö and الغرب are not seen in files with Latin headings.
WEST, SOUTH = ("W", "O", "З", "غ"), ("S", "Ю", "П", "ج")
HEMISPHERES = "NSEWOСЮВЗПغشجق"
DEGREES = re.compile(
    rf"""^\s*(?P<before>[{HEMISPHERES}])?\s*
    (?P<sign>[-+\u2212])?\s*(?P<degrees>\d{{1,3}}(?:[.,]\d+)?)\s*(?:[°ºd:]|deg)?\s*
    (?:(?P<minutes>\d{{1,2}}(?:[.,]\d+)?)\s*(?:['\u2032\u2019:m]|min)?\s*)?
    (?:(?P<seconds>\d{{1,2}}(?:[.,]\d+)?)\s*(?:["\u2033\u201d]|''|s|sec)?\s*)?
    (?:(?P<after>[{HEMISPHERES}])[a-zа-яіїє]*)?\s*$""",
    re.VERBOSE | re.IGNORECASE,
)


def plain_digits(text: str) -> str:
    """Return the text with digits of any script as 0 to 9, and the Arabic decimal sign as a point."""
    if text.isascii():
        return text
    digits = (str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in text)
    return "".join(digits).replace("\u066b", ".").replace("\u060c", ",")


def parse_number(text: str) -> float | None:
    """Return a finite number, written with point or comma; None where it is none."""
    plain = plain_digits(text).strip().replace("\u00a0", "").replace("\u2212", "-").replace(" ", "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        number = float(plain)
    except ValueError:
        return None
    return number if math.isfinite(number) and re.fullmatch(r"[-+0-9.eE]+", plain) else None


def parse_degrees(text: str) -> float | None:
    """Return degrees from decimal degrees or degrees, minutes and seconds with a hemisphere letter.

    "O" is west. None where it is no coordinate, or where minutes or seconds exceed 60.
    """
    number = parse_number(text)
    if number is not None:
        return number
    found = DEGREES.match(plain_digits(text))
    if found is None:
        return None
    degrees, minutes, seconds = (
        float((found[part] or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds")
    )
    if minutes > 60 or seconds > 60:  # programs that round write 60.00 seconds
        return None
    value = degrees + minutes / 60 + seconds / 3600
    letter = (found["before"] or found["after"] or "").upper()
    negative = found["sign"] in ("-", "\u2212") or letter in WEST or letter in SOUTH
    return -value if negative else value
