"""Numbers and coordinates as people write them: decimal commas, degrees and minutes, other digits."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from mapper.geography.positions import is_on_earth

LATITUDE, LONGITUDE = "latitude", "longitude"

# How a direction is written: axis and sign. "O" is Ouest or Oeste, never the German Ost.
NORTH = "n north nord norte kuzey пн півн північ сев север شمال شمالا ش"
SOUTH = "s south sud sur sul güney пд півд півден юг юж جنوب جنوبا ج"
EAST = "e east est este leste doğu сх схід східн вост восток شرق شرقا ق"
WEST = "w west o ouest oeste batı зх захід західн зап запад غرب غربا غ"
DIRECTIONS: dict[str, tuple[str, int]] = {
    word: (axis, sign)
    for words, axis, sign in (
        (NORTH, LATITUDE, 1),
        (SOUTH, LATITUDE, -1),
        (EAST, LONGITUDE, 1),
        (WEST, LONGITUDE, -1),
    )
    for word in words.split()
}
WORDS = "|".join(sorted(map(re.escape, DIRECTIONS), key=len, reverse=True))
UNSIGNED = r"\d+(?:[.,]\d+)?"
DEGREES = re.compile(
    rf"""(?:(?P<before>{WORDS})\.?)?\s*
    (?P<sign>[-+])?\s*(?P<degrees>{UNSIGNED})\s*(?:[°ºo˚d:*]|deg(?:rees)?)?\s*
    (?:(?P<minutes>{UNSIGNED})\s*(?:['′’`´:m]|min)?\s*)?
    (?:(?P<seconds>{UNSIGNED})\s*(?:["″”“]|''|′′|’’|sec|s(?=\W*$|\s*(?:{WORDS})\W*$))?\s*)?
    (?:(?P<after>{WORDS})[а-яіїє]*\b[^\d]*)?""",
    re.VERBOSE | re.IGNORECASE,
)
PLAIN = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
COUNT = re.compile(r"[~≈>]?\s*(\d{1,3}(?:[ ,.'’]\d{3})+|\d+)(?:[.,]0*)?\s*\+?(?:\s*[^\W\d]+\.?)?")
WKT_POINT = re.compile(r"(?:SRID=4326;)?\s*POINT\s*(?:Z|M|ZM)?\s*\(\s*(\S+)\s+([^\s)]+).*\)", re.IGNORECASE)
JSON_POINT = re.compile(r'\{.*"Point".*"coordinates"\s*:\s*\[\s*([^\s,]+)\s*,\s*([^\s,\]]+).*\}', re.DOTALL)
FOUR_PARTS = re.compile(r"([-+]?\d+),(\d+)\s*,\s*([-+]?\d+),(\d+)")  # two numbers with decimal commas
LABEL = re.compile(r"^\s*(?:lat|latitude|lon|lng|long|longitude)\b[\s.:=]*", re.IGNORECASE)
STRAY = " \t\r\n()[]{},;"  # what is left around a number when a cell was taken apart by hand
LONGEST = 120  # characters of a coordinate; WKT and JSON included
SIGNS = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u066b": ".", "\u060c": ",", "\u00a0": " ", "\u202f": " "}
)


@dataclass(frozen=True)
class Coordinate:
    """Degrees, and the axis where a letter such as N or W names it."""

    degrees: float
    axis: str | None = None


def plain_digits(text: str) -> str:
    """Return the text with digits of any script as 0 to 9, and minus and decimal signs as in ASCII."""
    if text.isascii():
        return text
    digits = (str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in text.translate(SIGNS))
    return "".join(digits)


def parse_number(text: str) -> float | None:
    """Return a finite number, written with point or comma; None where it is none."""
    plain = plain_digits(text).strip()
    if not PLAIN.fullmatch(plain):
        return None
    number = float(plain.replace(",", "."))
    return number if math.isfinite(number) else None


def parse_count(text: str) -> int | None:
    """Return a whole number of people or things: `1,250`, `1 250`, `~200`, `200+`, `40 families`.

    A mark before three digits separates thousands here. None where it is none.
    """
    found = COUNT.fullmatch(plain_digits(text).strip())
    return int(re.sub(r"\D", "", found[1])) if found else None


def parse_coordinate(text: str) -> Coordinate | None:
    """Return degrees from decimal degrees, or degrees, minutes and seconds with a direction.

    None where it is no coordinate, or where minutes or seconds exceed 60.
    """
    plain = LABEL.sub("", plain_digits(text)).strip(STRAY)
    if len(plain) > LONGEST:
        return None
    number = parse_number(plain)
    if number is not None:
        return Coordinate(number)
    found = DEGREES.fullmatch(plain)
    if found is None or (found["before"] and found["after"]):
        return None
    parts = [(found[part] or "0").replace(",", ".") for part in ("degrees", "minutes", "seconds")]
    if any("." in larger and smaller != "0" for larger, smaller in pairwise(parts)):
        return None  # only the smallest unit has a fraction: 33.8938.5018 is two numbers run together
    degrees, minutes, seconds = map(float, parts)
    if minutes > 60 or seconds > 60:  # programs that round write 60.00 seconds
        return None
    axis, sign = DIRECTIONS.get((found["before"] or found["after"] or "").casefold(), (None, 1))
    value = degrees + minutes / 60 + seconds / 3600
    return Coordinate(-value if sign < 0 or found["sign"] == "-" else value, axis)


def parse_degrees(text: str) -> float | None:
    """Return the degrees of a coordinate, whatever its axis; None where it is none."""
    found = parse_coordinate(text)
    return found.degrees if found else None


def parse_position(text: str) -> tuple[float, float] | None:
    """Return longitude, latitude from one cell that holds both; None where it does not.

    People, ODK and Kobo write the latitude first; WKT, GeoJSON and directions say themselves which is which.
    """
    plain = plain_digits(text).strip()
    if not plain or len(plain) > LONGEST:
        return None
    if found := WKT_POINT.fullmatch(plain) or JSON_POINT.fullmatch(plain):
        longitude, latitude = parse_number(found[1]), parse_number(found[2])
        return None if longitude is None or latitude is None else (longitude, latitude)
    pair = _pair(plain.removeprefix("geo:").strip("[](){} "))
    if pair is None:
        return None
    first, second = pair
    if first.axis is not None and first.axis == second.axis:
        return None
    if first.axis == LONGITUDE or second.axis == LATITUDE:
        return first.degrees, second.degrees
    return second.degrees, first.degrees


def accuracy_of(text: str) -> str:
    """Return the fourth number of a geopoint (latitude longitude altitude accuracy), metres; "" for none."""
    parts = text.split()
    return parts[3] if len(parts) == 4 and all(PLAIN.fullmatch(part) for part in parts) else ""


def is_position(text: str) -> bool:
    """Whether a cell holds two degrees of a place on Earth, in either order, and not one with a comma."""
    found = parse_position(text)
    return (
        found is not None
        and parse_coordinate(text) is None
        and (is_on_earth(*found) or is_on_earth(found[1], found[0]))
    )


def _pair(text: str) -> tuple[Coordinate, Coordinate] | None:
    for first, second in _halves(text):
        one, other = parse_coordinate(first), parse_coordinate(second)
        if one and other:
            return one, other
    return None


def _halves(text: str) -> list[tuple[str, str]]:
    """Return the ways to take a cell apart, the surest first."""
    ways: list[tuple[str, str]] = []
    for separator in (r"\s*[;|]\s*", r",\s+", r"\s*,\s*", r"\s+"):
        parts = re.split(separator, text)
        if len(parts) == 2:
            ways.append((parts[0], parts[1]))
        elif 3 <= len(parts) <= 4 and all(PLAIN.fullmatch(part) for part in parts):
            if found := FOUR_PARTS.fullmatch(text):
                ways.append((f"{found[1]},{found[2]}", f"{found[3]},{found[4]}"))
            else:
                ways.append((parts[0], parts[1]))  # a geopoint: altitude and accuracy follow
    if found := re.fullmatch(rf"(.*?(?:{WORDS}))[\s,;/]+(.+)", text, re.IGNORECASE):
        ways.append((found[1], found[2]))
    if found := re.fullmatch(rf"((?:{WORDS}).*?)[\s,;/]+((?:{WORDS}).+)", text, re.IGNORECASE):
        ways.append((found[1], found[2]))
    return ways
