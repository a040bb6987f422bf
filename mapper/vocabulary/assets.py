"""Asset types: what was damaged, with its sector and OpenStreetMap tag; and what senders' own words tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from mapper.vocabulary.phrases import Phrasebook, entries_of
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.text import N_
from mapper.vocabulary.words import (
    ASSET_WORDS,
    DAMAGE_WORDS,
    LABELS,
    NEED_WORDS,
    SECTOR_WORDS,
    SERVICE_WORDS,
)


@dataclass(frozen=True)
class Asset:
    """An asset type. Its source is OpenStreetMap's tagging: `osm_tag` names the same thing there."""

    code: str
    label: str
    sector: str
    osm_tag: str


_TABLE = (
    Asset("apartment_building", N_("Apartment building"), "housing", "building=apartments"),
    Asset("dwelling", N_("House"), "housing", "building=house"),
    Asset("shelter", N_("Shelter or camp"), "housing", "social_facility=shelter"),
    Asset("clinic", N_("Clinic"), "health", "amenity=clinic"),
    Asset("hospital", N_("Hospital"), "health", "amenity=hospital"),
    Asset("university", N_("University"), "education", "amenity=university"),
    Asset("school", N_("School or childcare"), "education", "amenity=school"),
    Asset("sewer", N_("Sewer"), "water", "man_made=wastewater_plant"),
    Asset("water_supply", N_("Water supply"), "water", "man_made=water_works"),
    Asset("substation", N_("Substation"), "power", "power=substation"),
    Asset("power_plant", N_("Power plant"), "power", "power=plant"),
    Asset("power_line", N_("Power line"), "power", "power=line"),
    Asset("heating", N_("Heating"), "power", "man_made=heating_plant"),
    Asset("telecom_site", N_("Telecommunication site"), "telecom", "man_made=communications_tower"),
    Asset("bridge", N_("Bridge"), "transport", "man_made=bridge"),
    Asset("rail", N_("Railway"), "transport", "railway=rail"),
    Asset("port", N_("Port"), "transport", "landuse=port"),
    Asset("airport", N_("Airport"), "transport", "aeroway=aerodrome"),
    Asset("road", N_("Road"), "transport", "highway=*"),
    Asset("warehouse", N_("Warehouse"), "commerce", "building=warehouse"),
    Asset("factory", N_("Factory"), "commerce", "man_made=works"),
    Asset("market", N_("Market"), "commerce", "amenity=marketplace"),
    Asset("shop", N_("Shop or office"), "commerce", "shop=*"),
    Asset("religious_site", N_("Place of worship"), "culture", "amenity=place_of_worship"),
    Asset("museum", N_("Museum or heritage"), "culture", "tourism=museum"),
    Asset("farm", N_("Farm"), "food", "landuse=farmyard"),
    Asset("food_storage", N_("Food storage"), "food", "man_made=silo"),
    Asset("government_building", N_("Public building"), "public_service", "office=government"),
    Asset("ordnance", N_("Unexploded ordnance"), "explosive_hazard", "hazard=unexploded_ordnance"),
    Asset("other", N_("Something else"), "unknown", ""),
)
ASSETS: dict[str, Asset] = {asset.code: asset for asset in _TABLE}


@dataclass(frozen=True)
class CategoryHint:
    """What a sender's own category tells: never more than the word says; what it does not say is null."""

    sector: str = "unknown"
    asset: str | None = None
    damage_low: int | None = None
    damage_high: int | None = None
    service_state: str | None = None
    needs: tuple[str, ...] = ()


NOTHING = CategoryHint()

_LABELS = Phrasebook(entries_of(LABELS))
_ASSETS = Phrasebook((words, (code, ASSETS[code].sector)) for code, words in ASSET_WORDS.items())
_SECTORS = Phrasebook((words, (None, code)) for code, words in SECTOR_WORDS.items())
_DAMAGE = Phrasebook(entries_of(DAMAGE_WORDS))
_SERVICE = Phrasebook(entries_of(SERVICE_WORDS))
_NEEDS = Phrasebook(entries_of(NEED_WORDS))


@lru_cache(maxsize=4096)
def hints_of(category: str) -> CategoryHint:
    """Return what a category tells: one of our codes, another system's label, or a word in several languages.

    A list with commas (Ushahidi exports) is read part by part. The part that tells of damage or service
    says what the report is about, or else the first that says anything; other parts add their needs.
    """
    parts = [_hint_of_part(part) for part in category.split(",")]
    main = max(parts, key=_tells)  # the first of equals
    about_the_same = [part for part in parts if part.sector == main.sector]
    return CategoryHint(
        main.sector,
        next((part.asset for part in about_the_same if part.asset), None),
        main.damage_low,
        main.damage_high,
        next((part.service_state for part in about_the_same if part.service_state), None),
        tuple(dict.fromkeys(need for part in parts for need in part.needs)),
    )


def match_category(category: str) -> tuple[str | None, str]:
    """Return asset code (or None) and sector code of a sender's word."""
    hint = hints_of(category)
    return hint.asset, hint.sector


def _tells(hint: CategoryHint) -> int:
    """How much a part tells of what was damaged: 0 nothing."""
    if hint.damage_low is not None:
        return 4
    if hint.service_state:
        return 3
    return 2 if hint.asset else int(hint.sector != NOTHING.sector)


def _hint_of_part(part: str) -> CategoryHint:
    code = "_".join(part.casefold().split())
    if code in ASSETS:
        return CategoryHint(ASSETS[code].sector, code)
    if code in SECTORS:
        return CategoryHint(code)
    things = chain(_LABELS.find(part), _ASSETS.find(part), _SECTORS.find(part))
    asset, sector = next(things, (NOTHING.asset, NOTHING.sector))
    low, high = next(iter(_DAMAGE.find(part)), (None, None))
    service = next(iter(_SERVICE.find(part)), None)
    needs = tuple(sorted(set(_NEEDS.find(part))))
    return CategoryHint(sector, asset, low, high, service, needs)
