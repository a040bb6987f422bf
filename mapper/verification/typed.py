"""What a person typed into a case's forms, as the decision's own types; and what changed while they typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from werkzeug.datastructures import MultiDict

from mapper.vocabulary.states import Kind
from mapper.vocabulary.text import N_

NUMBERS = (
    "position_accuracy_m",
    "longitude",
    "latitude",
    "place_precision",
    "time_precision",
    "supersedes",
)
WORDS = ("source_grade", "information_grade", "into", "other", "report", "service_state", "weather")
MOST_CLAIMS = 8
CLAIM_NUMBERS = ("damage_low", "damage_high", "longitude", "latitude", "position_accuracy_m")
TICKS = ("imagery", "no_conflict", "own_organisation")
# What of an incident a form remembers, so that both versions can be shown when it has changed meanwhile.
SEEN: Mapping[str, str] = {
    "status": N_("State"),
    "damage_low": N_("Damage, at least"),
    "damage_high": N_("Damage, at most"),
    "service_state": N_("Service"),
    "people_affected_high": N_("People affected"),
    "reports": N_("Reports"),
    "origins": N_("Independent origins"),
    "position_accuracy_m": N_("How exact the position is, in metres"),
    "merged_into": N_("Merged into"),
}


def details_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return a form's fields; what is no number stays text, and is refused."""
    found: dict[str, Any] = {}
    for name in ("damage_low", "damage_high"):
        if name in form:
            found[name] = None if form[name] == "" else _number(form[name])
    found |= {name: _number(form[name]) for name in NUMBERS if form.get(name, "").strip()}
    found |= {name: form[name].strip() for name in WORDS if form.get(name, "").strip()}
    found |= {name: True for name in TICKS if form.get(name)}
    found |= {name: form.getlist(name) for name in ("reports", "parts") if form.getlist(name)}
    if form.get("repaired_at"):
        found["repaired_at"] = f"{form['repaired_at']}T00:00:00Z"
    if form.get("kind") == Kind.DIVIDE:
        found["claims"] = [claim for number in range(MOST_CLAIMS) if (claim := _claim_of(form, number))]
    return found


def _claim_of(form: MultiDict[str, str], number: int) -> dict[str, Any]:
    """Return what was typed of one claim; nothing where all of it was left empty."""
    names = ("words", "asset", "observed_at", *CLAIM_NUMBERS)
    typed = {name: text for name in names if (text := form.get(f"claim-{number}-{name}", "").strip())}
    claim: dict[str, Any] = {
        name: _number(text) if name in CLAIM_NUMBERS else text for name, text in typed.items()
    }
    if "observed_at" in claim:
        claim["observed_at"] = f"{claim['observed_at']}T00:00:00Z"
    return claim


def remembered(properties: Mapping[str, Any]) -> str:
    """Return what a form keeps of the incident as it was when the person looked."""
    return orjson.dumps({name: properties[name] for name in SEEN}).decode()


def differences(seen: str, properties: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return (label, then, now) of what has changed; nothing where `seen` cannot be read."""
    try:
        then = orjson.loads(seen)
    except orjson.JSONDecodeError:
        return []
    if not isinstance(then, dict):
        return []
    return [
        (label, then[name], properties[name])
        for name, label in SEEN.items()
        if isinstance(then.get(name, ()), str | int | float | None) and then[name] != properties[name]
    ]


def _number(text: str) -> Any:
    text = text.strip().replace(",", ".")
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text
