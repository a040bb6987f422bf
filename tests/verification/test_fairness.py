"""Fairness: own organisations said aloud, corrections in the open, and the gate that is explained."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mapper.accounts.service import add_user
from mapper.intake.drafts import Sender
from mapper.store.store import Store
from mapper.store.tables import Crisis, User
from mapper.verification.gate import Facts, conditions, unmet
from mapper.verification.refusals import DoesNotFit
from mapper.verification.rules import Actor
from sqlalchemy import select

from tests.verification.builders import ANNA, BORIS, CHEN, decisions, do, load, make_incident

PASSWORD = "a long enough password"


@pytest.fixture
def reported_by_aid(store: Store, crisis: Crisis) -> uuid.UUID:
    """An incident with one report, which a person of an organisation sent."""
    add_user(store, "sender@example.org", "partner", "coast", PASSWORD, "Aid  Abroad")
    with store.read() as session:
        user_id = session.scalars(select(User.id)).one()
    return make_incident(store, crisis, reports=1, origins=1, sender=Sender(f"user:{user_id}", user_id))


COLLEAGUE = Actor(71, frozenset({"verifier"}), "aid abroad")
STRANGER = Actor(72, frozenset({"admin"}), "Other")


@pytest.mark.parametrize("kind", ["verify", "override"])
def test_what_ones_own_organisation_reported_is_judged_only_when_that_is_said(
    store: Store, crisis: Crisis, reported_by_aid: uuid.UUID, kind: str
) -> None:
    with pytest.raises(DoesNotFit, match="own organisation"):
        do(store, crisis, reported_by_aid, COLLEAGUE, kind)
    do(store, crisis, reported_by_aid, COLLEAGUE, kind, own_organisation=True)
    assert decisions(store, crisis, reported_by_aid)[-1].details["own_organisation"] is True


def test_the_second_person_must_say_it_too_and_it_stays_with_the_decision(
    store: Store, crisis: Crisis, reported_by_aid: uuid.UUID
) -> None:
    do(store, crisis, reported_by_aid, STRANGER, "verify")
    with pytest.raises(DoesNotFit, match="own organisation"):
        do(store, crisis, reported_by_aid, COLLEAGUE, "verify")
    do(store, crisis, reported_by_aid, COLLEAGUE, "verify", own_organisation=True)
    last = decisions(store, crisis, reported_by_aid)[-1]
    assert last.state_after == "verified"
    assert last.details["agreed"]["own_organisation"] is True
    assert {"organisation", "origins"} <= set(last.details["gate_unmet"])


def test_people_correct_themselves_in_the_open(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    do(store, crisis, incident_id, ANNA, "verify", damage_low=0, damage_high=1)
    do(store, crisis, incident_id, ANNA, "verify", damage_low=3, damage_high=4, supersedes=1)
    with pytest.raises(DoesNotFit, match="only your own"):
        do(store, crisis, incident_id, ANNA, "verify", supersedes=1)
    with pytest.raises(DoesNotFit, match="only your own"):
        do(store, crisis, incident_id, BORIS, "verify", supersedes=2)
    assert load(store, crisis, incident_id).status == "in_review"
    # The corrected one no longer counts: Boris agrees with what Anna holds now.
    assert do(store, crisis, incident_id, BORIS, "verify", damage_low=3, damage_high=4).status == "verified"
    kept = decisions(store, crisis, incident_id)
    assert [(item.number, item.details.get("supersedes")) for item in kept] == [(1, None), (2, 1), (3, None)]
    assert kept[0].details["damage_high"] == 1
    assert kept[2].details["confirms"] == str(kept[1].id)


def test_nobody_corrects_towards_what_another_found(store: Store, crisis: Crisis) -> None:
    """Otherwise a person could try grade after grade until the incident turns verified."""
    incident_id = make_incident(store, crisis)
    do(store, crisis, incident_id, ANNA, "verify", damage_low=0, damage_high=0)
    do(store, crisis, incident_id, BORIS, "verify", damage_low=4, damage_high=5)
    for grade in range(6):
        with pytest.raises(DoesNotFit, match="Somebody else has assessed"):
            do(store, crisis, incident_id, ANNA, "verify", damage_low=grade, damage_high=grade, supersedes=1)
    assert do(store, crisis, incident_id, CHEN, "verify", damage_low=4, damage_high=4).status == "verified"


def test_two_who_see_the_same_service_set_it(store: Store, crisis: Crisis) -> None:
    both, one = make_incident(store, crisis), make_incident(store, crisis)
    for actor in (ANNA, BORIS):
        do(store, crisis, both, actor, "verify", service_state="out", time_precision=1)
    do(store, crisis, one, ANNA, "verify", service_state="out")
    do(store, crisis, one, BORIS, "verify", service_state="partial")
    assert load(store, crisis, both).service_state == "out"
    assert load(store, crisis, one).service_state is None
    assert decisions(store, crisis, both)[-1].details["agreed"]["time_precision"] == 1


AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD: dict[str, Any] = {"information_grade": "2", "position_accuracy_m": 100.0}


@pytest.mark.parametrize(
    ("facts", "assessment", "lacks"),
    [
        (Facts(2, AT, AT), GOOD, []),
        (Facts(2, AT, AT), GOOD | {"information_grade": "3"}, ["information"]),
        (Facts(1, AT, AT), GOOD, ["origins"]),
        (Facts(1, AT, AT), GOOD | {"imagery": True}, []),
        (Facts(0, AT, AT), GOOD | {"imagery": True}, ["origins"]),
        (Facts(2, AT, AT), GOOD | {"position_accuracy_m": 100.1}, ["place"]),
        (Facts(2, AT, AT), GOOD | {"position_accuracy_m": 5000.0, "place_precision": 3}, []),
        (Facts(2, AT, AT + timedelta(hours=24)), GOOD, []),
        (Facts(2, AT, AT + timedelta(hours=25)), GOOD, ["time"]),
        (Facts(2, None, None), GOOD, ["time"]),
        (Facts(2, None, None), GOOD | {"time_precision": 2}, []),
        (Facts(2, AT, None), GOOD, []),
        (Facts(1, AT, AT, is_sole_organisation=True), GOOD | {"imagery": True}, ["organisation"]),
        (Facts(2, AT, AT), {}, ["information", "place"]),
    ],
)
def test_the_gate(facts: Facts, assessment: dict[str, Any], lacks: list[str]) -> None:
    found = conditions(facts, assessment)
    assert unmet(found) == lacks
    assert all(condition.label and condition.why for condition in found)


def test_what_the_gate_lacks_is_written_into_the_decision(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis, reports=1, origins=1)
    do(store, crisis, incident_id, ANNA, "verify", information_grade="4")
    do(store, crisis, incident_id, BORIS, "verify")
    last = decisions(store, crisis, incident_id)[-1]
    assert last.state_after == "verified"
    assert last.details["gate_unmet"] == ["information", "origins", "time"]
