"""Traits: what fusion knows of one report, and a table of many as arrays.

Positions are degrees, longitude and latitude (WGS 84), NaN where a report has none; accuracies are
metres (one standard deviation); times are hours since 1970-01-01 UTC. Codes are 63-bit hashes in which
equal things are equal and 0 means unknown.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from mapper.fusion.words import NAMES, NO_WORDS, WORDS, Floats, Signatures, Words, code_of, normalised

Indices = NDArray[np.intp]
Codes = NDArray[np.int64]

METRES_A_DEGREE = 111_195.0
ROUND_WITHIN = 1e-7  # degrees: what storing whole 1e-7 degrees may add
SAYS_NOTHING = frozenset({"", "undefined", "unknown", "other", "none", "n a", "null", "unspecified"})


@dataclass(frozen=True)
class Traits:
    """One report as the linker sees it."""

    report: Hashable
    at: float  # when it was observed, else received
    until: float  # the end of what was observed; `at` where only one time is known
    is_observed: bool = False  # `at` is when it was observed, as the sender states; else it is receipt
    lon: float = nan
    lat: float = nan
    accuracy_m: float = nan  # NaN when the sender stated none
    kind: int = 0  # code of the asset type, or of the sender's own word for it
    sector: int = 0
    words: Words = NO_WORDS
    place: Words = NO_WORDS  # the place as the sender wrote it
    names: tuple[int, ...] = ()  # the words of `place` by which it is found
    address: int = 0  # code of the numbers in `place`
    link: int = 0  # code of the address it came from
    restores: bool = False  # says that a service works again, and of no damage
    photos: tuple[int, ...] = field(default=())  # 64-bit perceptual or exact hashes

    @property
    def is_located(self) -> bool:
        """Whether the report has a position."""
        return not isnan(self.lon)

    @cached_property
    def rounding_m(self) -> float:
        """Half a unit of the last decimal that either coordinate uses, in metres; 0 beyond two decimals."""
        return rounding_m(self.lon, self.lat) if self.is_located else 0.0


@dataclass(frozen=True)
class TraitTable:
    """Traits of many reports as columns; rows stand in the order they were given."""

    number: Indices  # each row's place in the list it came from; `take` keeps it
    lon: Floats
    lat: Floats
    accuracy_m: Floats
    crowd: Floats
    at: Floats
    until: Floats
    is_observed: NDArray[np.bool_]
    restores: NDArray[np.bool_]
    kind: Codes
    sector: Codes
    words: Signatures
    word_counts: Floats
    text: Codes
    place: Signatures
    place_counts: Floats
    place_text: Codes
    names: Codes  # one row of NAMES codes a report
    address: Codes
    link: Codes
    photos: tuple[tuple[int, ...], ...]
    has_photos: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.lon)

    def take(self, rows: Indices) -> TraitTable:
        """Return the table of some rows, in the order given."""
        columns = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "photos"}
        taken = {name: column[rows] for name, column in columns.items()}
        return TraitTable(photos=tuple(self.photos[row] for row in rows), **taken)


def rounding_m(lon: float, lat: float) -> float:
    """Return half a unit of the last decimal that either coordinate uses, in metres; 0 beyond two."""
    for decimals in range(3):
        if abs(round(lon, decimals) - lon) < ROUND_WITHIN and abs(round(lat, decimals) - lat) < ROUND_WITHIN:
            return 0.5 * float(0.1**decimals) * METRES_A_DEGREE
    return 0.0


def category_codes(asset: str | None, sector: str, category: str | None) -> tuple[int, int]:
    """Return the codes of kind and sector; the sender's own word counts where the vocabulary has none."""
    if sector != "unknown":
        return code_of(asset or ""), code_of(sector)
    word = normalised(category or "")
    return (0 if word in SAYS_NOTHING else code_of(word)), 0


def tabulate(traits: Sequence[Traits], accuracy_m: Floats, crowd: Floats) -> TraitTable:
    """Return the reports as a table; accuracies and crowds come from `centroids.surroundings`."""
    return TraitTable(
        number=np.arange(len(traits)),
        lon=_floats([t.lon for t in traits]),
        lat=_floats([t.lat for t in traits]),
        accuracy_m=accuracy_m,
        crowd=crowd,
        at=_floats([t.at for t in traits]),
        until=_floats([t.until for t in traits]),
        is_observed=np.array([t.is_observed for t in traits], dtype=bool),
        restores=np.array([t.restores for t in traits], dtype=bool),
        kind=_codes([t.kind for t in traits]),
        sector=_codes([t.sector for t in traits]),
        words=_signatures([t.words for t in traits]),
        word_counts=_floats([t.words.count for t in traits]),
        text=_codes([t.words.code for t in traits]),
        place=_signatures([t.place for t in traits]),
        place_counts=_floats([t.place.count for t in traits]),
        place_text=_codes([t.place.code for t in traits]),
        names=_codes([(*t.names, *[0] * NAMES)[:NAMES] for t in traits]).reshape(len(traits), NAMES),
        address=_codes([t.address for t in traits]),
        link=_codes([t.link for t in traits]),
        photos=tuple(t.photos for t in traits),
        has_photos=np.array([bool(t.photos) for t in traits], dtype=bool),
    )


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def _codes(values: Sequence[int] | Sequence[tuple[int, ...]]) -> Codes:
    return np.array(values, dtype=np.int64)


def _signatures(words: Sequence[Words]) -> Signatures:
    joined = b"".join(w.bits for w in words)
    return np.frombuffer(joined, dtype=np.uint64).reshape(len(words), WORDS)
