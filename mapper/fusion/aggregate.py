"""Aggregate: what an incident is, from what its reports say. Pure, and independent of their order.

Damage intervals intersect, and where they do not meet the hull stands with a conflict for a person.
Unknown stays null. One origin counts once: copies of a text, a photo or a link are one witness.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from mapper.fusion.features import share_photo
from mapper.fusion.words import NO_WORDS, Words, likeness
from mapper.geography.cells import cell_key
from mapper.geography.positions import distance_m, to_e7
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.damage import DamageInterval, hull, intersection

MOST_COMPARED = 200  # for near copies; equal texts and photos are always found
COPY_LIKENESS = 0.9  # of two long texts: a word or a link was added, a letter changed
COPY_BITS = 120  # of the shorter signature: about 70 letters; shorter ones are alike by chance


@dataclass(frozen=True)
class Witness:
    """What one report says of the damage. Positions are degrees; accuracy in metres, as fusion judges it."""

    report: uuid.UUID
    received_at: datetime
    source: str  # who speaks: a contact, an account, or the report alone
    observed_at: datetime | None = None
    observed_until: datetime | None = None
    position: tuple[float, float] | None = None  # longitude, latitude
    accuracy_m: float = 100.0
    sector: str = "unknown"
    asset: str | None = None
    damage: DamageInterval | None = None
    service_state: str | None = None
    needs: tuple[str, ...] = ()
    people: int | None = None
    text: Hashable | None = None  # equal for equal texts
    words: Words = NO_WORDS  # nearly equal for near copies
    link: Hashable | None = None
    photos: tuple[int, ...] = ()


@dataclass(frozen=True)
class Derived:
    """The fields of an incident that follow from its reports."""

    sector: str
    asset: str | None
    damage_low: int | None
    damage_high: int | None
    damage_conflict: bool
    service_state: str | None
    needs: list[str]
    people_affected_low: int | None
    people_affected_high: int | None
    reports: int
    sources: int
    origins: int
    happened_from: datetime
    happened_to: datetime
    first_reported_at: datetime
    last_reported_at: datetime
    lon_e7: int | None
    lat_e7: int | None
    cell_key: int | None
    position_accuracy_m: float | None


def aggregate(witnesses: Iterable[Witness]) -> Derived:
    """Return the incident that these reports tell of. Raises ValueError without any."""
    told = sorted(witnesses, key=lambda t: (t.received_at, t.report))
    if not told:
        raise ValueError("an incident has at least one report")
    groups = origins(told)
    weights = {t.report: 1.0 / len(group) for group in groups for t in group}
    sector, asset = _category(told, weights)
    damage, conflict = _damage(told)
    people = [t.people for t in told if t.people is not None]
    happened_from, happened_to = _happened(told)
    lon_e7, lat_e7, key, accuracy = _position(told, weights, len(groups))
    return Derived(
        sector=sector,
        asset=asset,
        damage_low=damage.low if damage else None,
        damage_high=damage.high if damage else None,
        damage_conflict=conflict,
        service_state=_service_state(told),
        needs=sorted({need for t in told for need in t.needs}),
        people_affected_low=min(people, default=None),
        people_affected_high=max(people, default=None),
        reports=len(told),
        sources=len({t.source for t in told}),
        origins=len(groups),
        happened_from=happened_from,
        happened_to=happened_to,
        first_reported_at=told[0].received_at,
        last_reported_at=told[-1].received_at,
        lon_e7=lon_e7,
        lat_e7=lat_e7,
        cell_key=key,
        position_accuracy_m=accuracy,
    )


def origins(told: Sequence[Witness]) -> list[list[Witness]]:
    """Return the reports by origin: those that share a text, a link or a photo, or nearly, are one."""
    parent = list(range(len(told)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[Hashable, int] = {}
    for number, witness in enumerate(told):
        for mark in _marks(witness):
            parent[root(number)] = root(first.setdefault(mark, number))
    worded = [number for number, t in enumerate(told) if t.words.count >= COPY_BITS]
    pictured = [number for number, t in enumerate(told) if t.photos]
    for some, is_copy in ((worded, _near_texts), (pictured, _near_photos)):
        for place, number in enumerate(some[:MOST_COMPARED]):
            for other in some[:place]:
                if root(number) != root(other) and is_copy(told[number], told[other]):
                    parent[root(number)] = root(other)
    groups: dict[int, list[Witness]] = defaultdict(list)
    for number, witness in enumerate(told):
        groups[root(number)].append(witness)
    return list(groups.values())


def _near_texts(one: Witness, other: Witness) -> bool:
    return likeness(one.words, other.words) >= COPY_LIKENESS


def _near_photos(one: Witness, other: Witness) -> bool:
    return share_photo(one.photos, other.photos)


def _marks(witness: Witness) -> Iterable[Hashable]:
    if witness.text:
        yield "text", witness.text
    if witness.link:
        yield "link", witness.link
    for photo in witness.photos:
        yield "photo", photo


def _category(told: Sequence[Witness], weights: dict[uuid.UUID, float]) -> tuple[str, str | None]:
    """Vote, one voice an origin: the sector first, then the asset within it; ties go to the first code."""
    sectors: dict[str, float] = defaultdict(float)
    for t in told:
        if t.sector != "unknown":
            sectors[t.sector] += weights[t.report]
    sector = min(sectors, key=lambda code: (-round(sectors[code], 9), code), default="unknown")
    assets: dict[str, float] = defaultdict(float)
    for t in told:
        if t.asset is not None and ASSETS[t.asset].sector == sector:
            assets[t.asset] += weights[t.report]
    return sector, min(assets, key=lambda code: (-round(assets[code], 9), code), default=None)


def _damage(told: Sequence[Witness]) -> tuple[DamageInterval | None, bool]:
    known = [t.damage for t in told if t.damage is not None]
    shared = intersection(known)
    if shared is None and known:
        return hull(known), True
    return shared, False


def _service_state(told: Sequence[Witness]) -> str | None:
    """The newest word counts; of two at one moment, the one received later."""
    said = [t for t in told if t.service_state is not None]
    newest = max(said, key=lambda t: (_seen(t), t.received_at, t.report), default=None)
    return newest.service_state if newest else None


def _seen(t: Witness) -> datetime:
    return t.observed_until or t.observed_at or t.received_at


def _happened(told: Sequence[Witness]) -> tuple[datetime, datetime]:
    """From the first to the last observation; without any, it had happened when first received."""
    observed = [t for t in told if t.observed_at is not None]
    if not observed:
        return told[0].received_at, told[0].received_at
    return min(t.observed_at for t in observed if t.observed_at), max(_seen(t) for t in observed)


def _position(
    told: Sequence[Witness], weights: dict[uuid.UUID, float], origin_count: int
) -> tuple[int | None, int | None, int | None, float | None]:
    """The mean weighed by accuracy; its accuracy covers how far the positions lie apart."""
    placed = [(t, t.position, weights[t.report] / t.accuracy_m**2) for t in told if t.position is not None]
    if not placed:
        return None, None, None, None
    total = sum(weight for *_, weight in placed)
    base = placed[0][1][0]  # longitudes are averaged around one of them, so that the date line is no wall
    offset = sum(weight * ((at[0] - base + 540) % 360 - 180) for _, at, weight in placed) / total
    longitude = (base + offset + 540) % 360 - 180
    latitude = sum(weight * at[1] for _, at, weight in placed) / total
    spread = sqrt(sum(weight * distance_m(longitude, latitude, *at) ** 2 for _, at, weight in placed) / total)
    best = min(t.accuracy_m for t, *_ in placed) / sqrt(min(origin_count, len(placed)))
    lon_e7, lat_e7 = to_e7(longitude), to_e7(latitude)
    return lon_e7, lat_e7, cell_key(longitude, latitude), round(max(best, spread), 1)
