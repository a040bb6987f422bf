"""Why a row was refused is said in the reader's words, numbers and lists in their place."""

from __future__ import annotations

import pytest
from mapper.intake import import_words
from mapper.intake.import_words import REASONS, reason_in_words
from mapper.vocabulary.services import SERVICE_STATES


@pytest.mark.parametrize(
    ("reason", "form", "values"),
    [
        ("damage_grade is a whole number from 0 to 5", REASONS[1], {"most": "5"}),
        ("text is longer than 20000 characters", REASONS[0], {"most": "20000"}),
        (
            "service_state is one of " + ", ".join(SERVICE_STATES),
            REASONS[2],
            {"choices": ", ".join(SERVICE_STATES)},
        ),
        ("the row has 3 fields where the headings have 8", REASONS[3], {"fields": "3", "width": "8"}),
        ("the geometry has more than 9 positions", REASONS[4], {"most": "9"}),
        ("the row says nothing", "the row says nothing", {}),
    ],
)
def test_a_reason_is_translated_by_its_form(monkeypatch, reason, form, values):
    asked = []
    monkeypatch.setattr(import_words, "_", lambda text, **given: asked.append((text, given)) or text % given)
    said = reason_in_words(reason)
    assert asked[-1] == (form, values)
    assert said.endswith(form % values)
