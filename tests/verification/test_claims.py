"""Claims: one person works on an incident, for twenty minutes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from mapper.accounts.service import add_user
from mapper.clock import SteppedClock
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.verification.claims import CLAIM_TIME, claim, held_by, holders, release
from mapper.verification.refusals import DoesNotFit, NoSuchIncident

from tests.verification.builders import ADMIN, ANNA, BORIS, COORDINATOR, do, make_incident


@pytest.fixture
def incident_id(store: Store, crisis: Crisis) -> uuid.UUID:
    add_user(store, "anna@example.org", "verifier", "coast", "a long enough password")
    return make_incident(store, crisis)


def test_a_claim_holds_others_off_for_twenty_minutes(
    store: Store, crisis: Crisis, incident_id: uuid.UUID, clock: SteppedClock
) -> None:
    until = claim(store, crisis.id, incident_id, ANNA.user_id)
    assert until - clock() == CLAIM_TIME == timedelta(minutes=20)
    with pytest.raises(DoesNotFit, match=r"anna@example\.org has claimed it until 12:20"):
        claim(store, crisis.id, incident_id, BORIS.user_id)
    for actor in (BORIS, ADMIN):
        with pytest.raises(DoesNotFit):
            do(store, crisis, incident_id, actor, "triage")
    clock.set(clock() + CLAIM_TIME - timedelta(seconds=1))
    with pytest.raises(DoesNotFit):
        do(store, crisis, incident_id, BORIS, "triage")
    clock.set(clock() + timedelta(seconds=1))
    assert do(store, crisis, incident_id, BORIS, "triage").status == "triaged"
    assert claim(store, crisis.id, incident_id, BORIS.user_id) > until


def test_claiming_again_starts_the_time_anew(
    store: Store, crisis: Crisis, incident_id: uuid.UUID, clock: SteppedClock
) -> None:
    first = claim(store, crisis.id, incident_id, ANNA.user_id)
    clock.set(clock() + timedelta(minutes=5))
    assert claim(store, crisis.id, incident_id, ANNA.user_id) == first + timedelta(minutes=5)


def test_a_decision_ends_the_claim_and_a_redaction_does_not_wait(
    store: Store, crisis: Crisis, incident_id: uuid.UUID, clock: SteppedClock
) -> None:
    claim(store, crisis.id, incident_id, ANNA.user_id)
    do(store, crisis, incident_id, BORIS, "redact", parts=["text"])
    with store.read() as session:
        assert holders(session, crisis.id, [incident_id], clock())[incident_id].user_id == ANNA.user_id
        assert held_by(session, crisis.id, ANNA.user_id, clock()) == [incident_id]
    do(store, crisis, incident_id, ANNA, "verify")
    with store.read() as session:
        assert not holders(session, crisis.id, [incident_id], clock())


def test_only_the_owner_or_a_coordinator_releases(
    store: Store, crisis: Crisis, incident_id: uuid.UUID
) -> None:
    claim(store, crisis.id, incident_id, ANNA.user_id)
    release(store, crisis.id, incident_id, BORIS)
    with pytest.raises(DoesNotFit):
        claim(store, crisis.id, incident_id, BORIS.user_id)
    release(store, crisis.id, incident_id, COORDINATOR)
    claim(store, crisis.id, incident_id, BORIS.user_id)
    release(store, crisis.id, incident_id, BORIS)
    claim(store, crisis.id, incident_id, ANNA.user_id)


def test_nothing_is_claimed_that_is_not_there(store: Store, crisis: Crisis) -> None:
    with pytest.raises(NoSuchIncident):
        claim(store, crisis.id, uuid.uuid4(), ANNA.user_id)


def test_claims_over_the_web(client: Any, sqlite_store: Store, coast: Crisis, anna: Any, boris: Any) -> None:
    incident = make_incident(sqlite_store, coast)
    address = f"/crises/coast/verify/{incident}"
    programs = {"Accept": "application/json"}
    assert (
        client.post(address + "/claim", headers=anna | programs).json["until"].startswith("2026-03-01T12:20")
    )
    refused = client.post(address + "/claim", headers=boris | programs)
    assert refused.status_code == 409 and "anna@example.org" in refused.json["detail"]
    page = client.post(address + "/claim", headers=boris, follow_redirects=True)
    assert page.status_code == 200 and "anna@example.org" in page.text
    assert client.post(address + "/claim", headers=anna, data={"release": "1"}).status_code == 303
    assert client.post(address + "/claim", headers=boris | programs).status_code == 200
    assert client.post("/crises/coast/verify/x/claim", headers=boris | programs).status_code == 404
