"""One incident in full: what was reported, why it is together, what was decided, and what stays hidden."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.store.contents import ReportContent, seal_content
from mapper.store.store import Store
from mapper.store.tables import Crisis, Decision, Incident, IncidentReport, Medium, Report, ReportKey, User
from sqlalchemy import select

from tests.exchange.conftest import LIST, Ask
from tests.publication.incidents import add_incident, change_incident


def add_report(store: Store, incident: Incident, text: str) -> Report:
    """Add a sealed report with a photo to an incident."""
    secret, wrapped = store.keys.new_secret(report_id := uuid.uuid4())
    content = ReportContent(
        text=text, location_text="by the bridge", contact="+509 555", raw={"secret": "raw payload"}
    )
    common = {"crisis_id": incident.crisis_id, "report_id": report_id}
    with store.write() as session:
        report = Report(
            crisis_id=incident.crisis_id,
            id=report_id,
            received_at=store.clock(),
            observed_at=store.clock() - timedelta(hours=1),
            channel="form",
            sender_key="anonymous",
            receipt_hash="0" * 64,
            sector="health",
            damage_scale="EMS-98",
            damage_value="D3",
            needs=["water"],
            consent="internal",
            content=seal_content(secret, report_id, content),
            commitment="0" * 64,
            ledger_id=uuid.uuid4(),
        )
        session.add(report)
        session.add(ReportKey(**common, wrapped=wrapped))
        session.add(
            IncidentReport(
                **common, incident_id=incident.id, score=0.97, why={"distance_m": 12}, joined_at=store.clock()
            )
        )
        session.add(
            Medium(
                **common,
                id=uuid.uuid4(),
                position=0,
                sha256="ab" * 32,
                content_type="image/jpeg",
                size=5,
                blob="c" * 64,
            )
        )
    return report


def add_decision(
    store: Store, incident: Incident, number: int, kind: str, effect: str, actor: int, **more: Any
) -> None:
    """Record a decision as verification would."""
    with store.write() as session:
        session.add(
            Decision(
                crisis_id=incident.crisis_id,
                id=uuid.uuid4(),
                incident_id=incident.id,
                number=number,
                kind=kind,
                round=1,
                effect=effect,
                actor_user_id=actor,
                decided_at=store.clock(),
                reason=f"reason {number}",
                details={"salt": "00" * 32, **more},
                state_before="new",
                state_after="in_review",
            )
        )


@pytest.fixture
def incident(sqlite_store: Store, coast: Crisis) -> Incident:
    """An incident with one report."""
    found = add_incident(
        sqlite_store, coast, sector="health", asset="clinic", damage_low=3, damage_high=3, version=4
    )
    add_report(sqlite_store, found, "The roof of the clinic is gone")
    return found


def test_reports_evidence_and_why(internal: Ask, incident: Incident) -> None:
    answer = internal(path=f"{LIST}/{incident.id}")
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"4"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    properties = answer.json["properties"]
    assert (properties["title"], properties["reports"]) == ("Clinic: Heavy damage", 1)
    (report,) = properties["report_list"]
    assert report["text"] == "The roof of the clinic is gone"
    assert report["location_text"] == "by the bridge"
    assert (report["channel"], report["damage_value"], report["needs"]) == ("form", "D3", ["water"])
    assert report["observed_at"] == "2026-03-01T11:00:00+00:00"
    assert (report["score"], report["why"]) == (0.97, {"distance_m": 12})
    (evidence,) = properties["evidence"]
    assert (evidence["sha256"], evidence["report"]) == ("ab" * 32, report["id"])


def test_contact_and_raw_payload_are_never_in_it(internal: Ask, incident: Incident) -> None:
    answer = internal(path=f"{LIST}/{incident.id}")
    assert "+509" not in answer.text
    assert "raw payload" not in answer.text
    assert "receipt" not in answer.text


def test_people_read_what_they_wrote(internal: Ask, sqlite_store: Store, incident: Incident) -> None:
    change_incident(sqlite_store, incident, status="triaged")
    answer = internal(path=f"{LIST}/{incident.id}")
    assert (answer.json["properties"]["status"], answer.headers["ETag"]) == ("triaged", '"5"')


def test_an_erased_report_has_no_words(internal: Ask, sqlite_store: Store, incident: Incident) -> None:
    with sqlite_store.write() as session:
        report = session.scalars(select(Report)).one()
        report.content, report.erased_at = None, sqlite_store.clock()
        session.delete(session.scalars(select(ReportKey)).one())
    (shown,) = internal(path=f"{LIST}/{incident.id}").json["properties"]["report_list"]
    assert (shown["text"], shown["location_text"], shown["is_erased"]) == ("", None, True)


def test_what_was_redacted_is_withheld(internal: Ask, sqlite_store: Store, incident: Incident) -> None:
    with sqlite_store.read() as session:
        report_id = session.scalars(select(Report.id)).one()
    parts = {"reports": [str(report_id)], "parts": ["text", "media"]}
    add_decision(sqlite_store, incident, 1, "redact", "applied", 1, **parts)
    properties = internal(path=f"{LIST}/{incident.id}").json["properties"]
    assert properties["report_list"][0]["text"] == ""
    assert properties["report_list"][0]["withheld"] == ["media", "text"]
    assert properties["evidence"] == []


def test_an_open_round_shows_nobody_another_s_assessment(
    client: FlaskClient, internal: Ask, sqlite_store: Store, incident: Incident, make_token: Any
) -> None:
    first = make_token(sqlite_store, "verifier", email="first@example.org")
    with sqlite_store.read() as session:
        first_id = session.scalars(select(User.id).where(User.email == "first@example.org")).one()
    add_decision(sqlite_store, incident, 1, "triage", "applied", first_id)
    add_decision(sqlite_store, incident, 2, "verify", "assessment", first_id, damage_low=5, source_grade="A")
    hidden = internal(path=f"{LIST}/{incident.id}")
    assert [item["kind"] for item in hidden.json["properties"]["history"]] == ["triage"]
    assert hidden.json["properties"]["hidden_assessments"] == 1
    assert "reason 2" not in hidden.text
    assert "source_grade" not in hidden.text
    own = client.get(f"{LIST}/{incident.id}", headers=first).json["properties"]
    assert own["history"][1]["details"] == {"damage_low": 5, "source_grade": "A"}
    assert own["history"][1]["actor"] == "first@example.org"
    assert own["hidden_assessments"] == 0


def test_what_is_not_there_is_404(internal: Ask, incident: Incident) -> None:
    for name in (uuid.uuid4(), "x", "%00", str(incident.id) + "0", incident.id.hex, f"{{{incident.id}}}"):
        answer = internal(path=f"{LIST}/{name}")
        assert answer.status_code == 404, name
        assert answer.content_type == "application/problem+json"


def test_an_unchanged_incident_is_not_sent_again(
    client: FlaskClient, sqlite_store: Store, incident: Incident, make_token: Any
) -> None:
    headers = make_token(sqlite_store, "coordinator") | {"If-None-Match": '"4"'}
    answer = client.get(f"{LIST}/{incident.id}", headers=headers)
    assert (answer.status_code, answer.data) == (304, b"")
