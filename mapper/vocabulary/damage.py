"""Damage: an interval [low, high] on one scale of 0 to 5. Unknown is no interval, and never 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mapper.vocabulary.text import N_

LOWEST, HIGHEST = 0, 5

# The project's scale (field notes, section 3): the five grades of EMS-98, "none visible" before them.
CLASSES: dict[int, str] = {
    0: N_("No visible damage"),
    1: N_("Slight damage"),
    2: N_("Moderate damage"),
    3: N_("Heavy damage"),
    4: N_("Very heavy damage"),
    5: N_("Destroyed"),
}
UNKNOWN_LABEL = N_("Damage not known")


@dataclass(frozen=True, order=True)
class DamageInterval:
    """Both ends included, whole classes 0 to 5. Raises ValueError where they are not, or are reversed."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not LOWEST <= self.low <= self.high <= HIGHEST:
            raise ValueError(
                f"a damage interval lies within {LOWEST} to {HIGHEST}, low first: {self.low}, {self.high}"
            )

    def meets(self, other: DamageInterval) -> bool:
        """Whether they share a class."""
        return self.low <= other.high and other.low <= self.high


def intersection(intervals: Iterable[DamageInterval]) -> DamageInterval | None:
    """Return what all intervals share; None where they do not meet or there are none."""
    found = list(intervals)
    if not found:
        return None
    low, high = max(item.low for item in found), min(item.high for item in found)
    return DamageInterval(low, high) if low <= high else None


def hull(intervals: Iterable[DamageInterval]) -> DamageInterval | None:
    """Return the smallest interval that holds all of them; None where there are none."""
    found = list(intervals)
    if not found:
        return None
    return DamageInterval(min(item.low for item in found), max(item.high for item in found))
