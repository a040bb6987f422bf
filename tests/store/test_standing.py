"""What people decided stands against a recomputation; a redaction follows its report."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

from mapper.store.contents import ReportContent
from mapper.store.redaction import PARTS, redacted, redacted_parts
from mapper.store.standing import Damage, Place, Standing, standing
from mapper.store.store import Store
from mapper.store.tables import Crisis, Decision

AT = datetime(2026, 3, 1, tzinfo=UTC)
NUMBERS = itertools.count(1)


def decision(kind: str, effect: str = "applied", crisis_id: int = 1, **details: Any) -> Decision:
    return Decision(
        crisis_id=crisis_id,
        id=uuid.uuid4(),
        incident_id=uuid.UUID(int=1),
        number=next(NUMBERS),
        kind=kind,
        round=1,
        effect=effect,
        actor_user_id=1,
        decided_at=AT,
        reason="because",
        details=details,
        state_before="triaged",
        state_after="triaged",
    )


def verified(low: int | None, high: int | None) -> Decision:
    agreed = {"damage_low": low, "damage_high": high, "position_accuracy_m": 30.0}
    return decision("verify", damage_low=0, damage_high=0, agreed=agreed)


def test_the_latest_of_each_field_stands() -> None:
    found = standing(
        [
            decision("move", longitude=-72.3, latitude=18.5, position_accuracy_m=9.0),
            decision("regrade", damage_low=1, damage_high=2),
            decision("repair", service_state="partial"),
            decision("repair", repaired_at="2026-03-01T12:00:00Z"),
            verified(3, 4),
        ]
    )
    assert found == Standing(
        Damage(3, 4), Place(-723000000, 185000000, 9.0), 30.0, "partial", datetime(2026, 3, 1, 12, tzinfo=UTC)
    )


def test_proposals_and_assessments_hold_nothing() -> None:
    assert standing([decision("regrade", "proposed", damage_low=1, damage_high=2)]) == Standing()
    assert standing([decision("verify", "assessment", damage_low=1, damage_high=2)]) == Standing()


def test_agreed_unknown_damage_is_held_as_unknown() -> None:
    assert standing([verified(None, None)]).damage == Damage(None, None)


def test_reopening_sets_aside_what_was_agreed_but_not_the_place() -> None:
    moved = decision("move", longitude=1.0, latitude=2.0, position_accuracy_m=5.0)
    found = standing([verified(3, 4), moved, decision("reopen")])
    assert found == Standing(place=Place(10000000, 20000000, 5.0))


def test_order_is_by_number() -> None:
    first, second = (
        decision("regrade", damage_low=1, damage_high=1),
        decision("regrade", damage_low=2, damage_high=2),
    )
    assert standing([second, first]).damage == Damage(2, 2)


def test_redactions_add_up_over_a_crisis(store: Store, crisis: Crisis) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    with store.write() as session:
        session.add(decision("redact", crisis_id=crisis.id, reports=[str(one), str(two)], parts=["text"]))
        session.add(decision("redact", crisis_id=crisis.id, reports=[str(one)], parts=["media"]))
    with store.read() as session:
        assert redacted_parts(session, crisis.id) == {one: {"text", "media"}, two: {"text"}}
        assert redacted_parts(session, crisis.id + 1) == {}


def test_a_redacted_content_holds_neither_the_part_nor_the_raw_payload() -> None:
    content = ReportContent("text", "street 1", "https://example.org", "me@example.org", {"text": "text"})
    assert redacted(content, ()) == content
    for part in PARTS:
        found = redacted(content, {part})
        assert found.raw == {}
        assert not getattr(found, part, None)
    assert redacted(content, {"media"}).text == "text"
