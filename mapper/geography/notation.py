"""Positions as people write them: degrees in any notation, UTM, MGRS and full Plus Codes.

Two bare numbers are latitude then longitude, as maps and phones give them; hemisphere letters in English,
French, Spanish, Portuguese, German, Russian, Ukrainian and Arabic say otherwise where they stand.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from mapper.geography.positions import is_on_earth

HEMISPHERES = {  # word -> axis and sign; longer words are looked for first
    **dict.fromkeys(
        ("north", "nord", "norte", "north.", "сш", "пн", "с", "n", "ش", "شمال", "شمالا"), ("y", 1)
    ),
    **dict.fromkeys(
        ("south", "sud", "süd", "sur", "sul", "юш", "пд", "ю", "s", "ج", "جنوب", "جنوبا"), ("y", -1)
    ),
    **dict.fromkeys(
        ("east", "est", "este", "leste", "ost", "вд", "сх", "в", "e", "ق", "شرق", "شرقا"), ("x", 1)
    ),
    **dict.fromkeys(("west", "ouest", "oeste", "зд", "зх", "з", "w", "o", "غ", "غرب", "غربا"), ("x", -1)),
}
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
SEPARATORS = ",;/"
TOKEN = re.compile(r"[+-]?\d+(?:\.\d+)?|[^\W\d_]+|[°º˚'′’\"″”,;/]")
PLUS_DIGITS = "23456789CFGHJMPQRVWX"
PLUS_CODE = re.compile(rf"([{PLUS_DIGITS}]{{8}})\+([{PLUS_DIGITS}]{{2,7}})?", re.IGNORECASE)
UTM = re.compile(
    r"(\d{1,2})\s*([C-HJ-NP-X])\s+(\d{6}(?:\.\d+)?)\s*m?\s*e?\s+(\d{1,8}(?:\.\d+)?)\s*m?\s*n?", re.I
)
MGRS = re.compile(
    r"(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*((?:\d\s*){0,10})", re.IGNORECASE
)
TYPESET = {ord("−"): "-", ord("–"): "-", ord("٫"): ".", ord("،"): ",", ord("“"): '"', 0x200E: "", 0x200F: ""}
BANDS = "CDEFGHJKLMNPQRSTUVWX"


class Place(NamedTuple):
    """A position in degrees, WGS 84, and the notation it was written in."""

    longitude: float
    latitude: float
    notation: str


def read_position(text: str) -> Place | None:
    """Return the position that `text` writes; None where it writes none, or none on Earth."""
    text = _plain(text)[:80].strip()
    for read in (_plus_code, _utm, _mgrs, _degrees):
        found = read(text)
        if found and is_on_earth(found.longitude, found.latitude):
            return found
    return None


def _plain(text: str) -> str:
    """ASCII digits and signs for what other scripts and typographers use."""
    digits = "".join(
        str(unicodedata.digit(sign)) if unicodedata.category(sign) == "Nd" else sign for sign in text
    )
    return digits.translate(TYPESET)


def _plus_code(text: str) -> Place | None:
    match = PLUS_CODE.fullmatch(text)
    if not match:
        return None
    digits = [PLUS_DIGITS.index(sign) for sign in (match[1] + (match[2] or "")).upper()]
    latitude, longitude, step = -90.0, -180.0, 400.0
    for row, column in zip(digits[0:10:2], digits[1:10:2], strict=False):
        step /= 20
        latitude, longitude = latitude + row * step, longitude + column * step
    high, wide = step, step
    for digit in digits[10:]:  # below a pair, a grid of five rows of four
        high, wide = high / 5, wide / 4
        latitude, longitude = latitude + digit // 4 * high, longitude + digit % 4 * wide
    return Place(longitude + wide / 2, latitude + high / 2, "Plus Code")


def _utm(text: str) -> Place | None:
    match = UTM.fullmatch(text)
    if not match:
        return None
    return _from_utm(int(match[1]), match[2].upper(), float(match[3]), float(match[4]), "UTM")


def _mgrs(text: str) -> Place | None:
    """The middle of the square; rows repeat every 2,000 km, and the band says which is meant."""
    match = MGRS.fullmatch(text)
    digits = re.sub(r"\s", "", match[5]) if match else ""
    if not match or len(digits) % 2:
        return None
    zone, band, column, row = int(match[1]), *(match[n].upper() for n in (2, 3, 4))
    columns = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")[(zone - 1) % 3]
    rows = "ABCDEFGHJKLMNPQRSTUV" if zone % 2 else "FGHJKLMNPQRSTUVABCDE"
    if column not in columns:
        return None
    half, size = len(digits) // 2, 10 ** (5 - len(digits) // 2)
    east = (columns.index(column) + 1) * 100_000 + int(digits[:half] or 0) * size + size / 2
    within = rows.index(row) * 100_000 + int(digits[half:] or 0) * size + size / 2
    for turns in range(5):
        found = _from_utm(zone, band, east, within + turns * 2_000_000, "MGRS")
        if found and _band_holds(band, found.latitude):
            return found
    return None


def _band_holds(band: str, latitude: float) -> bool:
    south = -80 + 8 * BANDS.index(band)
    return south - 0.5 <= latitude <= (84 if band == "X" else south + 8) + 0.5


def _from_utm(zone: int, band: str, east: float, north: float, notation: str) -> Place | None:
    from pyproj import Transformer

    if not 1 <= zone <= 60:
        return None
    system = (32600 if band >= "N" else 32700) + zone
    longitude, latitude = Transformer.from_crs(system, 4326, always_xy=True).transform(east, north)
    return Place(longitude, latitude, notation)


def _degrees(text: str) -> Place | None:
    """Up to three numbers for each of two angles, apart from each other by a sign, letters or a space."""
    for candidate in _readings(text.lower()):
        found = _two_angles(candidate)
        if found:
            return found
    return None


def _readings(text: str) -> list[str]:
    """The text with its commas as decimal signs where they can only be those, and as it stands."""
    decimal = re.sub(r"(?<=\d),(?=\d)", ".", text)
    both = re.fullmatch(r"\s*([+-]?\d+),(\d+)\s*,\s*([+-]?\d+),(\d+)\s*", text)
    if both:
        return [f"{both[1]}.{both[2]} {both[3]}.{both[4]}"]
    has_point = re.search(r"\d\.\d", text)
    return [text] if has_point else [decimal, text]


def _two_angles(text: str) -> Place | None:
    if NUMBER.sub("", TOKEN.sub("", re.sub(r"(?<=[^\W\d_])\.", "", text))).strip(" .:") != "":
        return None
    angles: list[_Angle] = []
    pending: tuple[str, int] | None = None
    for token in TOKEN.findall(re.sub(r"(?<=[^\W\d_])\.", "", text)):
        if NUMBER.fullmatch(token):
            if not angles or pending or angles[-1].is_closed(token):
                angles.append(_Angle([], pending))
                pending = None
            angles[-1].parts.append(token)
        elif token in HEMISPHERES:
            if angles and angles[-1].axis is None:
                angles[-1].axis = HEMISPHERES[token]
                angles[-1].closed = True
            else:
                pending = HEMISPHERES[token]
        elif token in SEPARATORS:
            if angles:
                angles[-1].closed = True
        elif token.isalpha():
            return None
        elif angles:
            angles[-1].marked = True
    if len(angles) == 1 and len(angles[0].parts) in (2, 4, 6) and not angles[0].marked and not angles[0].axis:
        parts, half = angles[0].parts, len(angles[0].parts) // 2
        angles = [_Angle(parts[:half], None), _Angle(parts[half:], None)]
    return _placed(angles) if len(angles) == 2 else None


class _Angle:
    """Degrees, minutes and seconds as written, and the hemisphere beside them."""

    def __init__(self, parts: list[str], axis: tuple[str, int] | None) -> None:
        self.parts, self.axis = parts, axis
        self.closed = self.marked = False

    def is_closed(self, coming: str) -> bool:
        """Whether the number `coming` begins another angle."""
        return self.closed or coming[0] in "+-" or (self.marked and len(self.parts) == 3)

    @property
    def degrees(self) -> float | None:
        """The angle with its sign; None where it is no angle."""
        numbers = [float(part) for part in self.parts]
        if len(numbers) > 3 or any(part < 0 or part >= 60 for part in numbers[1:]):
            return None
        size: float = sum(abs(part) / 60.0**n for n, part in enumerate(numbers))
        sign = -1 if self.parts[0].startswith("-") else 1
        return sign * size * (self.axis[1] if self.axis else 1)


def _placed(angles: list[_Angle]) -> Place | None:
    first, second = angles
    if first.degrees is None or second.degrees is None or len(first.parts) != len(second.parts):
        return None
    axes = [angle.axis[0] if angle.axis else None for angle in angles]
    if axes[0] is not None and axes[0] == axes[1]:
        return None
    turned = axes[0] == "x" or axes[1] == "y"
    latitude, longitude = (second, first) if turned else (first, second)
    notation = "degrees" if len(first.parts) == 1 else "degrees, minutes, seconds"
    return Place(longitude.degrees or 0.0, latitude.degrees or 0.0, notation)
