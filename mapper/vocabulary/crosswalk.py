"""The crosswalk: each class of another damage scale as an interval on ours, with the confidence it states.

One table. Where `field-notes.md` (F) and `interop.md` (I) differ:

- "Possibly damaged" (Copernicus; UNOSAT class 4, "possible") is F [1, 3] and [0, 2], I a lossy "slight". Both
  mix how sure the analyst is with how bad it is. Decided: confidence `possible`, interval [0, 5].
- Copernicus "Damaged" is F [2, 4], I "moderate" or "severe": the wider one, [2, 4].
- UNOSAT 3 "moderate" is F [2, 3], I "moderate": [2, 3]. UNOSAT 2 "severe" is F [3, 4], I "severe": [3, 4].
- UNOSAT 5, 6 and 11 mean different things in different files: unknown here; the importer asks.
- xBD "major-damage" is I both moderate (D3) and severe: [3, 4]; "minor-damage" is I slight or D2: [1, 2].
- "No visible damage" from the air is F [0, 1] for Copernicus: a roof may stand on collapsed walls.
- Microsoft's share of a footprint is no grade: damaged = 1, or any share above 0, is confidence `possible`,
  [0, 5]; damaged = 0 is [0, 1], as from the air.
- EMS-98 has no class "none", so nothing of it maps to 0.
- HAZUS "none" is F 0, and so is Sahana's: somebody stood there. HAZUS "extensive" is F 3 and 4.

A value that is not in the table is unknown: no interval. The sender's scale and value are always kept beside
the interval, so that nothing is lost, and an interval never narrows by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

CERTAIN, POSSIBLE = "certain", "possible"


@dataclass(frozen=True)
class Graded:
    """One class of a scale: the interval on ours, both ends or neither, and how sure the scale's class is."""

    low: int | None
    high: int | None
    confidence: str = CERTAIN


UNKNOWN = Graded(None, None)
ANY = Graded(0, 5, POSSIBLE)
FROM_THE_AIR = Graded(0, 1)  # none visible

SOURCES: dict[str, str] = {
    "damage_grade": "This project's own scale",
    "ems98": "European Macroseismic Scale 1998, grades 1 to 5",
    "copernicus": "Copernicus EMS rapid mapping, classes since 2017",
    "copernicus_2016": "Copernicus EMS rapid mapping, classes up to 2016",
    "unosat": "UNOSAT Main_Damage_Site_Class, classes 1 to 4",
    "xbd": "xBD joint damage scale (xView2)",
    "microsoft": "Microsoft AI for Good building damage, damaged 0 or 1",
    "fema_pda": "FEMA Preliminary Damage Assessment Guide 2020",
    "hazus": "HAZUS damage states",
    "atc20": "ATC-20 placards: safety postings, not damage",
    "sahana": "Sahana Eden damage bands, share of the building",
    "evidnovlennia": "Ukraine's eVidnovlennia repair categories",
}

# Other names of the scales, as letters and digits only.
ALIASES: dict[str, str] = {
    "ems": "ems98",
    "cems": "copernicus",
    "copernicusems": "copernicus",
    "cems2016": "copernicus_2016",
    "unosatgrade": "unosat",
    "xview2": "xbd",
    "fema": "fema_pda",
    "pda": "fema_pda",
    "atc": "atc20",
    "tag": "atc20",
    "sahanaeden": "sahana",
}

CROSSWALK: dict[str, dict[str, Graded]] = {
    "damage_grade": {str(grade): Graded(grade, grade) for grade in range(6)},
    "ems98": {
        name: Graded(grade, grade)
        for grade in range(1, 6)
        for name in (f"d{grade}", f"grade {grade}", f"damage grade {grade}", str(grade))
    },
    "copernicus": {
        "no visible damage": FROM_THE_AIR,
        "possibly damaged": ANY,
        "damaged": Graded(2, 4),
        "destroyed": Graded(4, 5),
        "not analysed": UNKNOWN,
        "not analyzed": UNKNOWN,
    },
    "copernicus_2016": {
        "not affected": FROM_THE_AIR,
        "negligible to slight damage": Graded(1, 1),
        "negligible to slight": Graded(1, 1),
        "moderately damaged": Graded(2, 3),
        "highly damaged": Graded(3, 4),
        "completely destroyed": Graded(5, 5),
    },
    "unosat": {
        "1": Graded(4, 5),
        "destroyed": Graded(4, 5),
        "2": Graded(3, 4),
        "severe damage": Graded(3, 4),
        "3": Graded(2, 3),
        "moderate damage": Graded(2, 3),
        "4": ANY,
        "possible damage": ANY,
    },
    "xbd": {
        "no-damage": Graded(0, 0),
        "minor-damage": Graded(1, 2),
        "major-damage": Graded(3, 4),
        "destroyed": Graded(5, 5),
        "un-classified": UNKNOWN,
    },
    "microsoft": {"0": FROM_THE_AIR, "1": ANY},
    "fema_pda": {
        "affected": Graded(1, 1),
        "minor": Graded(2, 2),
        "minor damage": Graded(2, 2),
        "major": Graded(3, 4),
        "major damage": Graded(3, 4),
        "destroyed": Graded(5, 5),
    },
    "hazus": {
        "none": Graded(0, 0),
        "slight": Graded(1, 1),
        "moderate": Graded(2, 2),
        "extensive": Graded(3, 4),
        "complete": Graded(4, 5),
    },
    "atc20": {
        "green": Graded(0, 1),
        "inspected": Graded(0, 1),
        "yellow": Graded(1, 3),
        "restricted use": Graded(1, 3),
        "red": Graded(0, 5),  # the danger may come from next door
        "unsafe": Graded(0, 5),
    },
    "sahana": {
        "none": Graded(0, 0),
        "0-10%": Graded(1, 1),
        "10-30%": Graded(2, 2),
        "30-60%": Graded(3, 3),
        "60-100%": Graded(4, 4),
        "100%": Graded(5, 5),
    },
    "evidnovlennia": {
        "current repair": Graded(1, 2),
        "поточний ремонт": Graded(1, 2),
        "capital repair": Graded(2, 4),
        "капітальний ремонт": Graded(2, 4),
        "destroyed": Graded(4, 5),
        "знищено": Graded(4, 5),
    },
}


def to_interval(scale: str, value: str) -> Graded:
    """Return the class of a scale on ours; letter case and whatever is no letter or digit do not matter.

    An unknown scale or value gives no interval, never 0: the caller keeps both beside it.
    """
    name = _plain(scale)
    name = ALIASES.get(name, name)
    if name == "microsoft":
        return _of_share(value)
    return _CLASSES.get(_plain(name), {}).get(_plain(value), UNKNOWN)


def _of_share(value: str) -> Graded:
    """Read Microsoft's `damaged` (0 or 1) or a share of the footprint, 0 to 1."""
    try:
        share = float(value)
    except ValueError:
        return UNKNOWN
    if not 0 <= share <= 1:
        return UNKNOWN
    return CROSSWALK["microsoft"]["1" if share else "0"]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


_CLASSES = {
    _plain(scale): {_plain(value): graded for value, graded in classes.items()}
    for scale, classes in CROSSWALK.items()
}
