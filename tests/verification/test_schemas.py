"""What comes in: every wrong field is named, and nothing that a kind does not know gets through."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.verification.refusals import Invalid
from mapper.verification.schemas import BODIES, DecisionBody, ignored_fields, kind_of, read_order
from mapper.vocabulary.states import Kind

ONE, TWO = "7d7c0f9e-0b3f-4f0e-9f0a-000000000001", "7d7c0f9e-0b3f-4f0e-9f0a-000000000002"
GOOD: dict[Kind, dict[str, Any]] = {
    Kind.VERIFY: {
        "damage_low": 3,
        "damage_high": 4,
        "source_grade": "B",
        "information_grade": "2",
        "position_accuracy_m": 50,
    },
    Kind.REGRADE: {"damage_low": 0, "damage_high": 5},
    Kind.MOVE: {"longitude": -72.3, "latitude": 18.5, "position_accuracy_m": 12.5},
    Kind.MERGE: {"into": ONE},
    Kind.SPLIT: {"reports": [TWO, ONE, ONE]},
    Kind.DIVIDE: {"report": ONE, "claims": [{"words": "a bridge"}, {"words": "a school"}]},
    Kind.REJOIN: {"report": ONE},
    Kind.KEEP_APART: {"other": ONE},
    Kind.REPAIR: {"service_state": "working"},
    Kind.REDACT: {"reports": [ONE], "parts": ["text"]},
}


def pointers(kind: Kind, fields: dict[str, Any], reason: Any = "because") -> list[str]:
    with pytest.raises(Invalid) as refusal:
        read_order(kind, fields, reason)
    assert all(item.message for item in refusal.value.errors)
    return [item.pointer for item in refusal.value.errors]


@pytest.mark.parametrize("kind", Kind)
def test_good_input_is_taken(kind: Kind) -> None:
    order = read_order(kind, GOOD.get(kind, {}), "  because ")
    assert (order.kind, order.reason) == (kind, "because")


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("reason", [None, "", "  ", 7, "x" * 4001])
def test_every_decision_needs_a_reason(kind: Kind, reason: Any) -> None:
    assert pointers(kind, GOOD.get(kind, {}), reason) == ["/reason"]


@pytest.mark.parametrize(
    "kind", [kind for kind in BODIES if kind not in (Kind.REPAIR, Kind.REDACT, Kind.OVERRIDE)]
)
def test_every_missing_field_is_named_at_once(kind: Kind) -> None:
    assert set(pointers(kind, {})) == {f"/{name}" for name in GOOD[kind]}


WRONG = [
    (Kind.VERIFY, "damage_low", [-1, 6, 2.5, "3", True, [], 10**30]),
    (Kind.VERIFY, "damage_high", [-1, 6, "x", False]),
    (Kind.VERIFY, "source_grade", ["G", "a", "", None, 1]),
    (Kind.VERIFY, "information_grade", ["0", "7", 0, 7, None, "A", 1.5, True]),
    (Kind.VERIFY, "position_accuracy_m", [0, -5, None, "50", True, float("nan"), float("inf"), 1e7]),
    (Kind.MOVE, "longitude", [181, -181, "1", None, float("nan"), True]),
    (Kind.MOVE, "latitude", [91, 999, None]),
    (Kind.MERGE, "into", ["x", None, 5, [ONE]]),
    (Kind.KEEP_APART, "other", ["x", None, 5, [ONE]]),
    (Kind.SPLIT, "reports", [[], ["x"], ONE, None, {}]),
    (Kind.REPAIR, "service_state", ["fine", 1]),
    (Kind.REPAIR, "repaired_at", ["yesterday", "1772366400", "2026-03-01T12:00:00", True, 1772366400]),
    (Kind.REDACT, "parts", [[], ["contact"], "text"]),
]


@pytest.mark.parametrize(
    ("kind", "name", "value"), [(kind, name, value) for kind, name, values in WRONG for value in values]
)
def test_a_wrong_field_is_named(kind: Kind, name: str, value: Any) -> None:
    assert f"/{name}" in pointers(kind, GOOD[kind] | {name: value})


@pytest.mark.parametrize("ends", [(4, 3), (None, 3), (3, None)])
def test_an_interval_has_both_ends_in_order_or_neither(ends: tuple[Any, Any]) -> None:
    low, high = ends
    for kind in (Kind.VERIFY, Kind.REGRADE):
        assert pointers(kind, GOOD[kind] | {"damage_low": low, "damage_high": high}) == ["/damage_low"]
        assert read_order(kind, GOOD[kind] | {"damage_low": None, "damage_high": None}, "cannot tell")


def test_a_repair_says_something() -> None:
    assert pointers(Kind.REPAIR, {}) == ["/service_state"]
    assert pointers(Kind.REPAIR, {"service_state": None}) == ["/service_state"]
    order = read_order(Kind.REPAIR, {"repaired_at": "2026-03-01T14:00:00+02:00"}, "seen")
    assert order.content == {"repaired_at": "2026-03-01T12:00:00Z"}


def test_equal_orders_have_equal_content() -> None:
    split = read_order(Kind.SPLIT, {"reports": [TWO, ONE, ONE]}, "a")
    assert split.content == read_order(Kind.SPLIT, {"reports": [ONE, TWO.upper()]}, "b").content
    assert split.content == {"reports": [ONE, TWO]}
    fields = {"longitude": -72.30000001, "latitude": 18, "position_accuracy_m": 10}
    moved = read_order(Kind.MOVE, fields, "a")
    assert (
        moved.content == read_order(Kind.MOVE, fields | {"longitude": -72.3, "latitude": 18.0}, "b").content
    )


def test_a_redaction_withholds_every_part_unless_told() -> None:
    order = read_order(Kind.REDACT, {}, "names a child")
    assert order.content == {"reports": None, "parts": ["location_text", "media", "source_url", "text"]}


def test_other_fields_are_ignored_and_can_be_logged() -> None:
    sent = GOOD[Kind.REGRADE] | {"status": "verified", "role": "admin", "kind": "regrade"}
    assert read_order(Kind.REGRADE, sent, "x").content == GOOD[Kind.REGRADE]
    assert ignored_fields(Kind.REGRADE, sent) == ["role", "status"]


@pytest.mark.parametrize("word", ["", "Verify", "approve", None, 3, ["verify"]])
def test_an_unknown_kind_is_refused(word: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        kind_of(word)
    assert [item.pointer for item in refusal.value.errors] == ["/kind"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
NAMES = sorted({name for fields in GOOD.values() for name in fields} | {"reason", "status"})


@given(st.sampled_from(list(Kind)), st.dictionaries(st.sampled_from(NAMES), JSON), JSON)
def test_anything_is_taken_or_refused_by_field(kind: Kind, fields: dict[str, Any], reason: Any) -> None:
    try:
        order = read_order(kind, fields, reason)
    except Invalid as refusal:
        known = set(BODIES.get(kind, DecisionBody).model_fields)
        assert refusal.errors
        assert {item.pointer[1:] for item in refusal.errors} <= known
    else:
        assert order.reason
        for value in order.content.get("reports") or []:
            assert uuid.UUID(value)
