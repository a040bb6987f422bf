"""The policy of public releases: when an incident may be counted, how finely, and with how many others.

Source: field-notes.md section 1, "Product rules"; the figures are the project's own, within precedent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from mapper.store.tables import Crisis
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.text import N_

CONFLICT = "conflict"
AFTER_VERIFICATION = timedelta(hours=24)  # conflict mode
SENSITIVE_EMBARGO = timedelta(days=7)  # conflict mode
RELEASE_TIME = time(6, 0)  # UTC, conflict mode: one release a day
FINEST_LEVEL = 1  # while nothing says how many people live in an area
FEWEST_DISTINCT = 3  # places and sources behind one number, conflict mode
SENSITIVE_ASSETS = frozenset({"shelter", "bridge", "warehouse", "food_storage"})


@dataclass(frozen=True)
class Policy:
    """The rules in force for one crisis."""

    mode: str
    embargo: timedelta
    minimum_count: int
    level: int  # the finest administrative level that is shown

    @classmethod
    def of(cls, crisis: Crisis) -> Policy:
        """Return the policy that a crisis' options set."""
        return cls(
            mode=crisis.mode,
            embargo=timedelta(hours=crisis.embargo_hours),
            minimum_count=crisis.minimum_count,
            level=min(crisis.public_level, FINEST_LEVEL),
        )

    @property
    def is_conflict(self) -> bool:
        """Whether a map could help somebody aim."""
        return self.mode == CONFLICT

    @property
    def fewest_distinct(self) -> int:
        """How many different places, and sources, a number needs behind it."""
        return min(FEWEST_DISTINCT, self.minimum_count) if self.is_conflict else 0

    def visible_at(self, event: datetime, verified: datetime, sector: str, asset: str | None) -> datetime:
        """Return the moment from which an incident may be counted; `event` is receipt where unknown."""
        if not self.is_conflict:
            return max(event + self.embargo, verified)
        embargo = max(self.embargo, SENSITIVE_EMBARGO) if is_sensitive(sector, asset) else self.embargo
        return max(event + embargo, verified + AFTER_VERIFICATION)

    def is_due(self, previous: datetime | None, as_of: datetime) -> bool:
        """Whether a release may be made as of a moment, after the one as of `previous`."""
        if previous is None or not self.is_conflict:
            return True
        return previous < self.released_last(as_of)

    def released_last(self, as_of: datetime) -> datetime:
        """Return the newest of the daily moments of release that is not after `as_of` (UTC)."""
        moment = datetime.combine(as_of.astimezone(UTC).date(), RELEASE_TIME, UTC)
        return moment if moment <= as_of else moment - timedelta(days=1)


def is_sensitive(sector: str, asset: str | None) -> bool:
    """Whether knowing that this was hit helps to hit it again: hospitals, schools, power, bridges ..."""
    known = SECTORS.get(sector)
    return (known is not None and known.sensitive) or asset in SENSITIVE_ASSETS


@dataclass(frozen=True)
class Rule:
    """One rule in plain words: a message for gettext and the values for it."""

    message: str
    values: Mapping[str, Any]

    def __str__(self) -> str:
        return self.message % self.values


def rules(policy: Mapping[str, Any]) -> list[Rule]:
    """Return the rules of a release, from what its snapshot keeps (`as_json`), for people to read."""
    return [Rule(message, policy) for message in _messages(policy)]


def _messages(policy: Mapping[str, Any]) -> Iterable[str]:
    yield N_("Only damage that two people have verified apart is counted.")
    if policy["mode"] == CONFLICT:
        yield N_(
            "Nothing appears earlier than %(embargo_hours)s hours after it happened and "
            "%(verified_hours)s hours after it was verified; health, schools, power, water, communications, "
            "bridges, shelters and stores %(sensitive_days)s days after."
        )
        yield N_("Numbers change once a day, at %(release_time)s UTC.")
    elif policy["embargo_hours"]:
        yield N_("Nothing appears earlier than %(embargo_hours)s hours after it happened.")
    if policy["minimum_count"] > 1:
        yield N_(
            "Each number stands for at least %(minimum_count)s incidents of one area, sector and week "
            "(Monday to Sunday, UTC). Smaller ones are joined: sectors first, then areas; "
            "what is still too small waits."
        )
    yield N_("No exact place, no report and no person can be found in what is published.")


def as_json(policy: Policy, as_of: datetime) -> dict[str, Any]:
    """Return what a release's snapshot keeps of the rules it was made under."""
    kept: dict[str, Any] = {
        "as_of": as_of.isoformat(),
        "mode": policy.mode,
        "embargo_hours": _hours(policy.embargo),
        "minimum_count": policy.minimum_count,
        "level": policy.level,
    }
    if policy.is_conflict:
        kept |= {
            "verified_hours": _hours(AFTER_VERIFICATION),
            "sensitive_days": SENSITIVE_EMBARGO.days,
            "release_time": f"{RELEASE_TIME:%H:%M}",
            "fewest_distinct": policy.fewest_distinct,
        }
    return kept | {"rules": [str(rule) for rule in rules(kept)]}


def _hours(span: timedelta) -> int:
    return int(span / timedelta(hours=1))
