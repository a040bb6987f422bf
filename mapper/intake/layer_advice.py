"""Whether a file's rows are reports at all, or what was known of a place: areas, sites, figures, activities.

Somebody who brings a table of districts or a list of sites as reports gets one report for each district or
site, which nobody saw damaged. It is only said: the file may be what its sender says it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from mapper.files.headings import plain_heading

MOST_AREAS = 0.8
FEW = 3  # so many columns of one kind are no accident
CODES = re.compile(
    r"(adm(in)?\d? ?)?p-?codes?|adm\d ?(p?code|name|[a-z]{2})|hlcit( code)?|ocha pcode|"
    r"dist(rict)? ?(id|code)|(zone|reg(ion)?) code"
)
AREA_NAMES = re.compile(r"district|zone|region|province|department|adm\d.*|oblast|governorate|municipality")
FIGURES = re.compile(
    r"(deaths?|dead|killed|injured|missing|displaced|households?|families|population|affected|publicbu\w*|"
    r"govtbu\w*|(fully|partially|partly|completely) (damaged|destroyed)|"
    r"(damaged|destroyed) (houses|buildings|homes)|houses (damaged|destroyed)|"
    r"(total|male|female|men|women|children)\b).*"
)
SITES = re.compile(
    r"(site|camp|facility|station|plant|school|hospital) (name|type|id|code)|type of (site|camp|facility)|"
    r"capacity( \w+)?|.*management established|beds|primary fuel|operator"
)
ORGANISATIONS = re.compile(r"#org.*|organi[sz]ation|agency|(implementing )?partner|ngo")
WORK = re.compile(r"#sector.*|#activity.*|#subsector.*|sector|cluster|activity|activities")
SAID = {"text", "damage_grade", "damage_value", "service_state"}  # fields that tell of something seen


def advice_for(
    columns: Sequence[str], tags: Mapping[str, str], fields: Collection[str], areas: float
) -> str | None:
    """Return the kind of layer that a table looks like, None for reports.

    `fields` are those of a report that were found, `areas` the share of rows whose geometry is an area.
    """
    headings = [*map(plain_heading, columns), *(tag.strip().casefold() for tag in tags.values())]

    def count(pattern: re.Pattern[str]) -> int:
        return sum(pattern.fullmatch(heading) is not None for heading in headings)

    if areas >= MOST_AREAS and count(CODES):
        return "assessment" if count(FIGURES) else "areas"
    if {"text", "damage_grade"} <= set(fields):
        return None
    if count(ORGANISATIONS) and count(WORK) and "damage_value" not in fields:
        return "activities"
    if SAID & set(fields):
        return None
    if count(FIGURES) >= FEW and (count(CODES) or count(AREA_NAMES)) and not count(SITES):
        return "assessment"
    return "facilities" if count(SITES) else None
