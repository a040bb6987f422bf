"""Comments, mentions and handovers: talk of the desk that never tells a grade to a second person."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from mapper.accounts.service import add_user
from mapper.clock import SteppedClock
from mapper.store.store import Store
from mapper.store.tables import Crisis, User
from mapper.verification.claims import claim, held_by
from mapper.verification.comments import mark_read, said_about, say, unread_mentions
from mapper.verification.handovers import hand_over, latest
from mapper.verification.refusals import DoesNotFit, NoSuchIncident
from mapper.verification.rules import Actor
from mapper.worker import work_until_idle
from sqlalchemy import select

from tests.verification.builders import do, make_incident


@pytest.fixture
def desk(store: Store, crisis: Crisis) -> dict[str, Actor]:
    """Verifiers with accounts, a coordinator, and a donor who belongs to nobody's desk."""
    for name, role in (
        ("anna", "verifier"),
        ("boris", "verifier"),
        ("cora", "coordinator"),
        ("don", "donor"),
    ):
        add_user(store, f"{name}@example.org", role, "coast", "a long enough password")
    with store.read() as session:
        rows = session.execute(select(User.email, User.id)).all()
    return {row.email.partition("@")[0]: Actor(row.id, frozenset({"verifier"})) for row in rows}


def read(store: Store, crisis: Crisis, incident_id: uuid.UUID, who: Actor) -> list[str]:
    with store.read() as session:
        return [item.text for item in said_about(session, crisis.id, incident_id, who.user_id)]


def mentions(store: Store, crisis: Crisis, who: Actor) -> list[str]:
    with store.read() as session:
        return [item.text for item in unread_mentions(session, crisis.id, who.user_id)]


def test_a_comment_calls_whom_it_names(store: Store, crisis: Crisis, desk: dict[str, Actor]) -> None:
    incident_id = make_incident(store, crisis)
    text = "Can @boris or @cora@example.org, look? Not @don, not mail me@anna.org, not @nobody."
    called = say(store, crisis.id, incident_id, desk["anna"].user_id, text)
    assert called == ["boris@example.org", "cora@example.org"]
    assert mentions(store, crisis, desk["boris"]) == [text]
    assert mentions(store, crisis, desk["anna"]) == mentions(store, crisis, desk["don"]) == []
    with store.read() as session:
        ids = [item.id for item in unread_mentions(session, crisis.id, desk["boris"].user_id)]
    mark_read(store, crisis.id, desk["boris"].user_id, ids)
    assert mentions(store, crisis, desk["boris"]) == []
    assert mentions(store, crisis, desk["cora"]) == [text]


def test_what_an_assessor_says_waits_with_the_assessment(
    store: Store, crisis: Crisis, desk: dict[str, Actor]
) -> None:
    anna, boris, cora = desk["anna"], desk["boris"], desk["cora"]
    incident_id = make_incident(store, crisis)
    say(store, crisis.id, incident_id, boris.user_id, "I know the street")
    say(store, crisis.id, incident_id, anna.user_id, "before: looks like 4")
    do(store, crisis, incident_id, anna, "verify")
    say(store, crisis.id, incident_id, anna.user_id, "@boris I gave it a 4")
    assert read(store, crisis, incident_id, boris) == ["I know the street"]
    assert read(store, crisis, incident_id, cora) == ["I know the street"]
    assert len(read(store, crisis, incident_id, anna)) == 3
    assert mentions(store, crisis, boris) == []
    do(store, crisis, incident_id, boris, "verify")
    assert len(read(store, crisis, incident_id, boris)) == 3
    assert mentions(store, crisis, boris) == ["@boris I gave it a 4"]


def test_what_was_said_in_a_round_without_end_stays_hidden(
    store: Store, crisis: Crisis, desk: dict[str, Actor]
) -> None:
    anna, boris, cora = desk["anna"], desk["boris"], desk["cora"]
    incident_id = make_incident(store, crisis)
    do(store, crisis, incident_id, anna, "verify")
    say(store, crisis.id, incident_id, anna.user_id, "a 4")
    do(store, crisis, incident_id, cora, "unverifiable")
    do(store, crisis, incident_id, cora, "reopen")
    say(store, crisis.id, incident_id, anna.user_id, "another look?")
    assert read(store, crisis, incident_id, boris) == ["another look?"]


def test_a_comment_has_words_and_an_incident(store: Store, crisis: Crisis, desk: dict[str, Actor]) -> None:
    incident_id = make_incident(store, crisis)
    for text in ("  ", "x" * 2001):
        with pytest.raises(DoesNotFit):
            say(store, crisis.id, incident_id, 1, text)
    with pytest.raises(NoSuchIncident):
        say(store, crisis.id, uuid.uuid4(), 1, "hello")


def test_a_handover_leaves_a_note_and_what_was_in_hand(
    store: Store, crisis: Crisis, desk: dict[str, Actor], clock: SteppedClock
) -> None:
    anna = desk["anna"]
    cases = [make_incident(store, crisis) for _ in range(2)]
    for case in cases:
        claim(store, crisis.id, case, anna.user_id)
    assert hand_over(store, crisis.id, anna.user_id, "The bridge needs a call.") == 2
    with store.read() as session:
        assert held_by(session, crisis.id, anna.user_id, clock()) == []
        left = latest(session, crisis.id)
    assert [(item.author, item.note) for item in left] == [("anna@example.org", "The bridge needs a call.")]
    assert set(left[0].incidents) == set(cases)
    with pytest.raises(DoesNotFit):
        hand_over(store, crisis.id, anna.user_id, " ")


def test_a_second_person_finds_the_first_assessment_nowhere(
    client: Any, sqlite_store: Store, coast: Crisis, anna: Any, boris: Any, make_token: Any, post: Any
) -> None:
    """Marks of the first assessment are looked for in every answer that a second person can get."""
    incident_id = make_incident(sqlite_store, coast)
    marks = ["Zebra", "Quagga", "Okapi", "Tapir", "431.25"]
    first = {
        "kind": "verify", "damage_low": 5, "damage_high": 5, "source_grade": "E", "information_grade": "5",
        "position_accuracy_m": 431.25, "reason": "Zebra", "weather": "Quagga",
    }  # fmt: skip
    before = client.get(f"/api/v1/crises/coast/incidents/{incident_id}", headers=boris).json["properties"]
    assert post(incident_id, anna, first).status_code == 200
    assert (
        post(incident_id, anna, {"kind": "redact", "parts": ["source_url"], "reason": "Okapi"}).status_code
        == 200
    )
    with sqlite_store.read() as session:
        anna_id = session.scalars(select(User.id).where(User.email == "anna@example.org")).one()
    say(sqlite_store, coast.id, incident_id, anna_id, "@boris Tapir")
    work_until_idle(sqlite_store)
    case = f"/crises/coast/verify/{incident_id}"
    addresses = [
        "/crises/coast/verify", "/crises/coast/verify?whose=all&state=in_review", case, "/crises/coast",
        "/api/v1/crises/coast/incidents", f"/api/v1/crises/coast/incidents/{incident_id}",
        "/crises/coast/tiles/incidents/0/0/0.mvt", "/crises/coast/incidents.atom",
        "/crises/coast/verify/desk",
    ]  # fmt: skip
    for token in (boris, make_token(sqlite_store, "admin"), make_token(sqlite_store, "coordinator")):
        for address in addresses:
            answer = client.get(address, headers=token)
            assert answer.status_code in (200, 204), address
            assert [mark for mark in marks if mark.encode() in answer.data] == [], address
    after = client.get(f"/api/v1/crises/coast/incidents/{incident_id}", headers=boris).json["properties"]
    moving = {"version", "status", "history", "hidden_assessments", "report_list"}
    assert {k: v for k, v in after.items() if k not in moving} == {
        k: v for k, v in before.items() if k not in moving
    }
    assert after["hidden_assessments"] == 1
    assert [(item["kind"], item["reason"]) for item in after["history"]] == [("redact", None)]
    second = first | {"reason": "seen", "damage_low": 4, "position_accuracy_m": 20}
    assert post(incident_id, boris, second).json["properties"]["status"] == "verified"
    shown = client.get(f"/api/v1/crises/coast/incidents/{incident_id}", headers=boris).text
    assert "Zebra" in shown and "Okapi" in shown and "Quagga" in shown
    assert "Tapir" in client.get(case, headers=boris).text
