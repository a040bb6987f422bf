"""Urgency: in which order incidents wait for a verifier, in points that a person can add up.

A decision changes most where the damage is heavy, many people are affected, independent origins already
agree that something is there, a service is out, or somebody else's work waits for it. The points are whole
numbers of one incident's own columns, so the database keeps the sum itself (`store.tables`) and the page
explains the same sum. Age decides between equals: the first reported comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from mapper.vocabulary.text import N_

HIGHEST = 100  # a rank is this less the points, so that the lowest rank comes first
PRIOR_DAMAGE = 3  # unknown damage is not no damage: it stands in the middle
DAMAGE_POINTS = 4  # for each class of the upper end
PEOPLE_POINTS = ((10_000, 15), (1_000, 12), (100, 9), (10, 6), (1, 3), (0, 0))  # from so many people on
UNKNOWN_PEOPLE_POINTS = 3
ORIGIN_POINTS, MOST_ORIGINS = 2, 4
SERVICE_POINTS = {"out": 4, "partial": 2}
STATE_POINTS = {"in_review": 8, "override": 8, "disputed": 4}
ORDNANCE_POINTS, CONFLICT_POINTS, NEW_REPORTS_POINTS = 5, 4, 8

WAITING = ("new", "triaged", "in_review", "disputed", "override")


class Waiting(Protocol):
    """The columns of an incident that count."""

    status: str
    asset: str | None
    damage_high: int | None
    damage_conflict: bool
    service_state: str | None
    people_affected_high: int | None
    origins: int
    needs_review: bool


@dataclass(frozen=True)
class Share:
    """Why an incident has some of its points. `label` is a gettext id."""

    label: str
    points: int


FLAGS: Mapping[str, str] = {
    "in_review": N_("Waits for a second person"),
    "override": N_("Emergency override: one person only"),
    "disputed": N_("Disputed"),
}


def shares(incident: Waiting) -> list[Share]:
    """Return what an incident's points are made of, without what gives none."""
    every = [
        Share(N_("Damage"), DAMAGE_POINTS * _or_prior(incident.damage_high)),
        Share(N_("People affected"), _people(incident.people_affected_high)),
        Share(N_("Independent origins"), ORIGIN_POINTS * min(MOST_ORIGINS, incident.origins)),
        Share(N_("Service not working"), SERVICE_POINTS.get(incident.service_state or "", 0)),
        Share(FLAGS.get(incident.status, ""), STATE_POINTS.get(incident.status, 0)),
        Share(N_("Explosive ordnance"), ORDNANCE_POINTS * (incident.asset == "ordnance")),
        Share(N_("Its reports disagree"), CONFLICT_POINTS * incident.damage_conflict),
        Share(N_("New reports since it was verified"), NEW_REPORTS_POINTS * incident.needs_review),
    ]
    return [share for share in every if share.points]


def points(incident: Waiting) -> int:
    """Return the sum of an incident's shares, 0 to 64."""
    return sum(share.points for share in shares(incident))


def _or_prior(damage: int | None) -> int:
    return PRIOR_DAMAGE if damage is None else damage


def _people(count: int | None) -> int:
    if count is None:
        return UNKNOWN_PEOPLE_POINTS
    return next((given for least, given in PEOPLE_POINTS if count >= least), 0)


def _cases(column: str, values: Mapping[str, int]) -> str:
    whens = " ".join(f"WHEN {column} = '{value}' THEN {given}" for value, given in values.items())
    return f"CASE {whens} ELSE 0 END"


def _flag(condition: str, given: int) -> str:
    return f"CASE WHEN {condition} THEN {given} ELSE 0 END"


def _people_sql() -> str:
    column = "people_affected_high"
    whens = " ".join(f"WHEN {column} >= {least} THEN {given}" for least, given in PEOPLE_POINTS)
    return f"CASE WHEN {column} IS NULL THEN {UNKNOWN_PEOPLE_POINTS} {whens} ELSE 0 END"


# The same sum as SQL that means the same on both engines.
_TERMS = (
    f"{DAMAGE_POINTS} * COALESCE(damage_high, {PRIOR_DAMAGE})",
    _people_sql(),
    f"{ORIGIN_POINTS} * CASE WHEN origins > {MOST_ORIGINS} THEN {MOST_ORIGINS} ELSE origins END",
    _cases("service_state", SERVICE_POINTS),
    _cases("status", STATE_POINTS),
    _cases("asset", {"ordnance": ORDNANCE_POINTS}),
    _flag("damage_conflict", CONFLICT_POINTS),
    _flag("needs_review", NEW_REPORTS_POINTS),
)
QUEUE_RANK_SQL = f"{HIGHEST} - " + " - ".join(f"({term})" for term in _TERMS)
WAITING_SQL = (
    "merged_into IS NULL AND (needs_review OR status IN (" + ", ".join(f"'{s}'" for s in WAITING) + "))"
)
