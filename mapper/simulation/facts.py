"""What a good verifier finds out: what is true of each report, by the id that the store gave it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mapper.intake.drafts import Outcome
from mapper.simulation.letters import Letters


@dataclass(frozen=True)
class Fact:
    """What is true of one report: its incident, and the damage class; None where nothing was damaged."""

    damage: int | None
    incident: int


Facts = Mapping[uuid.UUID, Fact]


def facts_of(letters: Letters, outcomes: Iterable[Outcome]) -> dict[uuid.UUID, Fact]:
    """Return the facts of reports that the door has taken, in the same order."""
    told = letters.told
    rows = zip(
        outcomes,
        told.incident.damage.tolist(),
        told.is_spam.tolist(),
        told.incident.number.tolist(),
        strict=True,
    )
    return {
        outcome.report_id: Fact(None if spam else damage, number) for outcome, damage, spam, number in rows
    }


def truth_of(facts: Facts, reports: Iterable[uuid.UUID]) -> Fact | None:
    """Return what is true of a group of reports: what most of them are about. None where nothing is known."""
    known = Counter(facts[report] for report in reports if report in facts)
    return known.most_common(1)[0][0] if known else None
