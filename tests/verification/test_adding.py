"""A verifier adds evidence: sealed beside a report, whose own commitment stays its sender's."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.intake.erasure import erase
from mapper.store.ledger import seal
from mapper.store.proof import verify
from mapper.store.store import Store
from mapper.store.tables import Crisis, CustodyEvent, Medium, Report
from mapper.verification.work import work
from sqlalchemy import select

from tests.files.clips import pdf
from tests.verification.builders import make_incident, report_ids
from tests.verification.test_case import picture

Who = dict[str, str]


@pytest.fixture
def case(sqlite_store: Store, coast: Crisis) -> tuple[str, str]:
    """An incident's address for evidence, and the id of its report."""
    incident_id = make_incident(sqlite_store, coast, reports=1)
    (report_id,) = report_ids(sqlite_store, coast, incident_id)
    return f"/crises/coast/verify/{incident_id}/evidence", report_id


def form(report_id: str, *files: bytes, reason: str = "from the town's website") -> dict[str, Any]:
    media = [(io.BytesIO(data), f"IMG_{number}.jpg") for number, data in enumerate(files)]
    return {"report": report_id, "reason": reason, "media": media}


def test_what_is_added_is_sealed_in_custody_and_erased_with_its_report(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, anna: Who, case: tuple[str, str], tmp_path: Any
) -> None:
    address, report_id = case
    sent = form(report_id, picture(), pdf(1))
    assert client.post(address, data=sent, headers=anna).status_code == 303
    while work(sqlite_store):
        pass
    with sqlite_store.read() as session:
        media = session.scalars(select(Medium).order_by(Medium.position)).all()
        events = session.scalars(select(CustodyEvent)).all()
        report = session.scalars(select(Report)).one()
    assert [(item.position, item.content_type, item.added_by) for item in media] == [
        (0, "image/jpeg", 1),
        (1, "application/pdf", 1),
    ]
    assert all(item.copy_blob for item in media)
    assert {(event.act, event.reason) for event in events} == {("received", "from the town's website")}
    while seal(sqlite_store, coast.id):
        pass
    assert verify(sqlite_store, coast).reports == 1
    erase(sqlite_store, report.id, tmp_path)
    with sqlite_store.read() as session:
        assert set(session.scalars(select(Medium.blob))) == {None}


def test_what_does_not_belong_is_refused(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, anna: Who, case: tuple[str, str], make_token: Any
) -> None:
    address, report_id = case
    other = report_ids(sqlite_store, coast, make_incident(sqlite_store, coast, reports=1))[0]
    wrong = [
        (form(other, picture()), anna, 404),
        (form("x", picture()), anna, 404),
        (form(report_id), anna, 422),
        (form(report_id, picture(), reason=" "), anna, 422),
        (form(report_id, b"<svg onload=alert(1)>"), anna, 415),
        (form(report_id, *[picture()] * 7), anna, 422),
        (form(report_id, picture()), make_token(sqlite_store, "coordinator"), 403),
    ]
    for sent, who, status in wrong:
        assert client.post(address, data=sent, headers=who).status_code == status
    with sqlite_store.read() as session:
        assert session.scalars(select(Medium)).all() == []
