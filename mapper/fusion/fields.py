"""Fields: what an incident's row holds, from its reports and from what people decided of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from mapper.fusion.aggregate import Derived
from mapper.geography.cells import cell_key
from mapper.geography.positions import from_e7
from mapper.store.standing import Standing, standing
from mapper.store.tables import Decision, Incident
from mapper.vocabulary.states import State

# What was concluded in these states is not altered by what came in later.
CONCLUDED = frozenset({State.VERIFIED, State.OVERRIDE, State.FALSE, State.RETRACTED})
COUNTED = ("reports", "sources", "origins", "first_reported_at", "last_reported_at")


def fields_of(
    derived: Derived, incident: Incident | None, decisions: Iterable[Decision] = ()
) -> dict[str, Any]:
    """Return the columns that follow from the reports, for an existing incident or a new one.

    A concluded incident only counts its reports anew and is flagged where there are more of them.
    """
    fields = asdict(derived)
    if incident is None:
        return fields
    if incident.status in CONCLUDED:
        flagged = incident.needs_review or derived.reports > incident.reports
        return {name: fields[name] for name in COUNTED} | {"needs_review": flagged}
    fields |= _decided(standing(decisions))
    if (incident.lon_e7, incident.lat_e7) != (fields["lon_e7"], fields["lat_e7"]):
        fields |= {"area_codes": None, "areas_version": None, "outside_areas": False}
    return fields


def _decided(held: Standing) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if held.damage:
        fields |= {"damage_low": held.damage.low, "damage_high": held.damage.high, "damage_conflict": False}
    if held.accuracy_m is not None:
        fields["position_accuracy_m"] = held.accuracy_m
    if held.place:
        place = held.place
        key = cell_key(from_e7(place.lon_e7), from_e7(place.lat_e7))
        fields |= {"lon_e7": place.lon_e7, "lat_e7": place.lat_e7, "cell_key": key}
        fields["position_accuracy_m"] = place.accuracy_m
    if held.service_state:
        fields["service_state"] = held.service_state
    if held.repaired_at:
        fields["repaired_at"] = held.repaired_at
    return fields
