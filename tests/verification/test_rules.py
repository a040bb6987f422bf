"""The two-person rule and the agreement of assessments, apart from any store."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.verification.refusals import DoesNotFit, NoRight
from mapper.verification.rules import Actor, Situation, Taken, agree, check_right, outcome
from mapper.verification.schemas import Order
from mapper.vocabulary.states import Effect, Kind, State, Step, step

ANNA, BORIS, CHEN = (Actor(number, frozenset({"verifier"})) for number in (1, 2, 3))
INTERVALS = [(low, high) for low, high in itertools.product(range(6), repeat=2) if low <= high]
UNKNOWN = (None, None)


def content(low: int | None, high: int | None, **changes: Any) -> dict[str, Any]:
    grades = {"source_grade": "B", "information_grade": "2", "position_accuracy_m": 50.0}
    return {"damage_low": low, "damage_high": high} | grades | changes


def assess(low: int | None, high: int | None, **changes: Any) -> Order:
    return Order(Kind.VERIFY, content(low, high, **changes), "seen")


def taken(actor: Actor, kind: Kind, what: dict[str, Any]) -> Taken:
    return Taken(uuid.uuid4(), kind, actor.user_id, what)


@pytest.mark.parametrize(("first", "second"), list(itertools.product([*INTERVALS, UNKNOWN], repeat=2)))
def test_agreement_is_both_ends_within_one(first: Any, second: Any) -> None:
    if UNKNOWN in (first, second):
        expected = first == second
    else:
        expected = abs(first[0] - second[0]) <= 1 and abs(first[1] - second[1]) <= 1
    assert agree(content(*first), content(*second)) is expected


@pytest.mark.parametrize("state", [State.NEW, State.TRIAGED, State.OVERRIDE])
def test_the_first_assessment_opens_the_review(state: State) -> None:
    found = outcome(Situation(state), ANNA, assess(3, 4))
    assert (found.effect, found.state, found.agreed) == (Effect.ASSESSMENT, State.IN_REVIEW, None)


def test_the_second_that_agrees_verifies_with_the_hull_and_the_more_cautious_grades() -> None:
    first = taken(ANNA, Kind.VERIFY, content(3, 4, source_grade="A", position_accuracy_m=20.0))
    second = assess(2, 4, information_grade="3", position_accuracy_m=80.0)
    found = outcome(Situation(State.IN_REVIEW, assessments=[first]), BORIS, second)
    assert (found.effect, found.state, found.confirms) == (Effect.APPLIED, State.VERIFIED, first.id)
    assert found.agreed == content(2, 4, source_grade="B", information_grade="3", position_accuracy_m=80.0)


def test_a_second_that_disagrees_leaves_it_to_a_third() -> None:
    first = taken(ANNA, Kind.VERIFY, content(1, 2))
    found = outcome(Situation(State.IN_REVIEW, assessments=[first]), BORIS, assess(4, 5))
    assert (found.effect, found.state) == (Effect.ASSESSMENT, State.IN_REVIEW)


def test_a_third_agrees_with_the_nearer_of_two() -> None:
    earlier = [taken(ANNA, Kind.VERIFY, content(1, 2)), taken(BORIS, Kind.VERIFY, content(3, 4))]
    situation = Situation(State.IN_REVIEW, assessments=earlier)
    assert outcome(situation, CHEN, assess(3, 3)).confirms == earlier[1].id
    assert outcome(situation, CHEN, assess(2, 3)).confirms == earlier[0].id  # as near to both: the first
    assert outcome(situation, CHEN, assess(5, 5)).effect is Effect.ASSESSMENT
    assert outcome(situation, CHEN, assess(None, None)).effect is Effect.ASSESSMENT


def test_two_who_both_cannot_tell_agree_that_it_is_unknown() -> None:
    first = taken(ANNA, Kind.VERIFY, content(None, None))
    found = outcome(Situation(State.IN_REVIEW, assessments=[first]), BORIS, assess(None, None))
    assert found.agreed is not None
    assert (found.agreed["damage_low"], found.agreed["damage_high"]) == (None, None)


def test_the_same_person_assesses_once() -> None:
    first = taken(ANNA, Kind.VERIFY, content(3, 4))
    with pytest.raises(DoesNotFit, match="already assessed"):
        outcome(Situation(State.IN_REVIEW, assessments=[first]), ANNA, assess(3, 4))


@pytest.mark.parametrize("kind", [Kind.VERIFY, Kind.OVERRIDE])
def test_nobody_confirms_their_own_report(kind: Kind) -> None:
    situation = Situation(State.NEW, senders=frozenset({ANNA.user_id}))
    with pytest.raises(DoesNotFit, match="sent one of its reports"):
        outcome(situation, ANNA, Order(kind, content(3, 4), "mine"))
    assert outcome(situation, BORIS, Order(kind, content(3, 4), "theirs"))


def test_an_assessor_may_not_tell_by_regrading() -> None:
    first = taken(ANNA, Kind.VERIFY, content(3, 4))
    situation = Situation(State.IN_REVIEW, assessments=[first])
    regrade = Order(Kind.REGRADE, {"damage_low": 3, "damage_high": 4}, "as I said")
    with pytest.raises(DoesNotFit):
        outcome(situation, ANNA, regrade)
    assert outcome(situation, BORIS, regrade).effect is Effect.APPLIED


def leads_to(kind: Kind) -> Step:
    found = step(kind, State.VERIFIED)
    assert found is not None
    return found


TWO_PERSON = [kind for kind in Kind if step(kind, State.VERIFIED) and leads_to(kind).people == 2]


@pytest.mark.parametrize("kind", TWO_PERSON)
def test_on_a_verified_incident_a_second_person_decides_the_same(kind: Kind) -> None:
    order = Order(kind, {"some": "content"}, "because")
    first = outcome(Situation(State.VERIFIED), ANNA, order)
    assert (first.effect, first.state) == (Effect.PROPOSED, State.VERIFIED)

    proposal = taken(ANNA, kind, order.content)
    waiting = Situation(State.VERIFIED, proposals=[proposal])
    with pytest.raises(DoesNotFit, match="already proposed"):
        outcome(waiting, ANNA, order)
    other = outcome(waiting, BORIS, Order(kind, {"some": "other content"}, "because"))
    assert other.effect is Effect.PROPOSED
    confirmed = outcome(waiting, BORIS, order)
    assert (confirmed.effect, confirmed.confirms) == (Effect.APPLIED, proposal.id)
    assert confirmed.state is leads_to(kind).to


def test_two_person_kinds_are_those_of_the_contract() -> None:
    assert set(TWO_PERSON) == {
        Kind.REGRADE, Kind.MOVE, Kind.MERGE, Kind.SPLIT, Kind.REOPEN, Kind.RETRACT,
    }  # fmt: skip


def test_nothing_is_decided_on_a_signpost() -> None:
    for kind in Kind:
        with pytest.raises(DoesNotFit, match="merged"):
            outcome(Situation(State.TRIAGED, merged=True), ANNA, Order(kind, content(1, 1), "x"))


def test_triage_of_a_verified_incident_needs_new_reports() -> None:
    order = Order(Kind.TRIAGE, {}, "nothing new")
    with pytest.raises(DoesNotFit):
        outcome(Situation(State.VERIFIED), ANNA, order)
    assert outcome(Situation(State.VERIFIED, needs_review=True), ANNA, order).state is State.VERIFIED


@pytest.mark.parametrize(("kind", "state"), list(itertools.product(Kind, State)))
def test_what_the_table_does_not_allow_is_refused(kind: Kind, state: State) -> None:
    situation = Situation(state, needs_review=True)
    if step(kind, state) is None:
        with pytest.raises(DoesNotFit, match="not possible"):
            outcome(situation, ANNA, Order(kind, content(1, 2), "x"))
    else:
        assert outcome(situation, ANNA, Order(kind, content(1, 2), "x"))


def test_rights() -> None:
    check_right(ANNA, Kind.VERIFY)
    for roles in ({"coordinator"}, {"donor", "partner", "reporter"}, set()):
        with pytest.raises(NoRight):
            check_right(Actor(9, frozenset(roles)), Kind.VERIFY)


@given(st.lists(st.sampled_from([*INTERVALS, UNKNOWN]), min_size=1, max_size=6))
def test_a_round_ends_at_the_first_agreement_and_never_narrows(intervals: list[Any]) -> None:
    earlier: list[Taken] = []
    for number, (low, high) in enumerate(intervals, start=10):
        actor = Actor(number, frozenset({"admin"}))
        situation = Situation(State.IN_REVIEW, assessments=earlier)
        found = outcome(situation, actor, assess(low, high))
        agreeing = [item for item in earlier if agree(item.content, content(low, high))]
        assert (found.state is State.VERIFIED) == bool(agreeing)
        if found.agreed is not None:
            assert found.confirms in {item.id for item in agreeing}
            if low is not None:
                assert found.agreed["damage_low"] <= low <= high <= found.agreed["damage_high"]
            return
        earlier.append(taken(actor, Kind.VERIFY, content(low, high)))
