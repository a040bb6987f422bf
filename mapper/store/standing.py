"""Standing decisions: what people decided of an incident's fields and fusion must not undo.

An incident's fields are derived from its reports, except where a person decided otherwise. Whoever
recomputes an incident takes the fields from here where they are set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mapper.store.tables import Decision
from mapper.vocabulary.states import Effect, Kind


@dataclass(frozen=True)
class Damage:
    """A decided damage interval; both ends null where people hold that it cannot be told."""

    low: int | None
    high: int | None


@dataclass(frozen=True)
class Place:
    """A decided position in 1e-7 degrees, and its accuracy in metres."""

    lon_e7: int
    lat_e7: int
    accuracy_m: float


@dataclass(frozen=True)
class Standing:
    """The fields that decisions hold; None: no decision, the reports say."""

    damage: Damage | None = None
    place: Place | None = None
    accuracy_m: float | None = None  # of an agreed assessment
    service_state: str | None = None
    repaired_at: datetime | None = None


def standing(decisions: Iterable[Decision]) -> Standing:
    """Return what the applied decisions of ONE incident hold, the latest of each field.

    Reopening sets aside the damage and the accuracy that had been agreed; a moved position and a
    repair stay, for they are facts about the world and no assessments.
    """
    held = Standing()
    for item in sorted(decisions, key=lambda item: item.number):
        if item.effect == Effect.APPLIED:
            held = _after(held, item)
    return held


def _after(held: Standing, item: Decision) -> Standing:
    details = item.details
    match item.kind:
        case Kind.REOPEN:
            return replace(held, damage=None, accuracy_m=None)
        case Kind.VERIFY:
            agreed = details["agreed"]
            damage = Damage(agreed["damage_low"], agreed["damage_high"])
            service = agreed.get("service_state", held.service_state)
            return replace(
                held, damage=damage, accuracy_m=agreed["position_accuracy_m"], service_state=service
            )
        case Kind.REGRADE:
            return replace(held, damage=Damage(details["damage_low"], details["damage_high"]))
        case Kind.MOVE:
            return replace(held, place=_place(item), accuracy_m=None)
        case Kind.REPAIR:
            return _repaired(held, item)
        case _:
            return held


def _place(item: Decision) -> Place:
    details = item.details
    lon_e7, lat_e7 = round(details["longitude"] * 1e7), round(details["latitude"] * 1e7)
    return Place(lon_e7, lat_e7, details["position_accuracy_m"])


def _repaired(held: Standing, item: Decision) -> Standing:
    at = item.details.get("repaired_at")
    return replace(
        held,
        service_state=item.details.get("service_state", held.service_state),
        repaired_at=datetime.fromisoformat(at) if at else held.repaired_at,
    )
