"""Figures by area that layers hold: who lives there, who works there and whom they have reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from mapper.layers.background import ACTIVITIES, POPULATION, in_force, rows_of
from mapper.store.tables import Layer

# An activity that is only planned, or was called off, has reached nobody.
NOT_DONE = ("plan", "intend", "pledg", "cancel", "suspend", "appeal", "заплан", "prévu", "planea")


@dataclass(frozen=True)
class Population:
    """People by the code of their area. An area that is missing, or None, is not known: never nobody."""

    people: Mapping[str, int | None]
    source: str
    version: str


@dataclass
class Reach:
    """What organisations say they did in one area and sector."""

    reached: int | None = None  # people, added up over rows: the same person may be in several
    in_need: int | None = None
    organisations: set[str] = field(default_factory=set)


def population_of(session: Session, crisis_id: int, level: int) -> Population | None:
    """Return the people of each area of a level, from a layer of it or added up from a finer one.

    None where no layer can tell. A sum with an unknown part is unknown.
    """
    usable = [layer for layer in in_force(session, crisis_id, POPULATION) if (layer.level or 0) >= level]
    if not usable:
        return None
    layer = min(usable, key=lambda layer: layer.level or 0)
    people: dict[str, int | None] = {}
    for codes, properties in rows_of(session, layer):
        if code := codes.get(str(level)):
            people[code] = _plus(people.get(code, 0), properties["people"])
    return Population(people, layer.name, layer.version_label) if people else None


def reach_of(
    session: Session, crisis_id: int, level: int
) -> tuple[list[Layer], dict[tuple[str, str], Reach]]:
    """Return the activity layers in force and what they say, by area code of a level and sector.

    Rows of a finer level count for the area above where the file names it.
    """
    layers = in_force(session, crisis_id, ACTIVITIES)
    found: dict[tuple[str, str], Reach] = {}
    for layer in layers:
        for codes, properties in rows_of(session, layer):
            code = codes.get(str(level))
            if code is None or _is_not_done(properties["status"]):
                continue
            reach = found.setdefault((code, properties["sector"]), Reach())
            reach.reached = _sum(reach.reached, properties["reached"])
            reach.in_need = _most(reach.in_need, properties["in_need"])
            if properties["organisation"]:
                reach.organisations.add(properties["organisation"])
    return layers, found


def _plus(so_far: int | None, more: int | None) -> int | None:
    return None if so_far is None or more is None else so_far + more


def _sum(so_far: int | None, more: int | None) -> int | None:
    return so_far if more is None else (so_far or 0) + more


def _most(*numbers: int | None) -> int | None:
    return max((number for number in numbers if number is not None), default=None)


def _is_not_done(status: str) -> bool:
    return any(part in status for part in NOT_DONE)
