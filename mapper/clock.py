"""The one clock: every room takes the time from a `Clock`, so that tests and simulations can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


class SteppedClock:
    """A clock that stands still until it is set; simulations and tests move it by hand."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def __call__(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        """Move to `at`, which must carry an offset."""
        if at.tzinfo is None:
            raise ValueError("a clock needs a time with an offset")
        self._at = at.astimezone(UTC)
