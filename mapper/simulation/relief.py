"""Who helps where, what lies in which store, and who pays: invented, but in proportion to what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from mapper.simulation.chance import Chance
from mapper.simulation.story import Story
from mapper.simulation.truth import SECTOR_OF

SAMPLE = 50_000  # incidents that are counted; of larger stories the figures are scaled up
AROUND = 25  # people who feel the damage for each one who is counted in it
ORGANISATIONS = (
    "Harbour Relief", "Open Ground", "Red Lantern Society", "Northern Aid", "Clear Water Fund",
    "School Bell Trust", "Island Civil Protection", "Bridge and Road Corps",
)  # fmt: skip
DONORS = ("Meridian Fund", "City of Astra", "Blue Coast Foundation", "Neighbours' Appeal")
# Sector -> what is done, and what a person in need costs in six weeks (US dollars, invented for exercises).
WORK = {
    "housing": ("Emergency shelter and repair kits", 85),
    "health": ("Mobile clinics", 30),
    "education": ("Temporary classrooms", 22),
    "water": ("Water trucking and network repair", 18),
    "power": ("Generators and line repair", 26),
    "telecom": ("Restoring cell sites", 4),
    "transport": ("Clearing roads and temporary bridges", 12),
    "commerce": ("Grants for small traders", 40),
    "food": ("Food parcels", 35),
    "culture": ("Securing monuments", 2),
    "public_service": ("Temporary offices", 5),
}
# Item -> unit, sector, and how many for each thousand people in need in stock.
ITEMS = {
    "tarpaulin 4x6 m": ("piece", "housing", 60),
    "blanket": ("piece", "housing", 220),
    "jerrycan 10 l": ("piece", "water", 150),
    "soap 250 g": ("piece", "water", 300),
    "family food parcel": ("parcel", "food", 90),
    "emergency health kit": ("kit", "health", 0.4),
    "generator 5 kVA": ("piece", "power", 0.6),
    "school tent": ("piece", "education", 0.8),
}
GAP_SHARE, MOST_REACHED = 0.3, 0.85  # needs that nobody works on; how much of the others is reached at most
WAREHOUSES = 6


def people_in_need(story: Story) -> dict[tuple[int, str], int]:
    """Return people in need by the place's index and sector, from what happened up to the story's `until`."""
    count = story.truth.incidents
    numbers = np.unique(np.linspace(0, count - 1, min(count, SAMPLE)).astype(np.int64))
    incidents = story.truth.tell(numbers)
    told_s = (story.plan.until - story.plan.start).total_seconds()
    counts = (incidents.damage >= 2) & (incidents.happened <= told_s)
    people = np.maximum(1, incidents.people) * AROUND * (count / len(numbers))
    found: dict[tuple[int, str], float] = defaultdict(float)
    for place, asset, many in zip(
        story.world.place[incidents.town[counts]].tolist(), incidents.asset[counts].tolist(),
        people[counts].tolist(), strict=True,
    ):  # fmt: skip
        found[place, SECTOR_OF[asset]] += many
    return {key: round(many) for key, many in sorted(found.items()) if key[0] >= 0}


def activities(story: Story) -> Iterator[dict[str, Any]]:
    """Yield a 3W: who does what where, with people in need and reached. Some needs have nobody."""
    chance = Chance(story.plan.seed)
    for number, ((place, sector), need) in enumerate(people_in_need(story).items()):
        if sector not in WORK or chance.happens("gap", np.array([number]), GAP_SHARE)[0]:
            continue
        draw = chance.uniform("activity", np.arange(4) + 4 * number)
        began = story.plan.start + timedelta(days=2 + int(draw[1] * 20))
        status = "planned" if began > story.plan.until else "completed" if draw[2] < 0.2 else "ongoing"
        area = story.world.places[place]
        yield {
            "Organisation": ORGANISATIONS[int(draw[0] * len(ORGANISATIONS))],
            "Sector": sector,
            "Activity": WORK[sector][0],
            "Status": status,
            "Start": began.date().isoformat(),
            f"ADM{area.level}_EN": area.name,
            f"ADM{area.level}_PCODE": area.code,
            "People in need": need,
            "People reached": 0 if status == "planned" else round(need * draw[3] * MOST_REACHED),
        }


def stock(story: Story) -> Iterator[dict[str, Any]]:
    """Yield what lies in the warehouses of the largest towns."""
    chance, world = Chance(story.plan.seed), story.world
    need = sum(people_in_need(story).values())
    for town in range(min(WAREHOUSES, len(world.population))):
        for number, (item, (unit, sector, for_thousand)) in enumerate(ITEMS.items()):
            share = chance.uniform("stock", np.array([town * len(ITEMS) + number]))[0] / WAREHOUSES
            yield {
                "Warehouse": world.town_name(town),
                "Latitude": round(float(world.latitude[town]), 5),
                "Longitude": round(float(world.longitude[town]), 5),
                "Sector": sector,
                "Item": item,
                "Unit": unit,
                "Quantity": round(need / 1_000 * for_thousand * share),
            }


def funding(story: Story) -> Iterator[dict[str, Any]]:
    """Yield what each sector requires and which donor has given how much of it, in US dollars."""
    chance = Chance(story.plan.seed)
    need: dict[str, int] = defaultdict(int)
    for (_, sector), people in people_in_need(story).items():
        need[sector] += people
    for number, (sector, (_, cost)) in enumerate(WORK.items()):
        draw = chance.uniform("funding", np.arange(2) + 2 * number)
        required = need[sector] * cost
        yield {
            "Sector": sector,
            "Donor": DONORS[int(draw[0] * len(DONORS))],
            "Required": required,
            "Received": round(required * draw[1] * 0.7),
            "Currency": "USD",
            "Date": story.plan.until.date().isoformat(),
        }
