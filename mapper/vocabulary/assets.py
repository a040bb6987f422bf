"""Asset types: what was damaged, with sector, OpenStreetMap tag and the words people use for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.text import N_


@dataclass(frozen=True)
class Asset:
    """An asset type. `words` are lower-case beginnings of words, in several languages, that name it."""

    code: str
    label: str
    sector: str
    osm_tag: str
    words: tuple[str, ...]


_TABLE = (
    Asset(
        "apartment_building",
        N_("Apartment building"),
        "housing",
        "building=apartments",
        (
            "apartment",
            "immeuble",
            "багатоповерх",
            "многоэтаж",
            "apartman",
            "edificio de apartamentos",
            "عمارة",
        ),
    ),
    Asset(
        "dwelling",
        N_("House"),
        "housing",
        "building=house",
        (
            "house",
            "home",
            "dwelling",
            "residential",
            "maison",
            "kay",
            "житл",
            "будинок",
            "casa",
            "vivienda",
            "منزل",
            "بيت",
            "konut",
        ),
    ),
    Asset(
        "shelter",
        N_("Shelter or camp"),
        "housing",
        "social_facility=shelter",
        ("idp concentration", "camp ", "collective centre"),
    ),
    Asset(
        "clinic",
        N_("Clinic"),
        "health",
        "amenity=clinic",
        ("clinic", "clinique", "dispensaire", "клінік", "поліклінік", "عيادة", "klinik", "clínica"),
    ),
    Asset(
        "hospital",
        N_("Hospital"),
        "health",
        "amenity=hospital",
        (
            "hospital",
            "hôpital",
            "hopital",
            "лікарн",
            "больниц",
            "مستشفى",
            "hastane",
            "healthcare",
            "health facility",
        ),
    ),
    Asset(
        "university",
        N_("University"),
        "education",
        "amenity=university",
        ("universi", "університет", "جامعة", "üniversite", "college"),
    ),
    Asset(
        "school",
        N_("School or childcare"),
        "education",
        "amenity=school",
        (
            "school",
            "école",
            "ecole",
            "lekol",
            "childcare",
            "kindergarten",
            "школ",
            "садок",
            "escuela",
            "colegio",
            "مدرسة",
            "okul",
        ),
    ),
    Asset(
        "sewer",
        N_("Sewer"),
        "water",
        "man_made=wastewater_plant",
        ("sewer", "sewage", "wastewater", "égout", "каналізац", "alcantarill", "kanalizasyon", "مجاري"),
    ),
    Asset(
        "water_supply",
        N_("Water supply"),
        "water",
        "man_made=water_works",
        (
            "water supply",
            "waterworks",
            "water main",
            "pump station",
            "well ",
            "réseau d'eau",
            "водопостачан",
            "водопров",
            "acueducto",
            "su şebekesi",
            "شبكة المياه",
        ),
    ),
    Asset(
        "substation",
        N_("Substation"),
        "power",
        "power=substation",
        (
            "substation",
            "transformer",
            "poste électrique",
            "підстанц",
            "трансформатор",
            "subestación",
            "trafo",
            "محطة تحويل",
        ),
    ),
    Asset(
        "power_plant",
        N_("Power plant"),
        "power",
        "power=plant",
        (
            "power plant",
            "power station",
            "centrale électrique",
            "електростанц",
            "тес",
            "central eléctrica",
            "santral",
            "محطة كهرباء",
        ),
    ),
    Asset(
        "power_line",
        N_("Power line"),
        "power",
        "power=line",
        ("power line", "ligne électrique", "лінія електро", "línea eléctrica", "elektrik hattı"),
    ),
    Asset(
        "heating",
        N_("Heating"),
        "power",
        "man_made=heating_plant",
        ("heating", "boiler house", "chauffage", "котельн", "опален", "calefacción"),
    ),
    Asset(
        "telecom_site",
        N_("Telecommunication site"),
        "telecom",
        "man_made=communications_tower",
        (
            "telecom",
            "communication line",
            "cell tower",
            "mobile tower",
            "antenne",
            "вишка зв",
            "torre de comunica",
            "برج اتصالات",
            "baz istasyonu",
        ),
    ),
    Asset(
        "bridge",
        N_("Bridge"),
        "transport",
        "man_made=bridge",
        ("bridge", "pont ", "міст", "мост", "puente", "جسر", "köprü"),
    ),
    Asset(
        "rail",
        N_("Railway"),
        "transport",
        "railway=rail",
        ("rail", "train station", "gare", "залізнич", "вокзал", "ferrocarril", "سكة حديد", "demiryolu"),
    ),
    Asset(
        "port",
        N_("Port"),
        "transport",
        "landuse=port",
        ("port ", "harbour", "harbor", "порт", "puerto", "ميناء", "liman"),
    ),
    Asset(
        "airport",
        N_("Airport"),
        "transport",
        "aeroway=aerodrome",
        ("airport", "airfield", "aéroport", "аеропорт", "aeropuerto", "مطار", "havalimanı"),
    ),
    Asset(
        "road",
        N_("Road"),
        "transport",
        "highway=*",
        ("road", "street ", "highway", "route ", "дорог", "carretera", "طريق", "yol "),
    ),
    Asset(
        "warehouse",
        N_("Warehouse"),
        "commerce",
        "building=warehouse",
        ("warehouse", "entrepôt", "склад", "almacén", "مستودع", "depo"),
    ),
    Asset(
        "factory",
        N_("Factory"),
        "commerce",
        "man_made=works",
        ("factory", "industrial", "plant", "usine", "завод", "фабрик", "fábrica", "مصنع", "fabrika"),
    ),
    Asset(
        "market",
        N_("Market"),
        "commerce",
        "amenity=marketplace",
        ("market", "marché", "mache", "ринок", "mercado", "سوق", "pazar"),
    ),
    Asset(
        "shop",
        N_("Shop or office"),
        "commerce",
        "shop=*",
        ("shop", "store", "commercial", "office", "hotel", "magasin", "магазин", "tienda", "متجر", "dükkan"),
    ),
    Asset(
        "religious_site",
        N_("Place of worship"),
        "culture",
        "amenity=place_of_worship",
        (
            "religious",
            "church",
            "mosque",
            "église",
            "legliz",
            "церкв",
            "собор",
            "iglesia",
            "مسجد",
            "كنيسة",
            "cami",
            "temple",
        ),
    ),
    Asset(
        "museum",
        N_("Museum or heritage"),
        "culture",
        "tourism=museum",
        (
            "museum",
            "heritage",
            "cultural",
            "theatre",
            "theater",
            "musée",
            "музе",
            "театр",
            "museo",
            "متحف",
            "müze",
        ),
    ),
    Asset(
        "farm",
        N_("Farm"),
        "food",
        "landuse=farmyard",
        ("farm", "agricult", "ferme", "ферм", "granja", "مزرعة", "çiftlik"),
    ),
    Asset(
        "food_storage",
        N_("Food storage"),
        "food",
        "man_made=silo",
        ("silo", "grain", "granary", "елеватор", "зерно", "صوامع"),
    ),
    Asset(
        "government_building",
        N_("Public building"),
        "public_service",
        "office=government",
        (
            "administrative",
            "government",
            "town hall",
            "police",
            "fire station",
            "mairie",
            "адміністра",
            "ayuntamiento",
            "بلدية",
            "belediye",
        ),
    ),
    Asset(
        "ordnance",
        N_("Unexploded ordnance"),
        "explosive_hazard",
        "hazard=unexploded_ordnance",
        ("unexploded", "ordnance", "mine field", "landmine", "мін", "нерозірван", "لغم", "mayın"),
    ),
    Asset("other", N_("Something else"), "unknown", "", ()),
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


# Words of states, needs and sectors that name no asset; Ushahidi's Haiti deployment among the sources.
_HINTS: tuple[tuple[str, CategoryHint], ...] = (
    ("collapsed structure", CategoryHint("unknown", None, 4, 5)),
    ("unstable structure", CategoryHint("unknown", None, 2, 4)),
    ("road blocked", CategoryHint("transport", "road", service_state="out")),
    ("compromised bridge", CategoryHint("transport", "bridge", 1, 5)),
    ("communication lines down", CategoryHint("telecom", "telecom_site", service_state="out")),
    ("power outage", CategoryHint("power", None, service_state="out", needs=("power",))),
    ("contaminated water", CategoryHint("water", None, needs=("water",))),
    ("water shortage", CategoryHint("water", None, needs=("water",))),
    ("water sanitation", CategoryHint("water", None, needs=("hygiene",))),
    ("food shortage", CategoryHint("food", None, needs=("food",))),
    ("food distribution", CategoryHint("food", None)),
    ("water distribution", CategoryHint("water", None)),
    ("shelter needed", CategoryHint("housing", None, needs=("shelter",))),
    ("medical equipment", CategoryHint("health", None, needs=("medical",))),
    ("medical emergency", CategoryHint("health", None, needs=("medical",))),
    ("people trapped", CategoryHint("unknown", None, needs=("rescue",))),
    ("search and rescue", CategoryHint("unknown", None, needs=("rescue",))),
    ("clinics operating", CategoryHint("health", None, service_state="working")),
    ("public health", CategoryHint("health", None)),
    ("infectious human disease", CategoryHint("health", None, needs=("medical",))),
    ("fuel shortage", CategoryHint("power", None, needs=("fuel",))),
    ("non-food aid", CategoryHint("housing", None)),
)


@lru_cache(maxsize=4096)
def hints_of(category: str) -> CategoryHint:
    """Return what a category tells: one of our codes, another system's label, or a word in several languages.

    A list with commas (Ushahidi exports) is read in order; each part adds what the parts before left open.
    """
    text = " ".join(category.casefold().split())
    if text in ASSETS:
        return CategoryHint(ASSETS[text].sector, text)
    if text in SECTORS:
        return CategoryHint(text)
    hint = CategoryHint()
    for part in text.split(","):
        hint = _joined(hint, _hint_of_part(part.strip()))
    return hint


def match_category(category: str) -> tuple[str | None, str]:
    """Return asset code (or None) and sector code of a sender's word."""
    hint = hints_of(category)
    return hint.asset, hint.sector


def _hint_of_part(part: str) -> CategoryHint:
    for words, hint in _HINTS:
        if words in part:
            return hint
    padded = f"{part} "
    for asset in _TABLE:
        if any(re.search(rf"(?<!\w){re.escape(word)}", padded) for word in asset.words):
            return CategoryHint(asset.sector, asset.code)
    return CategoryHint()


def _joined(first: CategoryHint, second: CategoryHint) -> CategoryHint:
    known = first.sector != "unknown"
    graded = first.damage_low is not None
    return CategoryHint(
        first.sector if known else second.sector,
        first.asset or (second.asset if not known or second.sector == first.sector else None),
        first.damage_low if graded else second.damage_low,
        first.damage_high if graded else second.damage_high,
        first.service_state or second.service_state,
        tuple(dict.fromkeys((*first.needs, *second.needs))),
    )
