"""The words of the import page: what the fields of a report are called, and reasons in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import gettext as _

from mapper.vocabulary.text import N_

# In the order in which a person looks for them.
FIELD_LABELS: Mapping[str, str] = {
    "title": N_("Title"),
    "text": N_("What happened"),
    "category": N_("What is damaged"),
    "damage_grade": N_("Damage, 0 to 5"),
    "damage_value": N_("Damage on another scale"),
    "damage_scale": N_("Name of that scale"),
    "service_state": N_("Whether it works"),
    "latitude": N_("Latitude"),
    "longitude": N_("Longitude"),
    "position": N_("Both degrees in one column"),
    "position_accuracy_m": N_("Accuracy in metres"),
    "location_text": N_("Place in words"),
    "observed_at": N_("When it happened"),
    "observed_until": N_("Until when"),
    "people_affected": N_("People affected"),
    "needs": N_("Needs"),
    "source_id": N_("The sender’s own id of the report"),
    "source_url": N_("Address of the source"),
    "contact": N_("Contact"),
    "channel": N_("Channel"),
    "language": N_("Language"),
    "consent": N_("Consent"),
}

# Reasons that name numbers or a list: kept in English, found again here, said in the reader's words.
REASONS = (
    N_("is longer than %(most)s characters"),
    N_("is a whole number from 0 to %(most)s"),
    N_("is one of %(choices)s"),
    N_("the row has %(fields)s fields where the headings have %(width)s"),
    N_("the geometry has more than %(most)s positions"),
)
PLACE = re.compile(r"%\\\((\w+)\\\)s")  # as re.escape leaves it
FORMS = [(re.compile(PLACE.sub(r"(?P<\1>.+)", re.escape(form))), form) for form in REASONS]


def reason_in_words(reason: str) -> str:
    """Return why a row was refused, with the field's own name before it."""
    name, _space, rest = reason.partition(" ")
    if name in FIELD_LABELS and rest:
        return f"{_(FIELD_LABELS[name])}: {_sentence(rest)}"
    return _sentence(reason)


def _sentence(reason: str) -> str:
    for pattern, form in FORMS:
        if found := pattern.fullmatch(reason):
            return str(_(form, **found.groupdict()))
    return str(_(reason))
