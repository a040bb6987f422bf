"""What really happened: every incident as a function of its number, so that any of them can be told alone.

Numbers from 0 to `incidents` - 1 are damage, in the order of time. The numbers after them are campaigns: a
rumour claims damage that never happened, an advert claims nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mapper.simulation.chance import Chance, Flags, Floats, Numbers
from mapper.simulation.rhythm import HOUR, Events
from mapper.simulation.voices import ASSETS, WAYS
from mapper.simulation.world import ROADS, STREETS, World, around
from mapper.vocabulary.assets import ASSETS as KNOWN_ASSETS

# How often each thing is damaged (in hazard mode, in conflict mode).
ASSET_WEIGHTS = {
    "dwelling": (36, 30),
    "apartment_building": (12, 15),
    "school": (7, 5),
    "university": (1, 1),
    "hospital": (2, 2),
    "clinic": (3, 2),
    "bridge": (3, 2),
    "road": (6, 4),
    "water_supply": (5, 3),
    "sewer": (2, 1),
    "power_plant": (0.3, 1),
    "substation": (3, 8),
    "power_line": (4, 5),
    "telecom_site": (3, 3),
    "market": (3, 2),
    "shop": (5, 5),
    "warehouse": (1.5, 4),
    "factory": (1, 3),
    "farm": (2, 2),
    "religious_site": (3, 1),
    "government_building": (2, 2),
}
DAMAGE_WEIGHTS = (4, 18, 25, 21, 17, 15)  # of the classes 0 to 5
SERVES = frozenset({"hospital", "clinic", "school", "water_supply", "sewer", "power_plant", "substation"}) | {
    "power_line", "telecom_site", *WAYS,
}  # fmt: skip
AGAIN_SHARE, AGAIN_AFTER_S = 0.05, 6 * HOUR  # damage to a building that was damaged before
CHAIN = 6  # most strikes on one building that are followed back to its first
REPAIRED_SHARE, MEDIAN_REPAIR_HOURS = 0.3, 220.0
CAMPAIGNS = 0.004  # for each incident; half of them rumours
LISTED_AT_MOST = 0.25  # incidents for each listed facility; more are at facilities on no list
ROAD_STEP_M = 4_000.0  # damage to a road lies within so many metres of town


@dataclass(frozen=True)
class Incidents:
    """Incidents or campaigns by column, one row each; positions in degrees, times in seconds."""

    number: Numbers
    building: Numbers  # the number of the incident that first damaged the same thing
    happened: Numbers
    town: Numbers
    asset: Numbers
    longitude: Floats
    latitude: Floats
    street: Numbers
    house: Numbers
    facility: Numbers  # the listed facility; -1 for none
    damage: Numbers
    service: Numbers  # index into SERVICE; 0 where nothing is served
    people: Numbers
    repaired: Numbers  # -1: not within the story
    is_rumour: Flags
    is_advert: Flags


SERVICE = (None, "working", "partial", "out")
SECTOR_OF = tuple(KNOWN_ASSETS[asset].sector for asset in ASSETS)


class Truth:
    """The incidents of one story in one world."""

    def __init__(
        self, world: World, events: Events, chance: Chance, incidents: int, horizon_s: int, is_conflict: bool
    ) -> None:
        self.world, self.events, self.chance = world, events, chance
        self.incidents, self.horizon_s = incidents, horizon_s
        self.campaigns = round(incidents * CAMPAIGNS)
        self._weights = np.array([ASSET_WEIGHTS[asset][is_conflict] for asset in ASSETS], dtype=np.float64)

    def happened(self, numbers: Numbers) -> Numbers:
        """Return when, in seconds since the start."""
        event = self._event(numbers)
        late = -np.log1p(-self.chance.uniform("moment", numbers)) * self.events.jitter_s
        struck = self.events.at[event] + late.astype(np.int64)
        begun = self.chance.below("campaign", numbers, int(self.horizon_s * 0.9))
        at = np.where(numbers < self.incidents, struck, begun)
        return np.minimum(at, self.horizon_s - 1)

    def tell(self, numbers: Numbers) -> Incidents:
        """Return everything that is true of some incidents."""
        first = self.building(numbers)
        town, asset = self._town(first), self.chance.choose("asset", first, self._weights)
        facility = self._facility(first, town, asset)
        longitude, latitude = self._position(first, town, asset, facility)
        damage = self._damage(numbers, first)
        happened = self.happened(numbers)
        is_campaign = numbers >= self.incidents
        listed = self.world.facilities
        return Incidents(
            number=numbers,
            building=first,
            happened=happened,
            town=town,
            asset=asset,
            longitude=longitude,
            latitude=latitude,
            street=np.where(
                facility < 0, self.chance.below("street", first, STREETS), listed.street[facility]
            ),
            house=np.where(facility < 0, self.chance.below("house", first, 1 << 20), listed.house[facility]),
            facility=facility,
            damage=damage,
            service=self._service(numbers, asset, damage),
            people=self._people(first, asset),
            repaired=np.where(is_campaign, -1, self._repaired(numbers, happened, damage)),
            is_rumour=is_campaign & (numbers % 2 == 0),
            is_advert=is_campaign & (numbers % 2 == 1),
        )

    def building(self, numbers: Numbers) -> Numbers:
        """Return the incident that first damaged the same building: the incident itself for most."""
        first = numbers
        for _ in range(CHAIN):
            earlier = self._before(first)
            if (earlier == first).all():
                break
            first = earlier
        return first

    def repaired(self, numbers: Numbers) -> Numbers:
        """Return when it was put right, in seconds since the start; -1 where it was not."""
        happened = self.happened(numbers)
        repaired = self._repaired(numbers, happened, self._damage(numbers, self.building(numbers)))
        return np.where(numbers >= self.incidents, -1, repaired)

    def _before(self, numbers: Numbers) -> Numbers:
        """Return the earlier incident in whose building this one happened, or itself."""
        earlier = self.chance.below("before", numbers, np.maximum(1, numbers))
        rest = self._event_time(numbers) - self._event_time(earlier)
        again = self.chance.happens("again", numbers, AGAIN_SHARE) & (rest >= AGAIN_AFTER_S)
        return np.where(again & (numbers < self.incidents), earlier, numbers)

    def _event(self, numbers: Numbers) -> Numbers:
        place = (numbers + self.chance.uniform("event", numbers)) / self.incidents
        return np.minimum(
            np.searchsorted(self.events.reached, place, side="right"), len(self.events.reached) - 1
        )

    def _event_time(self, numbers: Numbers) -> Numbers:
        return np.asarray(self.events.at[self._event(numbers)])

    def _town(self, numbers: Numbers) -> Numbers:
        event = self._event(numbers)
        draw = event + self.chance.uniform("town", numbers)
        of_event = np.searchsorted(self.events.towns, draw, side="right") - event * self.events.town_count
        struck = np.clip(of_event, 0, self.events.town_count - 1)
        claimed = self.chance.choose("town", numbers, self.world.population)
        return np.where(numbers < self.incidents, struck, claimed)

    def _facility(self, numbers: Numbers, town: Numbers, asset: Numbers) -> Numbers:
        listed = self.world.facilities
        there = listed.count[asset, town]
        is_listed = self.chance.happens("listed", numbers, self._listed_share[asset]) & (there > 0)
        which = listed.first[asset, town] + self.chance.below("facility", numbers, np.maximum(1, there))
        return np.where(is_listed, which, -1)

    @cached_property
    def _listed_share(self) -> Floats:
        """For each asset, the share of its incidents at listed facilities: few enough that most differ."""
        expected = np.maximum(1e-9, self.incidents * self._weights / self._weights.sum())
        share = LISTED_AT_MOST * self.world.facilities.count.sum(axis=1) / expected
        return np.asarray(np.minimum(0.9, share), dtype=np.float64)

    def _position(
        self, numbers: Numbers, town: Numbers, asset: Numbers, facility: Numbers
    ) -> tuple[Floats, Floats]:
        world = self.world
        home_x, home_y = world.longitude[town], world.latitude[town]
        x, y = around(self.chance, "site", numbers, home_x, home_y, world.spread_m[town], world.reach_m[town])
        there = world.neighbours[town, self.chance.below("road", numbers, ROADS)]
        share = self._along(numbers, town, there)
        on_road = np.isin(asset, [ASSETS.index(way) for way in WAYS]) & (there != town)
        x = np.where(on_road, home_x + share * (world.longitude[there] - home_x), x)
        y = np.where(on_road, home_y + share * (world.latitude[there] - home_y), y)
        listed = world.facilities
        if len(listed.town):
            x, y = (
                np.where(facility < 0, a, b[facility])
                for a, b in ((x, listed.longitude), (y, listed.latitude))
            )
        return np.round(x, 6), np.round(y, 6)

    def _along(self, numbers: Numbers, town: Numbers, there: Numbers) -> Floats:
        """Return how far along the road to the next town, 0 to half: most within ROAD_STEP_M."""
        world = self.world
        north = np.radians(world.latitude[there] - world.latitude[town])
        east = np.radians(world.longitude[there] - world.longitude[town]) * np.cos(
            np.radians(world.latitude[town])
        )
        metres = np.maximum(1.0, np.hypot(east, north) * 6_371_008.8)
        far = -np.log1p(-self.chance.uniform("along", numbers)) * ROAD_STEP_M
        return np.asarray(np.minimum(0.5, far / metres))

    def _damage(self, numbers: Numbers, first: Numbers) -> Numbers:
        own = self.chance.choose("damage", numbers, DAMAGE_WEIGHTS)
        before = self.chance.choose("damage", first, DAMAGE_WEIGHTS)
        struck_again = np.minimum(5, np.maximum(own, before + 1))
        damage = np.where(first == numbers, own, struck_again)
        return np.where(numbers < self.incidents, damage, 4 + numbers % 4 // 2)  # rumours claim the worst

    def _service(self, numbers: Numbers, asset: Numbers, damage: Numbers) -> Numbers:
        serves = np.isin(asset, [ASSETS.index(name) for name in SERVES])
        limps = (damage >= 2) | self.chance.happens("limps", numbers, 0.3)
        return np.where(serves, np.where(damage >= 4, 3, np.where(limps, 2, 1)), 0)

    def _people(self, first: Numbers, asset: Numbers) -> Numbers:
        people = np.exp(1.5 + self.chance.normal("people", first))
        many = np.isin(asset, [ASSETS.index("apartment_building")])
        none = np.isin(asset, [ASSETS.index(way) for way in WAYS])
        return np.where(none, 0, np.maximum(1, np.round(people * np.where(many, 8, 1)))).astype(np.int64)

    def _repaired(self, numbers: Numbers, happened: Numbers, damage: Numbers) -> Numbers:
        hours = MEDIAN_REPAIR_HOURS * np.exp(0.7 * self.chance.normal("repair", numbers))
        at = happened + (hours * HOUR).astype(np.int64)
        is_repaired = self.chance.happens("repaired", numbers, REPAIRED_SHARE) & (damage >= 1) & (damage <= 4)
        return np.where(is_repaired & (at < self.horizon_s), at, -1)
