"""Decisions against a real store, on both engines."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from mapper.clock import SteppedClock
from mapper.intake.drafts import Sender
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry
from mapper.verification.refusals import DoesNotFit, Invalid, NoRight, NoSuchIncident, Stale
from mapper.verification.rules import Actor
from mapper.verification.service import content_commitment, decide
from sqlalchemy import select

from tests.verification.builders import (
    ADMIN,
    ANNA,
    BORIS,
    CHEN,
    COORDINATOR,
    DINA,
    FIELDS,
    decisions,
    do,
    load,
    make_incident,
    report_ids,
    verified,
)


def test_two_people_verify(store: Store, crisis: Crisis, clock: SteppedClock) -> None:
    incident_id = make_incident(store, crisis)
    first = do(store, crisis, incident_id, ANNA, "verify", damage_low=3, damage_high=4)
    assert (first.status, first.damage_low, first.damage_high, first.verified_at) == ("in_review", 2, 3, None)
    clock.set(clock() + timedelta(hours=1))
    second = do(store, crisis, incident_id, ADMIN, "verify", damage_low=4, damage_high=5)
    assert second.status == "verified"
    kept = load(store, crisis, incident_id)
    assert (kept.damage_low, kept.damage_high) == (3, 5)
    assert (kept.verified_at, kept.changed_at) == (clock(), clock())
    assert (kept.position_accuracy_m, kept.version) == (50.0, 3)


def test_the_answer_is_what_was_kept(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    answer = do(store, crisis, incident_id, ANNA, "triage")
    kept = load(store, crisis, incident_id)
    columns = [name for name in kept.__table__.columns.keys() if name != "queue_rank"]  # noqa: SIM118
    assert {name: getattr(answer, name) for name in columns} == {
        name: getattr(kept, name) for name in columns
    }


def test_the_same_person_again(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    do(store, crisis, incident_id, ANNA, "verify")
    with pytest.raises(DoesNotFit):
        do(store, crisis, incident_id, ANNA, "verify")
    assert load(store, crisis, incident_id).version == 2


def test_a_third_decides_between_two(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    do(store, crisis, incident_id, ANNA, "verify", damage_low=0, damage_high=1)
    assert do(store, crisis, incident_id, BORIS, "verify", damage_low=4, damage_high=5).status == "in_review"
    third = do(store, crisis, incident_id, CHEN, "verify", damage_low=3, damage_high=5)
    assert (third.status, third.damage_low, third.damage_high) == ("verified", 3, 5)


def test_the_sender_of_a_report_does_not_confirm_it(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis, sender=Sender.of_user(ANNA.user_id))
    for kind in ("verify", "override"):
        with pytest.raises(DoesNotFit):
            do(store, crisis, incident_id, ANNA, kind)
    assert do(store, crisis, incident_id, BORIS, "verify").status == "in_review"


def test_unknown_damage_is_never_zero(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    for actor in (ANNA, BORIS):
        do(store, crisis, incident_id, actor, "verify", damage_low=None, damage_high=None)
    kept = load(store, crisis, incident_id)
    assert (kept.status, kept.damage_low, kept.damage_high) == ("verified", None, None)


def test_an_accuracy_needs_a_position(store: Store, crisis: Crisis) -> None:
    nowhere = {"lon_e7": None, "lat_e7": None, "cell_key": None, "position_accuracy_m": None}
    incident_id = make_incident(store, crisis, **nowhere)
    for actor in (ANNA, BORIS):
        do(store, crisis, incident_id, actor, "verify")
    assert load(store, crisis, incident_id).position_accuracy_m is None


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("triage", "triaged"),
        ("reject", "false"),
        ("unverifiable", "unverifiable"),
        ("dispute", "disputed"),
        ("override", "override"),
        ("retract", "retracted"),
        ("redact", "new"),
        ("repair", "new"),
    ],
)
def test_one_person_decides(store: Store, crisis: Crisis, kind: str, status: str) -> None:
    incident_id = make_incident(store, crisis)
    answer = do(store, crisis, incident_id, ANNA, kind)
    assert (answer.status, answer.version, answer.verified_at) == (status, 2, None)


@pytest.mark.parametrize("kind", ["regrade", "move", "reopen", "retract"])
def test_on_a_verified_incident_two_people_decide(store: Store, crisis: Crisis, kind: str) -> None:
    incident_id = verified(store, crisis)
    before = load(store, crisis, incident_id)
    proposed = do(store, crisis, incident_id, CHEN, kind)
    columns = set(before.__table__.columns.keys()) - {"version", "changed_at", "queue_rank"}
    assert all(getattr(proposed, name) == getattr(before, name) for name in columns)
    with pytest.raises(DoesNotFit):
        do(store, crisis, incident_id, CHEN, kind)
    after = do(store, crisis, incident_id, ANNA, kind)
    expected: dict[str, dict[str, Any]] = {
        "regrade": {"status": "verified", "damage_low": 1, "damage_high": 2},
        "move": {"status": "verified", "lon_e7": -724000000, "lat_e7": 186000000, "areas_version": None},
        "reopen": {"status": "triaged", "verified_at": None, "damage_low": 2, "damage_high": 3},
        "retract": {"status": "retracted", "verified_at": None},
    }
    assert {name: getattr(after, name) for name in expected[kind]} == expected[kind]
    assert [item.effect for item in decisions(store, crisis, incident_id)[2:]] == ["proposed", "applied"]


def test_other_content_is_another_proposal(store: Store, crisis: Crisis) -> None:
    incident_id = verified(store, crisis)
    do(store, crisis, incident_id, ANNA, "regrade", damage_low=1, damage_high=1)
    do(store, crisis, incident_id, BORIS, "regrade", damage_low=2, damage_high=2)
    assert load(store, crisis, incident_id).damage_low == 3
    do(store, crisis, incident_id, CHEN, "regrade", damage_low=1, damage_high=1)
    assert load(store, crisis, incident_id).damage_low == 1
    # What was applied closed Boris' proposal: the same content now begins anew.
    do(store, crisis, incident_id, DINA, "regrade", damage_low=2, damage_high=2)
    assert load(store, crisis, incident_id).damage_low == 1


def test_a_proposal_ends_with_its_round(store: Store, crisis: Crisis) -> None:
    incident_id = verified(store, crisis)
    do(store, crisis, incident_id, CHEN, "retract")
    do(store, crisis, incident_id, ANNA, "dispute")
    do(store, crisis, incident_id, ANNA, "reopen")
    for actor in (ANNA, BORIS):
        do(store, crisis, incident_id, actor, "verify")
    assert do(store, crisis, incident_id, BORIS, "retract").status == "verified"


def test_reopening_lets_the_same_people_assess_again(store: Store, crisis: Crisis) -> None:
    incident_id = verified(store, crisis)
    for actor in (ANNA, CHEN):
        do(store, crisis, incident_id, actor, "reopen")
    assert do(store, crisis, incident_id, ANNA, "verify").status == "in_review"
    assert do(store, crisis, incident_id, BORIS, "verify").status == "verified"


def test_leaving_verified_without_reopening_starts_a_round_too(store: Store, crisis: Crisis) -> None:
    incident_id = verified(store, crisis)
    do(store, crisis, incident_id, CHEN, "dispute")
    do(store, crisis, incident_id, CHEN, "override")
    assert do(store, crisis, incident_id, DINA, "verify").status == "in_review"
    assert do(store, crisis, incident_id, ANNA, "verify").status == "verified"


def test_merging_joins_reports_and_leaves_a_signpost(store: Store, crisis: Crisis) -> None:
    source, target = make_incident(store, crisis), make_incident(store, crisis)
    moved = report_ids(store, crisis, source)
    answer = do(store, crisis, source, ANNA, "merge", into=str(target))
    assert answer.merged_into == target
    assert set(moved) < set(report_ids(store, crisis, target))
    assert decisions(store, crisis, source)[0].details["moved"] == moved
    with pytest.raises(DoesNotFit):
        do(store, crisis, source, ANNA, "triage")
    with pytest.raises(Invalid):
        do(store, crisis, make_incident(store, crisis), ANNA, "merge", into=str(source))


@pytest.mark.parametrize("what", ["itself", "unknown", "other crisis"])
def test_merging_needs_another_incident_of_the_crisis(
    store: Store, crisis: Crisis, make_crisis: Callable[..., Crisis], what: str
) -> None:
    source = make_incident(store, crisis)
    other = make_incident(store, make_crisis(store, slug="inland"))
    into = {"itself": source, "unknown": uuid.uuid4(), "other crisis": other}[what]
    with pytest.raises(Invalid) as refusal:
        do(store, crisis, source, ANNA, "merge", into=str(into))
    assert [item.pointer for item in refusal.value.errors] == ["/into"]


def test_nothing_is_merged_into_what_was_rejected(store: Store, crisis: Crisis) -> None:
    source, target = make_incident(store, crisis), make_incident(store, crisis, status="false")
    with pytest.raises(DoesNotFit):
        do(store, crisis, source, ANNA, "merge", into=str(target))


def test_splitting_makes_a_new_incident(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis, reports=3)
    one, *others = report_ids(store, crisis, incident_id)
    do(store, crisis, incident_id, ANNA, "split", reports=[one])
    created = uuid.UUID(decisions(store, crisis, incident_id)[0].details["created"])
    assert load(store, crisis, created).status == "new"
    assert report_ids(store, crisis, created) == [one]
    assert report_ids(store, crisis, incident_id) == others


def test_splitting_takes_some_reports_of_this_incident(store: Store, crisis: Crisis) -> None:
    incident_id, other = make_incident(store, crisis), make_incident(store, crisis)
    everything = report_ids(store, crisis, incident_id)
    for reports in (everything, report_ids(store, crisis, other)[:1], [str(uuid.uuid4())]):
        with pytest.raises(Invalid) as refusal:
            do(store, crisis, incident_id, ANNA, "split", reports=reports)
        assert [item.pointer for item in refusal.value.errors] == ["/reports"]


def test_a_verified_incident_is_merged_and_split_by_two(store: Store, crisis: Crisis) -> None:
    target = make_incident(store, crisis)
    merged = verified(store, crisis)
    assert do(store, crisis, merged, ANNA, "merge", into=str(target)).merged_into is None
    assert do(store, crisis, merged, BORIS, "merge", into=str(target)).merged_into == target
    parted = verified(store, crisis, reports=3)
    one = report_ids(store, crisis, parted)[0]
    do(store, crisis, parted, ANNA, "split", reports=[one])
    assert len(report_ids(store, crisis, parted)) == 3
    do(store, crisis, parted, BORIS, "split", reports=[one.upper()])
    assert len(report_ids(store, crisis, parted)) == 2
    assert load(store, crisis, parted).status == "verified"


def test_repairs(store: Store, crisis: Crisis, clock: SteppedClock) -> None:
    incident_id = verified(store, crisis)
    done = (clock() - timedelta(hours=2)).isoformat()
    answer = do(store, crisis, incident_id, COORDINATOR, "repair", service_state="partial", repaired_at=done)
    assert (answer.status, answer.service_state) == ("verified", "partial")
    assert answer.repaired_at == clock() - timedelta(hours=2)
    again = decide(store, crisis, incident_id, ANNA, "repair", {"service_state": "working"}, "seen")
    assert (again.service_state, again.repaired_at) == ("working", answer.repaired_at)
    with pytest.raises(Invalid):
        do(store, crisis, incident_id, ANNA, "repair", repaired_at=(clock() + timedelta(hours=1)).isoformat())


def test_redacting_names_the_reports_it_holds_for(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    do(store, crisis, incident_id, ANNA, "redact")
    assert decisions(store, crisis, incident_id)[0].details["reports"] == report_ids(
        store, crisis, incident_id
    )
    with pytest.raises(Invalid):
        do(store, crisis, incident_id, ANNA, "redact", reports=[str(uuid.uuid4())])


def test_new_reports_on_a_verified_incident_are_looked_at(store: Store, crisis: Crisis) -> None:
    incident_id = verified(store, crisis)
    with pytest.raises(DoesNotFit):
        do(store, crisis, incident_id, ANNA, "triage")
    flagged = make_incident(store, crisis, status="verified", needs_review=True)
    answer = do(store, crisis, flagged, ANNA, "triage")
    assert (answer.status, answer.needs_review) == ("verified", False)


def test_rights_come_first(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    for roles in ({"coordinator"}, {"reporter", "donor", "partner"}, set()):
        with pytest.raises(NoRight):
            decide(store, crisis, incident_id, Actor(9, frozenset(roles)), "verify", {}, "x")
    assert load(store, crisis, incident_id).version == 1


def test_another_crisis_has_no_such_incident(
    store: Store, crisis: Crisis, make_crisis: Callable[..., Crisis]
) -> None:
    inland = make_crisis(store, slug="inland")
    elsewhere = make_incident(store, inland)
    for incident_id in (elsewhere, uuid.uuid4()):
        with pytest.raises(NoSuchIncident):
            do(store, crisis, incident_id, ANNA, "triage")
    assert load(store, inland, elsewhere).version == 1


def test_a_stale_version_is_refused_before_the_state_is_looked_at(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis, status="false")
    with pytest.raises(Stale):
        decide(store, crisis, incident_id, ANNA, "verify", FIELDS["verify"], "x", if_match=[7])
    answer = decide(store, crisis, incident_id, ANNA, "reopen", {}, "x", if_match=[7, 1])
    assert answer.version > 1


def test_wrong_input_changes_nothing(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    for kind, details in (("approve", {}), ("verify", {"damage_low": 9}), ("merge", {"into": "x"})):
        with pytest.raises(Invalid):
            decide(store, crisis, incident_id, ANNA, kind, details, "x")
    assert load(store, crisis, incident_id).version == 1
    assert decisions(store, crisis, incident_id) == []


def test_the_ledger_commits_to_each_decision_and_reveals_no_grade(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    decide(store, crisis, incident_id, ANNA, "verify", FIELDS["verify"], "My cousin Ana Lopez saw it")
    query = select(LedgerEntry).where(LedgerEntry.crisis_id == crisis.id, LedgerEntry.kind == "decision")
    with store.read() as session:
        [entry] = session.scalars(query)
    [decision] = decisions(store, crisis, incident_id)
    payload = json.loads(entry.payload)
    assert entry.subject == str(decision.id)
    assert (payload["actor"], payload["kind"], payload["after"]) == (ANNA.user_id, "verify", "in_review")
    assert payload["content"] == content_commitment(decision)
    assert "Lopez" not in entry.payload
    assert "damage" not in entry.payload
    decision.reason = "somebody else's words"
    assert payload["content"] != content_commitment(decision)


def test_decisions_are_numbered_and_say_where_they_led(store: Store, crisis: Crisis) -> None:
    incident_id = verified(store, crisis)
    do(store, crisis, incident_id, CHEN, "dispute")
    do(store, crisis, incident_id, CHEN, "reopen")
    do(store, crisis, incident_id, CHEN, "verify")
    found = [
        (item.number, item.round, item.kind, item.state_before, item.state_after)
        for item in decisions(store, crisis, incident_id)
    ]
    assert found == [
        (1, 1, "verify", "new", "in_review"),
        (2, 1, "verify", "in_review", "verified"),
        (3, 1, "dispute", "verified", "disputed"),
        (4, 2, "reopen", "disputed", "triaged"),
        (5, 3, "verify", "triaged", "in_review"),
    ]
