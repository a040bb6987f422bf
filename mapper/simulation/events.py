"""What happened, and what people said of it: the truth first, then the reports drawn from it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mapper.geography.positions import degrees_around
from mapper.simulation.country import Town, invent_name
from mapper.simulation.voices import LANGUAGES, NAMES, describe

HISTORY = timedelta(weeks=6)
ASSETS = {
    "dwelling": 40,
    "apartment_building": 14,
    "school": 8,
    "hospital": 3,
    "clinic": 4,
    "bridge": 4,
    "road": 6,
    "water_supply": 5,
    "substation": 4,
    "telecom_site": 3,
    "market": 4,
    "religious_site": 3,
    "government_building": 2,
}
SERVICES = {"hospital", "clinic", "school", "water_supply", "substation", "telecom_site", "bridge", "road"}
DAMAGE_WEIGHTS = (4, 18, 25, 21, 17, 15)  # of the classes 0 to 5
# How well a reporter knows the place: share, error in metres (one sigma), accuracy that is sent with it.
POSITION_KINDS = ((0.55, 12.0, 25.0), (0.30, 70.0, 150.0), (0.10, 0.0, 2_500.0), (0.05, 0.0, None))
MEDIAN_DELAY_HOURS = 2.5
AFTERSHOCK_SHARE = 0.35  # of the damage in hazard mode: any time after the first shock
COPY_SHARE = 0.1  # of the later reports: somebody passes on what another said, word for word
OWN_WORD_SHARE = 0.4  # the category is the reporter's own word
CONTACT_SHARE = 0.6
REPEAT_SHARE = 0.15  # of these: somebody who has reported before and writes again


@dataclass(frozen=True)
class TrueIncident:
    """One damage as it really was."""

    number: int
    asset: str
    damage: int
    service_state: str | None
    longitude: float
    latitude: float
    happened_at: datetime
    town: Town
    landmark: str
    people: int


@dataclass(frozen=True)
class Saying:
    """One report as it will be sent. Position is None where the reporter gave none."""

    incident: TrueIncident
    said_at: datetime
    text: str
    language: str
    category: str
    longitude: float | None
    latitude: float | None
    accuracy_m: float | None
    damage_grade: int | None
    location_text: str
    contact: str | None


def happen(
    rng: random.Random, towns: Sequence[Town], count: int, until: datetime, mode: str
) -> Iterator[TrueIncident]:
    """Yield `count` incidents of the weeks before `until`, in no order.

    hazard: most at the first shock, then as aftershocks fade. conflict: in strikes on some nights.
    """
    strikes = [rng.uniform(0.02, 0.97) for _ in range(max(3, round(math.sqrt(count) / 2)))]
    for number in range(1, count + 1):
        town = rng.choices(towns, [item.weight for item in towns])[0]
        asset = rng.choices(list(ASSETS), list(ASSETS.values()))[0]
        damage = rng.choices(range(6), DAMAGE_WEIGHTS)[0]
        longitude, latitude = _near(rng, town.longitude, town.latitude, town.spread_m)
        share = rng.choice(strikes) + rng.gauss(0, 0.004) if mode == "conflict" else _since_the_shock(rng)
        happened_at = until - HISTORY + HISTORY * min(0.999, max(0.0, share))
        yield TrueIncident(
            number=number,
            asset=asset,
            damage=damage,
            service_state=_service(rng, damage) if asset in SERVICES else None,
            longitude=longitude,
            latitude=latitude,
            happened_at=happened_at.replace(microsecond=0),
            town=town,
            landmark=f"{invent_name(rng)} {rng.randint(1, 99)}",
            people=max(1, round(rng.lognormvariate(1.5, 1.0))) if asset != "road" else 0,
        )


def tell(
    rng: random.Random, incident: TrueIncident, mean: float, languages: Sequence[str]
) -> Iterator[Saying]:
    """Yield the reports of one incident: at least one, `mean` on average."""
    spoken = [language for language in languages if language in LANGUAGES] or ["en"]
    said: list[Saying] = []
    for _ in range(1 + _poisson(rng, max(0.0, mean - 1))):
        if said and rng.random() < COPY_SHARE:
            saying = _passed_on(rng, rng.choice(said))
        else:
            saying = _seen(rng, incident, rng.choice(spoken), said)
        said.append(saying)
        yield saying


def _seen(rng: random.Random, incident: TrueIncident, language: str, said: Sequence[Saying]) -> Saying:
    """Return what somebody says who was there."""
    delay = timedelta(hours=rng.lognormvariate(math.log(MEDIAN_DELAY_HOURS), 1.0))
    longitude, latitude, accuracy = _placed(rng, incident)
    guess = min(5, max(0, incident.damage + rng.choice((-1, 0, 0, 0, 1))))
    asset = incident.asset if rng.random() < 0.9 else rng.choice(list(ASSETS))
    return Saying(
        incident=incident,
        said_at=(incident.happened_at + min(delay, timedelta(days=3))).replace(microsecond=0),
        text=describe(rng, language, incident.asset, incident.damage, incident.landmark),
        language=language,
        category=NAMES[asset][language] if rng.random() < OWN_WORD_SHARE else asset,
        longitude=longitude,
        latitude=latitude,
        accuracy_m=accuracy,
        damage_grade=guess if rng.random() < 0.8 else None,
        location_text=f"{incident.landmark}, {incident.town.name}",
        contact=_contact(rng, said),
    )


def _passed_on(rng: random.Random, saying: Saying) -> Saying:
    """Return a copy of a saying: the same words, later, by somebody who knows only the town."""
    town = saying.incident.town
    return replace(
        saying,
        said_at=saying.said_at + timedelta(seconds=rng.randint(120, 30 * 3600)),
        longitude=round(town.longitude, 4),
        latitude=round(town.latitude, 4),
        accuracy_m=POSITION_KINDS[2][2],
        damage_grade=None,
        contact=_contact(rng, ()),
    )


def _contact(rng: random.Random, said: Sequence[Saying]) -> str | None:
    """Return a telephone number under +999, which no country has, or None."""
    if rng.random() >= CONTACT_SHARE:
        return None
    earlier = [saying.contact for saying in said if saying.contact]
    if earlier and rng.random() < REPEAT_SHARE:
        return rng.choice(earlier)
    return f"+999 {rng.randint(10_000_000, 99_999_999)}"


def _since_the_shock(rng: random.Random) -> float:
    """Return when in the history, 0 to 1: mostly soon after the shock."""
    return rng.random() if rng.random() < AFTERSHOCK_SHARE else rng.betavariate(0.7, 2.2)


def _service(rng: random.Random, damage: int) -> str:
    return "out" if damage >= 4 else "partial" if damage >= 2 or rng.random() < 0.3 else "working"


def _placed(rng: random.Random, incident: TrueIncident) -> tuple[float | None, float | None, float | None]:
    kind = rng.choices(range(len(POSITION_KINDS)), [item[0] for item in POSITION_KINDS])[0]
    _, error_m, accuracy_m = POSITION_KINDS[kind]
    if accuracy_m is None:
        return None, None, None
    if kind == 2:  # only the town is known
        return round(incident.town.longitude, 4), round(incident.town.latitude, 4), accuracy_m
    return (*_near(rng, incident.longitude, incident.latitude, error_m), accuracy_m)


def _near(rng: random.Random, longitude: float, latitude: float, metres: float) -> tuple[float, float]:
    wide, high = degrees_around(latitude, metres)
    return round(longitude + rng.gauss(0, wide), 6), round(latitude + rng.gauss(0, high), 6)


def _poisson(rng: random.Random, mean: float) -> int:
    """Draw by multiplying uniforms (Knuth, The Art of Computer Programming 2, 3.4.1); small means only."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
