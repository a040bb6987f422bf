"""What the public form offers to choose from, in plain words, and what each choice means."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from mapper.vocabulary.text import N_


@dataclass(frozen=True)
class Choice:
    """One choice: what is sent, what is read (gettext messages), and its symbol."""

    value: str
    label: str
    hint: str = ""
    icon: str = ""


# What was damaged: sector codes, the commonest first; the second list opens on demand.
WHAT = (
    Choice("housing", N_("Home"), icon="housing"),
    Choice("health", N_("Hospital, clinic"), icon="health"),
    Choice("education", N_("School"), icon="education"),
    Choice("water", N_("Water, sewage"), icon="water"),
    Choice("power", N_("Electricity, heating"), icon="power"),
    Choice("transport", N_("Road, bridge, railway"), icon="transport"),
    Choice("commerce", N_("Shop, factory"), icon="commerce"),
    Choice("explosive_hazard", N_("Unexploded bomb"), icon="explosive_hazard"),
    Choice("unknown", N_("Something else"), icon="unknown"),
)
WHAT_ELSE = (
    Choice("telecom", N_("Phone, internet"), icon="telecom"),
    Choice("food", N_("Farm, food store"), icon="food"),
    Choice("culture", N_("Place of worship, museum"), icon="culture"),
    Choice("public_service", N_("Public building"), icon="public_service"),
)

# How badly: the project's scale of 0 to 5 as somebody in the street would say it.
UNKNOWN = "unknown"
HOW_BADLY = (
    Choice("0", N_("No damage to see")),
    Choice("1", N_("Slight"), N_("Broken windows, plaster or tiles fallen")),
    Choice("2", N_("Moderate"), N_("Cracks in many walls, part of the roof gone")),
    Choice("3", N_("Heavy"), N_("Large cracks, roof open, but the walls stand")),
    Choice("4", N_("Very heavy"), N_("Walls or floors have partly collapsed")),
    Choice("5", N_("Destroyed"), N_("Collapsed or burnt out")),
    Choice(UNKNOWN, N_("I do not know")),
)

WORKS = (
    Choice("", N_("I do not know")),
    Choice("working", N_("Yes, it works")),
    Choice("partial", N_("Partly")),
    Choice("out", N_("No, it is out of service")),
)

# What the sender agrees to. A new wording is a new version; what was read is kept as its hash.
CONSENT_VERSION = "1"
CONSENT = (
    Choice(
        "public",
        N_("Count it in public figures"),
        N_("Only numbers for whole areas, never your words, photos or the exact place."),
    ),
    Choice(
        "partner",
        N_("Share it with relief organisations only"),
        N_("It helps them plan and is in no public figure."),
    ),
    Choice(
        "internal",
        N_("Keep it with this crisis' own team"),
        N_("Verifiers and coordinators see it, nobody else."),
    ),
)
CONSENT_QUESTION = N_("What may we do with it?")


def consent_record(translate: Callable[[str], str]) -> dict[str, str]:
    """Return version and SHA-256 of the consent's wording as it was read, for the raw payload."""
    read = [CONSENT_QUESTION, *(text for choice in CONSENT for text in (choice.label, choice.hint))]
    words = "\n".join(str(translate(text)) for text in read)
    return {"version": CONSENT_VERSION, "sha256": hashlib.sha256(words.encode()).hexdigest()}
