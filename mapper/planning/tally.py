"""What the internal snapshot says of each area: verified damage, what still waits, and how old it is.

Everything is counted by column, so that a crisis of a million incidents takes a moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mapper.vocabulary.states import State

LEVELS = (1, 2, 3)  # of areas that a snapshot has a column of
VERIFIED = frozenset({State.VERIFIED.value})
OVERRIDDEN = frozenset({State.OVERRIDE.value})
WAITING = frozenset({State.NEW.value, State.TRIAGED.value, State.IN_REVIEW.value, State.DISPUTED.value})
TRANSPORT, OUT = "transport", "out"
IMPASSABLE = 4  # very heavy damage: no road or bridge carries a lorry
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN = -1

Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class AreaTally:
    """The figures of one area. Sums of people and grades leave out the incidents that do not say."""

    verified: int = 0
    grades: tuple[int, ...] = (0,) * 6  # verified incidents by middle grade, rounded up
    grades_low: int = 0
    grades_high: int = 0
    unknown: int = 0  # verified incidents whose damage is not known
    people_low: int = 0
    people_high: int = 0
    people_unknown: int = 0  # verified incidents that do not say how many people
    reports: int = 0  # behind the verified incidents
    overridden: int = 0
    waiting: int = 0
    newest: datetime | None = None  # verification

    @property
    def is_silent(self) -> bool:
        """Whether nothing that may be true has been reported."""
        return not (self.verified or self.overridden or self.waiting)


NOTHING = AreaTally()


def tally(rows: pa.Table, level: int, sector: str | None) -> Mapping[str | None, AreaTally]:
    """Return the figures by code of the areas of a level; None holds what lies in no area.

    `rows` has the columns of `snapshot_format.INTERNAL`. Without a sector all are counted.
    """
    area, codes = encoded(rows[f"area_{level}"])
    if sector is not None:
        mask = is_one_of(rows["sector"], {sector})
        rows, area = rows.filter(pa.array(mask)), area[mask]
    names: list[str | None] = [*codes, None]
    sums = _sums(rows, np.where(area < 0, len(codes), area), len(names))
    grades = np.stack([sums.pop(f"grade_{grade}") for grade in range(6)], axis=1)
    newest = sums.pop("newest")
    return {
        name: AreaTally(
            grades=tuple(grades[place].tolist()),
            newest=_moment(int(newest[place])),
            **{field: int(values[place]) for field, values in sums.items()},
        )
        for place, name in enumerate(names)
    }


def blocked_ways(rows: pa.Table, level: int) -> Mapping[str | None, int]:
    """Return by area how many verified roads, bridges, rails and ports cannot be used."""
    area, codes = encoded(rows[f"area_{level}"])
    counts = np.bincount(area[is_blocked(rows)] + 1, minlength=len(codes) + 1).tolist()
    return dict(zip([None, *codes], counts, strict=True))


def is_blocked(rows: pa.Table) -> Mask:
    """Whether each incident is a verified way that is out of service or too damaged to use."""
    unusable = is_one_of(rows["service_state"], {OUT}) | (numbers(rows["damage_low"]) >= IMPASSABLE)
    found: Mask = unusable & is_one_of(rows["status"], VERIFIED) & is_one_of(rows["sector"], {TRANSPORT})
    return found


def is_one_of(column: pa.ChunkedArray, wanted: Collection[str]) -> Mask:
    """Whether each value of a dictionary-encoded column is wanted; null is never."""
    places, codes = encoded(column)
    is_wanted = np.array([code in wanted for code in codes] + [False])
    found: Mask = is_wanted[places]  # null is -1: the last
    return found


def encoded(column: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    """Return a dictionary-encoded column as numbers into its codes; -1 where there is none."""
    whole = column.combine_chunks() if column.num_chunks else pa.array([], column.type)
    return (
        whole.indices.fill_null(UNKNOWN).to_numpy(zero_copy_only=False).astype(np.int64),
        whole.dictionary.to_pylist(),
    )


def numbers(column: pa.ChunkedArray) -> Integers:
    """Return a column of whole numbers from 0, or times as microseconds; -1 where there is none."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    found: Integers = pc.fill_null(column, UNKNOWN).to_numpy().astype(np.int64)
    return found


def _sums(rows: pa.Table, area: Integers, areas: int) -> dict[str, Integers]:
    verified = is_one_of(rows["status"], VERIFIED)
    low, high = numbers(rows["damage_low"]), numbers(rows["damage_high"])
    graded = verified & (low >= 0) & (high >= 0)
    fewest, most = numbers(rows["people_affected_low"]), numbers(rows["people_affected_high"])
    counted = verified & (fewest >= 0) & (most >= 0)

    def count(mask: Mask, values: Any = None) -> Integers:
        weights = None if values is None else values[mask]
        return np.bincount(area[mask], weights, minlength=areas).astype(np.int64)

    middle = (low + high + 1) // 2
    newest = np.full(areas, UNKNOWN, np.int64)
    np.maximum.at(newest, area[verified], numbers(rows["verified_at"])[verified])
    return {
        "verified": count(verified),
        "grades_low": count(graded, low),
        "grades_high": count(graded, high),
        "unknown": count(verified & ~graded),
        "people_low": count(counted, fewest),
        "people_high": count(counted, most),
        "people_unknown": count(verified & ~counted),
        "reports": count(verified, numbers(rows["reports"])),
        "overridden": count(is_one_of(rows["status"], OVERRIDDEN)),
        "waiting": count(is_one_of(rows["status"], WAITING)),
        "newest": newest,
    } | {f"grade_{grade}": count(graded & (middle == grade)) for grade in range(6)}


def _moment(microseconds: int) -> datetime | None:
    return None if microseconds < 0 else EPOCH + timedelta(microseconds=microseconds)
