"""The public form read: from fields as a browser sends them to a Feature, or to what is wrong with them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mapper.intake.choices import CONSENT, HOW_BADLY, UNKNOWN, WHAT, WHAT_ELSE, WORKS, Choice
from mapper.vocabulary.text import N_

KEY = re.compile(r"[0-9a-f-]{36}")
MOST_PEOPLE = 1_000_000
LONGEST_COUNT = 10  # digits; Python refuses to read thousands of them

FIELDS_IN_ORDER = ("what", "damage", "place", "text", "photos", "seen_at", "people", "contact", "consent")

# The field beside which the complaint about a property of the Feature is shown.
FIELD_OF_POINTER = {
    "/geometry": "place",
    "/properties/text": "text",
    "/properties/location_text": "place",
    "/properties/position_accuracy_m": "place",
    "/properties/observed_at": "seen_at",
    "/properties/people_affected": "people",
    "/properties/contact": "contact",
}


@dataclass(frozen=True)
class FormRead:
    """What a form said: the report as a GeoJSON Feature, its key, and sentences about wrong fields."""

    document: dict[str, Any]
    key: str | None
    errors: dict[str, str] = field(default_factory=dict)  # field -> message for gettext


def read_form(
    fields: Mapping[str, str], timezone: str, consent: Mapping[str, str], language: str
) -> FormRead:
    """Return the form's report. Times without an offset are in the crisis' own time zone."""
    given = {name: value.strip() for name, value in fields.items()}
    errors: dict[str, str] = {}
    geometry, accuracy = _position(given)
    words = given.get("place_text", "")
    if geometry is None and not words:
        errors["place"] = N_("Say where it is: put a pin on the map, or describe the place in words")
    properties = {
        "category": _one_of(given, "what", (*WHAT, *WHAT_ELSE), errors, N_("Choose what was damaged")),
        "damage_grade": _grade(given, errors),
        "location_text": words or None,
        "position_accuracy_m": accuracy,
        "text": given.get("text") or None,
        "contact": given.get("contact") or None,
        "service_state": given["works"] if given.get("works") in _values(WORKS) else None,
        "observed_at": _moment(given.get("seen_at", ""), timezone, errors),
        "people_affected": _people(given.get("people", ""), errors),
        "consent": _one_of(given, "consent", CONSENT, errors, N_("Choose what we may do with your report")),
        "consent_record": dict(consent),
        "form_language": language,
    }
    kept = {name: value for name, value in properties.items() if value not in (None, "")}
    key = given.get("key", "")
    document = {"type": "Feature", "geometry": geometry, "properties": kept}
    return FormRead(document, key if KEY.fullmatch(key) else None, errors)


def _position(given: Mapping[str, str]) -> tuple[dict[str, Any] | None, float | None]:
    longitude, latitude = _number(given.get("longitude")), _number(given.get("latitude"))
    if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 90:
        return None, None
    accuracy = _number(given.get("accuracy"))
    return {"type": "Point", "coordinates": [longitude, latitude]}, accuracy if (accuracy or 0) > 0 else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _grade(given: Mapping[str, str], errors: dict[str, str]) -> int | None:
    value = _one_of(given, "damage", HOW_BADLY, errors, N_("Choose how bad it is, or that you do not know"))
    return None if value in ("", UNKNOWN) else int(value)


def _one_of(
    given: Mapping[str, str], name: str, choices: tuple[Choice, ...], errors: dict[str, str], complaint: str
) -> str:
    value = given.get(name, "")
    if value in _values(choices):
        return value
    errors[name] = complaint
    return ""


def _values(choices: tuple[Choice, ...]) -> set[str]:
    return {choice.value for choice in choices}


def _moment(text: str, timezone: str, errors: dict[str, str]) -> str | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        errors["seen_at"] = N_("Give the day and the time when you saw it")
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).isoformat()


def _people(text: str, errors: dict[str, str]) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > LONGEST_COUNT or int(text) > MOST_PEOPLE:
        errors["people"] = N_("Give the number of people in digits, such as 12")
        return None
    return int(text)
