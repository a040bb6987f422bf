"""Risk flags: what a verifier should know before reading a case, worked out from what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mapper.publication.policy import is_sensitive
from mapper.store.tables import Crisis, Incident
from mapper.verification.gate import MOST_ACCURACY_M
from mapper.vocabulary.text import N_

# The flags that intake sets on a report's position.
POSITION_FLAGS: Mapping[str, str] = {
    "null_island": N_("A report's position is 0, 0, which programs send when they know none."),
    "swapped": N_("A report's longitude and latitude look exchanged."),
    "outside_bbox": N_("A report lies outside the crisis."),
    "clamped": N_("A report lies too near a pole to be drawn."),
    "on_border": N_("A report lies on the border of two areas."),
}


@dataclass(frozen=True)
class Flag:
    """What to beware of: `kind` is bad (dangerous), warn (doubtful) or info. `message` is a gettext id."""

    kind: str
    message: str


def risk_flags(
    crisis: Crisis, incident: Incident, reports: Sequence[Mapping[str, Any]], *, is_own_organisation: bool
) -> list[Flag]:
    """Return the flags of a case, the gravest first. `reports` are those of the incident's detail."""
    every = (
        (incident.asset == "ordnance", "bad", N_("Explosive ordnance: nobody should go near to check.")),
        (
            crisis.mode == "conflict" and is_sensitive(incident.sector, incident.asset),
            "bad",
            N_("Its place could help somebody aim. Do not talk about it outside the desk."),
        ),
        (
            is_own_organisation,
            "bad",
            N_("Your own organisation sent one of its reports. Say so if you judge it."),
        ),
        (
            incident.needs_review,
            "warn",
            N_("Reports came in after it was verified. What was verified stands."),
        ),
        (
            incident.damage_conflict,
            "warn",
            N_("The reports disagree about the damage: their intervals do not meet."),
        ),
        (incident.origins <= 1, "warn", N_("All reports come from one origin.")),
        (
            incident.reports > 2 * max(1, incident.origins),
            "warn",
            N_("Most reports are copies of each other."),
        ),
        (incident.lon_e7 is None, "warn", N_("No report has a position.")),
        (
            (incident.position_accuracy_m or 0) > MOST_ACCURACY_M,
            "warn",
            N_("The position is less exact than 100 metres."),
        ),
        (incident.outside_areas, "warn", N_("It lies outside every area that is loaded.")),
        (any(item["is_erased"] for item in reports), "info", N_("Parts of its reports were erased.")),
        (any(item["withheld"] for item in reports), "info", N_("Parts of its reports are withheld.")),
    )
    return [Flag(kind, message) for holds, kind, message in every if holds]
