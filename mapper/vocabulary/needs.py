"""Needs: what people ask for, as codes that reports carry beside the damage."""

from __future__ import annotations

from dataclasses import dataclass

from mapper.vocabulary.text import N_


@dataclass(frozen=True)
class Need:
    """A need: code, label (a gettext message), the sector that answers for it, and where the code is from."""

    code: str
    label: str
    sector: str
    source: str = "Sphere Handbook 2018"


_USHAHIDI = "Ushahidi Haiti 2010"
_CLUSTERS = "IASC global clusters"

NEEDS: dict[str, Need] = {
    need.code: need
    for need in (
        Need("water", N_("Drinking water"), "water"),
        Need("hygiene", N_("Sanitation and hygiene"), "water"),
        Need("food", N_("Food"), "food"),
        Need("shelter", N_("Shelter"), "housing"),
        Need("household_items", N_("Blankets and household items"), "housing"),
        Need("medical", N_("Medical care"), "health"),
        Need("rescue", N_("Search and rescue"), "public_service", "INSARAG Guidelines"),
        Need("power", N_("Electricity"), "power", _USHAHIDI),
        Need("heating", N_("Heating"), "power", "Ukraine winter response plans"),
        Need("fuel", N_("Fuel"), "power", _USHAHIDI),
        Need("communication", N_("Telephone and internet"), "telecom", _CLUSTERS),
        Need("transport", N_("Transport and access"), "transport", _CLUSTERS),
        Need("protection", N_("Protection and safety"), "public_service", _CLUSTERS),
        Need("clearance", N_("Clearance of ordnance"), "explosive_hazard", _CLUSTERS),
        Need("education", N_("Schooling"), "education", _CLUSTERS),
        Need("information", N_("Information"), "public_service", "Core Humanitarian Standard, commitment 4"),
    )
}
