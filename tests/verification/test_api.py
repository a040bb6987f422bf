"""Decisions from outside: addresses, statuses, problem documents, what each asker may see."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.intake.drafts import Sender
from mapper.store.store import Store
from mapper.store.tables import Crisis, User
from sqlalchemy import select

from tests.accounts.conftest import post_sign_in, token_of
from tests.conftest import PASSWORD
from tests.verification.builders import FIELDS, load, make_incident

VERIFY = {"kind": "verify", "reason": "seen on the picture"} | FIELDS["verify"]
Decide = Callable[..., Any]
Token = dict[str, str]


@pytest.fixture
def incident(sqlite_store: Store, coast: Crisis) -> uuid.UUID:
    """An incident with two reports."""
    return make_incident(sqlite_store, coast)


def test_two_people_verify_one_incident(
    post: Decide, client: FlaskClient, anna: Token, boris: Token, incident: uuid.UUID
) -> None:
    first = post(incident, anna, VERIFY)
    assert first.status_code == 200
    assert first.json["type"] == "Feature"
    assert first.json["properties"]["status"] == "in_review"
    assert first.headers["ETag"] == '"2"'
    assert first.headers["Cache-Control"] == "private, no-store"
    second = post(incident, boris, VERIFY | {"damage_low": 4, "damage_high": 5})
    properties = second.json["properties"]
    assert (properties["status"], properties["version"]) == ("verified", 3)
    assert (properties["damage_low"], properties["damage_high"]) == (3, 5)
    assert properties["verified_at"] is not None
    read = client.get(f"/api/v1/crises/coast/incidents/{incident}", headers=anna)
    assert read.headers["ETag"] == second.headers["ETag"]
    assert [item["kind"] for item in read.json["properties"]["history"]] == ["verify", "verify"]


@pytest.mark.parametrize("role", ["verifier", "admin", "coordinator"])
def test_the_first_assessment_is_shown_to_nobody_else(
    sqlite_store: Store,
    post: Decide,
    client: FlaskClient,
    anna: Token,
    make_token: Callable[..., Token],
    incident: uuid.UUID,
    role: str,
) -> None:
    words = "Anna's own words 7193"
    mine = post(incident, anna, VERIFY | {"reason": words, "damage_low": 5, "damage_high": 5})
    assert words in mine.text
    other = make_token(sqlite_store, role, email="other@example.org")
    for path in (f"/api/v1/crises/coast/incidents/{incident}", "/api/v1/crises/coast/incidents"):
        answer = client.get(path, headers=other)
        assert answer.status_code == 200
        assert words not in answer.text
        assert "anna@example.org" not in answer.text
        assert '"damage_high":5' not in answer.text
    detail = client.get(f"/api/v1/crises/coast/incidents/{incident}", headers=other).json["properties"]
    assert detail["history"] == []
    assert detail["hidden_assessments"] == 1


def test_the_second_who_disagrees_does_not_learn_the_first(
    post: Decide, anna: Token, boris: Token, incident: uuid.UUID
) -> None:
    post(incident, anna, VERIFY | {"damage_low": 0, "damage_high": 0, "reason": "no damage at all"})
    answer = post(incident, boris, VERIFY)
    assert answer.json["properties"]["status"] == "in_review"
    assert "no damage at all" not in answer.text
    assert [item["reason"] for item in answer.json["properties"]["history"]] == [VERIFY["reason"]]


@pytest.mark.parametrize("role", ["coordinator", "donor", "partner", "reporter"])
def test_no_right(
    sqlite_store: Store, post: Decide, make_token: Callable[..., Token], incident: uuid.UUID, role: str
) -> None:
    answer = post(incident, make_token(sqlite_store, role), VERIFY)
    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"


def test_nobody_in_particular(post: Decide, incident: uuid.UUID) -> None:
    assert post(incident, {}, VERIFY).status_code == 401


def test_a_role_in_another_crisis_is_no_right_here(
    sqlite_store: Store,
    make_crisis: Callable[..., Crisis],
    make_token: Callable[..., Token],
    post: Decide,
    incident: uuid.UUID,
) -> None:
    make_crisis(sqlite_store, slug="inland")
    assert post(incident, make_token(sqlite_store, "verifier", "inland"), VERIFY).status_code == 403


def test_another_crisis_incident_is_as_if_absent(
    sqlite_store: Store, make_crisis: Callable[..., Crisis], post: Decide, anna: Token
) -> None:
    elsewhere = make_incident(sqlite_store, make_crisis(sqlite_store, slug="inland"))
    answers = [post(wanted, anna, VERIFY) for wanted in (elsewhere, uuid.uuid4(), "not-an-id")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.text for answer in answers}) == 1


def test_the_same_person_and_the_sender_are_told_so(
    sqlite_store: Store, coast: Crisis, post: Decide, anna: Token, incident: uuid.UUID
) -> None:
    post(incident, anna, VERIFY)
    again = post(incident, anna, VERIFY)
    assert again.status_code == 409
    assert "another person" in again.json["detail"]
    with sqlite_store.read() as session:
        user_id = session.scalars(select(User.id).where(User.email == "anna@example.org")).one()
    own = make_incident(sqlite_store, coast, sender=Sender.of_user(user_id))
    assert post(own, anna, VERIFY).status_code == 409


def test_a_state_that_does_not_allow_it(post: Decide, anna: Token, incident: uuid.UUID) -> None:
    assert post(incident, anna, {"kind": "reject", "reason": "a film set"}).status_code == 200
    answer = post(incident, anna, VERIFY)
    assert answer.status_code == 409
    assert answer.json["detail"] == (
        "“Give an assessment” is not possible while the incident is in the state “False”."
    )


@pytest.mark.parametrize("tag", ['"7"', 'W/"7"', '"abc"', "1", '"7", "8"', "", f'"{"9" * 5000}"'])
def test_a_stale_version(post: Decide, anna: Token, incident: uuid.UUID, tag: str) -> None:
    answer = post(incident, anna, VERIFY, **{"If-Match": tag})
    assert answer.status_code == (200 if tag == "1" else 412)


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"0", "1"', "*"])
def test_the_version_that_was_looked_at(post: Decide, anna: Token, incident: uuid.UUID, tag: str) -> None:
    assert post(incident, anna, VERIFY, **{"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/kind"]),
        ({"kind": "approve", "reason": "x"}, ["/kind"]),
        ({"kind": "triage"}, ["/reason"]),
        ({"kind": "verify", "reason": "x", "damage_low": 3, "damage_high": 9},
         ["/damage_high", "/source_grade", "/information_grade", "/position_accuracy_m"]),
        ({"kind": "merge", "reason": "x", "into": str(uuid.uuid4())}, ["/into"]),
        ({"kind": "split", "reason": "x", "reports": []}, ["/reports"]),
        ({"kind": "triage", "reason": "a\0b"}, ["/reason"]),
        ({"kind": "repair", "reason": "x", "repaired_at": "0001-01-01T00:00:00+14:00"}, ["/repaired_at"]),
        ({"kind": "repair", "reason": "x", "repaired_at": "9999-12-31T23:59:59-14:00"}, ["/repaired_at"]),
        ([VERIFY], [""]),
        ("verify", [""]),
    ],
)  # fmt: skip
def test_wrong_fields_are_named(
    post: Decide, anna: Token, incident: uuid.UUID, body: Any, pointers: list[str]
) -> None:
    answer = post(incident, anna, body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [item["pointer"] for item in answer.json["errors"]] == pointers
    assert all(item["detail"] for item in answer.json["errors"])


def test_not_a_number_is_a_wrong_field(client: FlaskClient, anna: Token, incident: uuid.UUID) -> None:
    path = f"/api/v1/crises/coast/incidents/{incident}/decisions"
    raw = json.dumps(VERIFY | {"position_accuracy_m": float("nan")})
    answer = client.post(path, data=raw, content_type="application/json", headers=anna)
    assert answer.status_code == 422
    assert client.post(path, data="{", content_type="application/json", headers=anna).status_code == 400
    assert client.post(path, data=VERIFY, headers=anna).status_code == 415


def test_nobody_sets_a_status_or_a_role_by_posting_one(
    sqlite_store: Store, coast: Crisis, post: Decide, anna: Token, incident: uuid.UUID
) -> None:
    body = {"kind": "triage", "reason": "x", "status": "verified", "role": "admin", "grade": "A1"}
    answer = post(incident, anna, body | {"verified_at": "2026-01-01T00:00:00Z", "version": 99})
    assert answer.status_code == 200
    kept = load(sqlite_store, coast, incident)
    assert (kept.status, kept.version, kept.verified_at) == ("triaged", 2, None)


def test_a_session_needs_its_forgery_token(client: FlaskClient, anna: Token, incident: uuid.UUID) -> None:
    """A cookie alone decides nothing, whoever's page sent it."""
    post_sign_in(client, "anna@example.org", PASSWORD)
    path = f"/api/v1/crises/coast/incidents/{incident}/decisions"
    assert client.post(path, json=VERIFY).status_code == 403
    headers = {"X-CSRFToken": token_of(client.get("/").text)}
    assert client.post(path, json=VERIFY, headers=headers).status_code == 200
