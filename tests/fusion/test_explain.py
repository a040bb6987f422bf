"""Explaining: the numbers of a join, and the words a person reads."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from mapper.fusion.explain import FIRST, in_words, numbers
from mapper.fusion.partition import located_table

from tests.fusion.making import report, unlocated

JOINED: dict[str, Any] = {
    "kind": "joined",
    "distance_m": 62,
    "accuracy_m": 50,
    "hours": 3.0,
    "words": 0.71,
    "same_category": True,
    "other_category": False,
    "same_place": None,
    "same_link": False,
    "same_photo": True,
}


def test_numbers_tell_how_two_reports_agree() -> None:
    a = report("a", "Hospital roof hit", category="hospital", place="Northtown", photos=(1,))
    b = report("b", "Roof of the hospital", 30, 40, 3.5, "hospital", "Northtown", photos=(3,))
    why = numbers(located_table([a, b]), 0, 1)
    assert (why["distance_m"], why["accuracy_m"], why["hours"]) == (50, 141, 3.5)
    assert why["same_category"] and why["same_photo"] and not why["same_link"]
    assert why["same_place"] == 1.0
    assert 0.4 < why["words"] < 0.9


def test_what_is_not_known_is_null() -> None:
    why = numbers(located_table([unlocated("a"), report("b", "Roof")]), 0, 1)
    assert (why["distance_m"], why["words"], why["same_place"]) == (None, None, None)
    assert not why["same_category"] and not why["other_category"]


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (JOINED, "62 m apart within ±50 m, 3 h between them, both Hospital, words 0.71, same photo"),
        (
            JOINED | {"distance_m": None, "same_category": False, "other_category": True, "words": None},
            "one of the two without a position, 3 h between them, different categories, same photo",
        ),
        (FIRST, "The first report of this incident"),
        ({"kind": "decision"}, "A person put it here"),
        ({}, ""),
    ],
)
def test_a_reason_in_words(app: Flask, why: dict[str, Any], words: str) -> None:
    with app.test_request_context():
        assert in_words(why, "hospital", "health") == words
