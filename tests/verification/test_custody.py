"""Custody: each reading of an original is written down with its reason, and blindness holds there too."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.intake.erasure import erase
from mapper.store.custody import commitment, events_of
from mapper.store.ledger import seal
from mapper.store.originals import open_original
from mapper.store.proof import verify
from mapper.store.store import Store
from mapper.store.tables import Crisis, CustodyEvent, LedgerEntry, Medium
from sqlalchemy import select

from tests.verification.builders import ANNA, do
from tests.verification.test_case import picture, with_photo


def the_medium(store: Store) -> Medium:
    with store.read() as session:
        return session.scalars(select(Medium)).one()


def test_each_event_has_an_entry_that_commits_to_it(store: Store, crisis: Crisis) -> None:
    with_photo(store, crisis, picture())
    medium = the_medium(store)
    opened = open_original(store, crisis.id, medium.id, 7, "to read the plate")
    assert opened is not None and opened.data == picture()
    with store.read() as session:
        rows = session.scalars(select(CustodyEvent).order_by(CustodyEvent.at, CustodyEvent.act.desc())).all()
        entries = {item.id: item for item in session.scalars(select(LedgerEntry))}
    assert [(row.act, row.actor_user_id, row.reason) for row in rows] == [
        ("received", None, None),
        ("opened", 7, "to read the plate"),
    ]
    for row in rows:
        payload = json.loads(entries[row.ledger_id].payload)
        assert payload["content"] == commitment(row.salt or "", medium.sha256, row.reason, row.details)
        assert "plate" not in entries[row.ledger_id].payload
        assert (medium.sha256 or "") not in entries[row.ledger_id].payload


def test_erasing_leaves_who_and_when_but_no_reason(store: Store, crisis: Crisis, tmp_path: Any) -> None:
    with_photo(store, crisis, picture())
    medium = the_medium(store)
    open_original(store, crisis.id, medium.id, 7, "Mrs Doe asked")
    erase(store, medium.report_id, tmp_path)
    with store.read() as session:
        events = events_of(session, crisis.id, [medium.id])[medium.id]
        salts = session.scalars(select(CustodyEvent.salt)).all()
    assert [event.reason for event in events] == [None, None] and set(salts) == {None}
    assert open_original(store, crisis.id, medium.id, 7, "again") is None
    while seal(store, crisis.id):
        pass
    assert verify(store, crisis).sealed == 5  # crisis, report, received, opened, erasure


@pytest.mark.parametrize("reason", ["", "  ", "\0", "x" * 501])
def test_no_original_without_a_reason(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, anna: dict[str, str], reason: str
) -> None:
    with_photo(sqlite_store, coast, picture())
    base = f"/crises/coast/verify/media/{the_medium(sqlite_store).id}"
    for what in ("original", "metadata"):
        assert client.post(f"{base}/{what}", data={"reason": reason}, headers=anna).status_code == 422
    with sqlite_store.read() as session:
        assert session.scalars(select(CustodyEvent.act)).all() == ["received"]


def test_the_original_leaves_as_a_file_and_is_listed(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, anna: dict[str, str], boris: dict[str, str]
) -> None:
    incident_id = with_photo(sqlite_store, coast, picture())
    medium = the_medium(sqlite_store)
    base = f"/crises/coast/verify/media/{medium.id}"
    answer = client.post(f"{base}/original", data={"reason": "the <b>court</b> asks"}, headers=anna)
    assert answer.status_code == 200 and answer.data == picture()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    page = client.get(base, headers=boris).text
    assert "the &lt;b&gt;court" in page and "anna@example.org" in page and "Original exported" in page
    listed = client.get(f"/api/v1/crises/coast/media/{medium.id}/custody", headers=boris).json
    assert [event["act"] for event in listed["custody"]] == ["received", "exported"]
    detail = client.get(f"/api/v1/crises/coast/incidents/{incident_id}", headers=boris).json
    assert detail["properties"]["evidence"][0]["custody"] == listed["custody"]


def test_a_first_assessors_reason_waits_for_the_second(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, anna: dict[str, str], boris: dict[str, str]
) -> None:
    incident_id = with_photo(sqlite_store, coast, picture())
    base = f"/crises/coast/verify/media/{the_medium(sqlite_store).id}"
    client.post(f"{base}/metadata", data={"reason": "surely destroyed"}, headers=anna)
    do(sqlite_store, coast, incident_id, ANNA, "verify")
    assert "surely destroyed" not in client.get(base, headers=boris).text
    assert "surely destroyed" in client.get(base, headers=anna).text
    detail = client.get(f"/api/v1/crises/coast/incidents/{incident_id}", headers=boris)
    assert "surely destroyed" not in detail.text


@pytest.mark.parametrize("role", ["coordinator", "donor", ""])
def test_only_the_desk_sees_custody(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, make_token: Any, role: str
) -> None:
    with_photo(sqlite_store, coast, picture())
    who = make_token(sqlite_store, role) if role else {}
    medium_id = the_medium(sqlite_store).id
    status = client.get(f"/api/v1/crises/coast/media/{medium_id}/custody", headers=who).status_code
    assert (status == 200) == (role == "coordinator")
    missing = client.get(f"/api/v1/crises/coast/media/{uuid.uuid4()}/custody", headers=who).status_code
    assert missing == (404 if role == "coordinator" else status)
