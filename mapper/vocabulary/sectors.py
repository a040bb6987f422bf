"""Sectors: the part of life that an asset serves, mapped to the humanitarian clusters."""

from __future__ import annotations

from dataclasses import dataclass

from mapper.vocabulary.text import N_


@dataclass(frozen=True)
class Sector:
    """A sector: code, label for people (a gettext message), and the global cluster that answers for it."""

    code: str
    label: str
    cluster: str | None
    sensitive: bool  # exact places of it are withheld longer in conflict (field notes, section 1, rule 3)
    source: str = "IASC global clusters; RDNA sectors"


SECTORS: dict[str, Sector] = {
    sector.code: sector
    for sector in (
        Sector("housing", N_("Housing"), "Shelter", False),
        Sector("health", N_("Health"), "Health", True),
        Sector("education", N_("Education"), "Education", True),
        Sector("water", N_("Water and sanitation"), "WASH", True),
        Sector("power", N_("Power and heating"), None, True, "No global cluster; RDNA sector Energy"),
        Sector("telecom", N_("Telecommunications"), "ETC", True),
        Sector("transport", N_("Roads and transport"), "Logistics", False),
        Sector("commerce", N_("Commerce and industry"), None, False, "RDNA sector Commerce and Industry"),
        Sector("culture", N_("Culture and religion"), None, False, "RDNA sector Culture and Tourism"),
        Sector("food", N_("Food and farming"), "Food Security", False),
        Sector("explosive_hazard", N_("Explosive hazard"), "Protection (Mine Action)", True),
        Sector("public_service", N_("Public services"), None, False, "RDNA sector Municipal Services"),
        Sector("unknown", N_("Not known"), None, False, "The sender gave none"),
    )
}

MULTIPLE = "multiple"  # public rows in which sectors were merged
MULTIPLE_LABEL = N_("Several sectors")
