"""Hazards: what did the damage."""

from __future__ import annotations

from dataclasses import dataclass

from mapper.vocabulary.text import N_


@dataclass(frozen=True)
class Hazard:
    """A hazard type: code, label (a gettext message), and its GLIDE code where there is one."""

    code: str
    label: str
    glide: str | None
    source: str = "GLIDE disaster codes (glidenumber.net)"


_NOT_IN_GLIDE = "UNDRR/ISC hazard information profiles, 2021"

HAZARDS: dict[str, Hazard] = {
    hazard.code: hazard
    for hazard in (
        Hazard("earthquake", N_("Earthquake"), "EQ"),
        Hazard("tsunami", N_("Tsunami"), "TS"),
        Hazard("volcano", N_("Volcanic eruption"), "VO"),
        Hazard("landslide", N_("Landslide"), "LS"),
        Hazard("flood", N_("Flood"), "FL"),
        Hazard("cyclone", N_("Tropical cyclone"), "TC"),
        Hazard("storm", N_("Storm"), "ST"),
        Hazard("wildfire", N_("Wildfire"), "WF"),
        Hazard("fire", N_("Fire"), "FR"),
        Hazard("cold_wave", N_("Cold wave"), "CW"),
        Hazard("industrial_accident", N_("Industrial accident"), "AC"),
        Hazard("armed_conflict", N_("Armed conflict"), None, _NOT_IN_GLIDE),
        Hazard("other", N_("Something else"), "OT"),
    )
}
