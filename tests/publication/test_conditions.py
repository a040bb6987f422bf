"""CQL2 filters mean what the standard says, nulls included, and wrong ones are sentences."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.publication.conditions import ConditionError, parse_condition

from tests.publication.tables import internal

TABLE = internal(
    [
        {
            "sector": "health",
            "asset": "clinic",
            "damage_low": 3,
            "damage_high": 4,
            "needs_review": True,
            "lon_e7": 5_000_000,
            "lat_e7": 2_500_000,
            "happened_from": datetime(2026, 3, 1, tzinfo=UTC),
        },
        {
            "sector": "housing",
            "asset": "dwelling",
            "damage_low": 1,
            "damage_high": 1,
            "needs_review": False,
            "lon_e7": 50_000_000,
            "lat_e7": 50_000_000,
            "happened_from": datetime(2026, 3, 5, tzinfo=UTC),
        },
        {"sector": "water", "needs_review": False},
    ]
)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sector = 'health' AND damage_low >= 3", [0]),
        ("sector IN ('health', 'water')", [0, 2]),
        ("NOT sector = 'health'", [1, 2]),
        ("damage_low < 3", [1]),
        ("NOT damage_low < 3", [0]),  # the third is unknown, and so is its negation
        ("damage_low < 3 OR sector = 'water'", [1, 2]),
        ("damage_low IS NULL", [2]),
        ("damage_low IS NOT NULL", [0, 1]),
        ("damage_low BETWEEN 1 AND 3", [0, 1]),
        ("damage_low <> damage_high", [0]),
        ("asset LIKE 'c%'", [0]),
        ("CASEI(asset) = CASEI('CLINIC')", [0]),
        ("needs_review", [0]),
        ("needs_review = FALSE", [1, 2]),
        ("happened_from > TIMESTAMP('2026-03-02T00:00:00Z')", [1]),
        ("T_BEFORE(happened_from, DATE('2026-03-02'))", [0]),
        ("T_DURING(happened_from, INTERVAL('2026-03-01', '..'))", [1]),
        ("T_INTERSECTS(happened_from, INTERVAL('2026-03-01', '..'))", [0, 1]),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))", [0]),
        ("S_INTERSECTS(geometry, BBOX(0, 0, 10, 10))", [0, 1]),
        ("1 = 1", [0, 1, 2]),
    ],
)
def test_meaning(text: str, rows: list[int]) -> None:
    assert parse_condition(text)(TABLE).nonzero()[0].tolist() == rows


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sector =",
        "1",
        "sector",
        "text = 'x'",  # nothing a stranger wrote is in a snapshot
        "cell_key > 1",
        "damage_low = 'three'",
        "damage_low + 1 = 2",
        "asset LIKE 3",
        "f(sector) = 1",
        "T_AFTER(happened_from, DATE('2026-99-01'))",
        "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))",
        "S_INTERSECTS(sector, geometry)",
        "between(1)",
        "(" * 50 + "1 = 1" + ")" * 50,
        "NOT " * 600 + "needs_review",
    ],
)
def test_what_cannot_be_used_is_a_sentence(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(text)


SENTENCE = (
    "sector damage_low geometry ( ) , = < IN LIKE NOT AND OR IS NULL BETWEEN 'x' 3 TRUE S_INTERSECTS BBOX "
    "POINT T_AFTER DATE TIMESTAMP '2026-01-01' INTERVAL CASEI - +"
)
WORDS = st.sampled_from(SENTENCE.split())


@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_condition_or_an_error(text: str) -> None:
    try:
        condition = parse_condition(text)
    except ConditionError:
        return
    assert condition(TABLE).shape == (3,)
