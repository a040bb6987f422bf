"""Who reports: how well each kind of source knows the place, how late it writes, and how often it errs.

Shares and errors are this project's own, bounded by what was measured elsewhere: places known only by a
town's middle are common in public reports (Haiti 2010: 1,059 of 3,593 on shared points), and posts follow
the event by half a day in the median and up to three days (the Ukraine benchmark).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A kind of source.

    `model` says how it gives the place: `measured` (an error of `error_m` metres, one standard deviation),
    `rounded` (coordinates cut to two decimals), `town` (the town's middle), or `named` (words only).
    `accuracy_m` is what is sent with the position, None for nothing. Delays are lognormal, in hours.
    """

    code: str
    share: float
    model: str
    error_m: float
    accuracy_m: float | None
    median_hours: float
    spread: float  # standard deviation of the delay's logarithm
    wrong_category: float
    wrong_damage: float  # share that is a class or more off
    photo: float
    contact: float


SOURCES = (
    Source("form", 0.29, "measured", 12.0, 25.0, 2.5, 1.0, 0.08, 0.35, 0.45, 0.6),
    Source("app", 0.22, "measured", 70.0, 150.0, 1.5, 1.0, 0.08, 0.35, 0.55, 0.5),
    Source("sms", 0.12, "town", 0.0, 2_500.0, 2.0, 1.2, 0.14, 0.45, 0.0, 0.9),
    Source("hotline", 0.06, "named", 0.0, None, 3.0, 0.9, 0.10, 0.40, 0.0, 0.9),
    Source("social", 0.18, "measured", 250.0, None, 4.0, 1.3, 0.14, 0.50, 0.60, 0.2),
    Source("news", 0.06, "rounded", 0.0, None, 10.0, 0.8, 0.10, 0.40, 0.30, 0.0),
    Source("field_team", 0.07, "measured", 5.0, 10.0, 40.0, 0.7, 0.02, 0.10, 0.80, 1.0),
)
LONGEST_DELAY_HOURS = 7 * 24
