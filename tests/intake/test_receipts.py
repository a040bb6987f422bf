"""What became of my report: only the public release moves the answer, and nothing tells a code apart."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from mapper.app import create_app
from mapper.clock import SteppedClock
from mapper.config import Settings
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.receipts import digits_of, fate_of
from mapper.intake.service import accept
from mapper.store.store import Store
from mapper.store.tables import Crisis, Decision, Incident, IncidentReport, ReleaseMember, Snapshot

from tests.conftest import START

HTML = {"Accept": "text/html"}
HOUR = timedelta(hours=1)


class Story:
    """A crisis with one report in one incident, to which things happen."""

    def __init__(self, store: Store, clock: SteppedClock, crisis: Crisis) -> None:
        self.store, self.clock, self.crisis = store, clock, crisis
        (outcome,) = accept(store, crisis, [ReportDraft(text="a wall fell")], Sender("anonymous"))
        self.report_id, self.receipt = outcome.report_id, outcome.receipt
        self.incident_id = self.add_incident()
        self.put(IncidentReport(**self._membership(self.incident_id)))
        self.decided = 0

    def put(self, row: Any) -> None:
        with self.store.write() as session:
            session.merge(row)

    def _membership(self, incident_id: uuid.UUID, decision_id: uuid.UUID | None = None) -> dict[str, Any]:
        return {
            "crisis_id": self.crisis.id,
            "report_id": self.report_id,
            "incident_id": incident_id,
            "score": None,
            "why": {},
            "decision_id": decision_id,
            "joined_at": self.clock(),
        }

    def add_incident(self) -> uuid.UUID:
        incident = uuid.uuid4()
        now = self.clock()
        self.put(
            Incident(
                crisis_id=self.crisis.id,
                id=incident,
                sector="housing",
                needs=[],
                first_reported_at=now,
                last_reported_at=now,
                changed_at=now,
            )
        )
        return incident

    def after(self, wait: timedelta) -> None:
        self.clock.set(self.clock() + wait)

    def decide(self, kind: str, state: str, effect: str = "applied") -> uuid.UUID:
        self.decided += 1
        decision = uuid.uuid4()
        self.put(
            Decision(
                crisis_id=self.crisis.id,
                id=decision,
                incident_id=self.incident_id,
                number=self.decided,
                kind=kind,
                round=1,
                effect=effect,
                actor_user_id=1,
                decided_at=self.clock(),
                reason="seen",
                details={},
                state_before="new",
                state_after=state,
            )
        )
        return decision

    def move_to_another_incident(self, decision_id: uuid.UUID) -> None:
        self.put(IncidentReport(**self._membership(self.add_incident(), decision_id)))

    def release(self, version: int = 1) -> None:
        self.put(
            Snapshot(
                crisis_id=self.crisis.id,
                audience="public",
                version=version,
                path="x",
                sha256="0" * 64,
                rows=0,
                data_until=self.clock(),
                created_at=self.clock(),
                policy={},
            )
        )

    def count(self) -> None:
        self.put(
            ReleaseMember(
                crisis_id=self.crisis.id,
                incident_id=self.incident_id,
                area_code="HT01",
                sector="housing",
                week="2026-W09",
                release=1,
            )
        )

    def blank(self) -> None:
        with self.store.write() as session:
            session.get_one(Crisis, self.crisis.id).blanked_at = self.clock()

    @property
    def state(self) -> str:
        fate = fate_of(self.store, self.receipt)
        assert fate is not None
        return fate.state


@pytest.fixture
def story(sqlite_store: Store, clock: SteppedClock, make_crisis: Callable[..., Crisis]) -> Story:
    return Story(sqlite_store, clock, make_crisis(sqlite_store))


@pytest.fixture
def conflict(sqlite_store: Store, clock: SteppedClock, make_crisis: Callable[..., Crisis]) -> Story:
    return Story(sqlite_store, clock, make_crisis(sqlite_store, mode="conflict", embargo_hours=24))


def test_before_any_release_a_report_is_received(story: Story) -> None:
    story.decide("triage", "triaged")
    story.decide("reject", "false")
    assert story.state == "received"


def test_the_answer_moves_with_the_release_only(story: Story) -> None:
    story.release()
    story.after(HOUR)
    story.decide("triage", "triaged")
    assert story.state == "received"
    story.after(HOUR)
    story.release(2)
    assert story.state == "in_review"
    story.after(HOUR)
    story.decide("unverifiable", "unverifiable")
    assert story.state == "in_review"
    story.after(HOUR)
    story.release(3)
    assert story.state == "closed"


def test_a_report_after_the_release_is_received_whatever_its_incident(story: Story) -> None:
    story.clock.set(START - HOUR)
    story.decide("reject", "false")
    story.release()
    assert story.state == "received"


def test_a_proposal_is_no_decision_yet(story: Story) -> None:
    story.after(HOUR)
    story.decide("retract", "retracted", effect="proposed")
    story.after(HOUR)
    story.release()
    assert story.state == "received"


def test_reopening_opens_it_again(story: Story) -> None:
    story.after(HOUR)
    story.decide("reject", "false")
    story.decide("reopen", "triaged")
    story.after(HOUR)
    story.release()
    assert story.state == "in_review"


def test_in_conflict_closing_waits_as_long_as_the_longest_embargo(conflict: Story) -> None:
    conflict.after(HOUR)
    conflict.decide("verify", "verified")
    conflict.after(timedelta(days=7) - HOUR)
    conflict.release()
    assert conflict.state == "in_review"
    conflict.after(HOUR)
    conflict.release(2)
    assert conflict.state == "closed"


def test_what_the_release_counts_is_closed(conflict: Story) -> None:
    conflict.after(HOUR)
    conflict.decide("verify", "verified")
    conflict.after(HOUR)
    conflict.release()
    conflict.count()
    assert conflict.state == "closed"


def test_moving_the_report_between_releases_moves_nothing(story: Story) -> None:
    story.after(HOUR)
    story.decide("triage", "triaged")
    story.after(HOUR)
    story.release()
    story.after(HOUR)
    story.move_to_another_incident(story.decide("split", "triaged"))
    assert story.state == "in_review"


def test_a_blanked_crisis_tells_nothing(story: Story) -> None:
    story.after(HOUR)
    story.decide("reject", "false")
    story.release()
    story.blank()
    assert story.state == "received"


@pytest.fixture
def client(story: Story, settings: Settings) -> FlaskClient:
    return create_app(settings, story.store).test_client()


def test_the_code_is_sent_by_form_in_any_grouping(client: FlaskClient, story: Story) -> None:
    code = story.receipt
    grouped = " ".join(code[start : start + 4] for start in range(0, 16, 4))
    arabic = grouped.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for written in (code, grouped, grouped.replace(" ", "-"), arabic):
        answer = client.post("/receipts", data={"receipt": written}, headers=HTML)
        assert answer.status_code == 200
        assert 'aria-current="step"' in answer.text
        assert code not in answer.text
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_address_tells_nothing(client: FlaskClient, story: Story) -> None:
    answer = client.get(f"/receipts?receipt={story.receipt}", headers=HTML)
    assert "aria-current" not in answer.text.partition("<main")[2]


def test_every_unknown_code_gets_the_same_answer(client: FlaskClient) -> None:
    codes = ("0000000000000000", "1234567812345678", "12", "", "x" * 16, "12345678 12345678 1")
    answers = [client.post("/receipts", data={"receipt": code}, headers=HTML) for code in codes]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_a_program_asks_with_json(client: FlaskClient, story: Story) -> None:
    assert client.post("/receipts", json={"receipt": story.receipt}).json == {
        "state": "received",
        "crisis": "coast",
        "as_of": None,
    }
    refused = client.post("/receipts", json={"receipt": "1" * 16})
    assert refused.status_code == 404
    assert refused.content_type == "application/problem+json"
    assert client.post("/receipts", json=["x"]).status_code == 404


def test_guessing_is_limited(client: FlaskClient) -> None:
    statuses = [client.post("/receipts", data={"receipt": "1" * 16}).status_code for _ in range(21)]
    assert statuses == [404] * 20 + [429]


def test_codes_are_not_kept(story: Story, settings: Settings) -> None:
    everything = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    assert story.receipt.encode() not in everything


@given(st.text(max_size=60))
def test_a_code_is_sixteen_digits_or_nothing(text: str) -> None:
    digits = digits_of(text)
    assert digits is None or (len(digits) == 16 and digits.isascii() and digits.isdigit())


@pytest.mark.parametrize(
    "body", ["[" * 100_000, "[", "null", '{"receipt": {}}', '{"receipt": "\\ud800"}', "9" * 6000]
)
def test_what_is_no_code_is_unknown(client: FlaskClient, body: str) -> None:
    answer = client.post("/receipts", data=body, content_type="application/json")
    assert answer.status_code == 404 and answer.mimetype == "application/problem+json"
