"""The gate: what should hold before an incident counts as verified, each condition checked and explained.

Two people who agree verify an incident (contract.md); the gate says how well that stands. What it lacks is
written into the decision and shown with it, so that nobody takes one anonymous photo for two witnesses.
Source: field-notes.md, section 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mapper.store.tables import Incident
from mapper.vocabulary.text import N_

LEAST_ORIGINS = 2
MOST_ACCURACY_M = 100.0
MOST_SPAN = timedelta(hours=24)
GOOD_INFORMATION = frozenset({"1", "2"})


@dataclass(frozen=True)
class Facts:
    """What is known of an incident, and of who judges it."""

    origins: int
    happened_from: datetime | None
    happened_to: datetime | None
    is_sole_organisation: bool = False  # every signed-in sender is of an assessor's own organisation


@dataclass(frozen=True)
class Condition:
    """One condition: its code, its words, and whether it is met. Words are gettext ids."""

    code: str
    label: str
    why: str
    is_met: bool


def facts_of(incident: Incident, assessment: Mapping[str, Any]) -> Facts:
    """Return an incident's facts for the gate."""
    return Facts(
        incident.origins,
        incident.happened_from,
        incident.happened_to,
        is_sole_organisation=incident.origins <= 1 and bool(assessment.get("own_organisation")),
    )


def conditions(facts: Facts, assessment: Mapping[str, Any]) -> list[Condition]:
    """Return every condition for an assessment's content; an empty one counts as nothing said."""
    return [
        Condition(
            "information",
            N_("The information is confirmed or probably true (1 or 2)"),
            N_("What may be false must not be counted as damage."),
            assessment.get("information_grade") in GOOD_INFORMATION,
        ),
        Condition(
            "origins",
            N_("Two independent origins, or one and imagery"),
            N_("Copies of one story are one witness."),
            facts.origins >= LEAST_ORIGINS or (facts.origins == 1 and bool(assessment.get("imagery"))),
        ),
        Condition(
            "place",
            N_("The place is known to 100 m, or its precision is stated"),
            N_("The middle of a town is not a place where a building fell."),
            assessment.get("position_accuracy_m", MOST_ACCURACY_M + 1) <= MOST_ACCURACY_M
            or "place_precision" in assessment,
        ),
        Condition(
            "time",
            N_("The time is known to a day, or its precision is stated"),
            N_("Old damage must not be taken for new."),
            _is_within_a_day(facts) or "time_precision" in assessment,
        ),
        Condition(
            "organisation",
            N_("The judges are not of the only source's organisation"),
            N_("Nobody confirms what only their own people reported."),
            not facts.is_sole_organisation,
        ),
    ]


def unmet(found: Sequence[Condition]) -> list[str]:
    """Return the codes of what is not met."""
    return [condition.code for condition in found if not condition.is_met]


def _is_within_a_day(facts: Facts) -> bool:
    start, end = facts.happened_from, facts.happened_to or facts.happened_from
    return start is not None and end is not None and end - start <= MOST_SPAN
