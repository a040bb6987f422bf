"""Nobody sees an assessment of a round that has not ended, but the person who gave it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from mapper.store.blindness import hidden_assessments, shown_details, visible_decisions
from mapper.store.tables import Decision

AT = datetime(2026, 3, 1, tzinfo=UTC)


def decision(kind: str, actor: int, round_: int = 1, effect: str = "applied", **details: object) -> Decision:
    return Decision(
        crisis_id=1,
        id=uuid.uuid4(),
        incident_id=uuid.UUID(int=1),
        number=1,
        kind=kind,
        round=round_,
        effect=effect,
        actor_user_id=actor,
        decided_at=AT,
        reason="seen on the picture",
        details=details,
        state_before="new",
        state_after="in_review",
    )


def test_the_first_assessment_is_shown_to_its_author_only() -> None:
    first = decision("verify", 1, effect="assessment", damage_low=3)
    assert visible_decisions([first], 1) == [first]
    for other in (2, None):
        assert visible_decisions([first], other) == []
        assert hidden_assessments([first], other) == 1


def test_two_that_disagree_do_not_see_each_other() -> None:
    first, second = decision("verify", 1, effect="assessment"), decision("verify", 2, effect="assessment")
    assert visible_decisions([first, second], 1) == [first]
    assert visible_decisions([first, second], 2) == [second]
    assert hidden_assessments([first, second], 3) == 2


def test_all_are_shown_once_the_round_ended_in_verified() -> None:
    both = [decision("verify", 1, effect="assessment"), decision("verify", 2)]
    assert visible_decisions(both, 9) == both


def test_a_round_that_was_broken_off_stays_hidden() -> None:
    broken = [decision("verify", 1, effect="assessment"), decision("reject", 2), decision("reopen", 2, 2)]
    assert visible_decisions(broken, 3) == broken[1:]
    again = [*broken, decision("verify", 3, 2, "assessment"), decision("verify", 4, 2)]
    assert visible_decisions(again, 9) == again[1:]


def test_the_salt_is_not_shown() -> None:
    assert shown_details(decision("regrade", 1, damage_low=2, salt="00ff")) == {"damage_low": 2}


ANY = st.builds(
    decision,
    st.sampled_from(["verify", "triage", "regrade"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["assessment", "applied", "proposed"]),
)


@given(st.lists(ANY, max_size=12), st.none() | st.integers(1, 5))
def test_what_is_hidden_is_only_others_assessments_of_open_rounds(
    every: list[Decision], asker: int | None
) -> None:
    ended = {item.round for item in every if item.kind == "verify" and item.effect == "applied"}
    seen = visible_decisions(every, asker)
    hidden = [item for item in every if item not in seen]
    assert [item for item in every if item in seen] == seen
    assert all(item.kind == "verify" and item.actor_user_id != asker for item in hidden)
    assert all(item.round not in ended for item in hidden)
    assert all(item.actor_user_id == asker or item.round in ended or item.kind != "verify" for item in seen)
