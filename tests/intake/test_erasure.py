"""Erasing a report destroys what named a person, and the chain stays valid."""

import uuid

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.intake.drafts import DraftMedium, ReportDraft, Sender
from mapper.intake.erasure import NoSuchReport, erase
from mapper.intake.service import accept
from mapper.store import ledger, proof
from mapper.store.blobs import BlobMissing
from mapper.store.contents import open_contents
from mapper.store.tables import Incident, IncidentReport, Medium, Report
from sqlalchemy import select

SECRET = "Maria Example 555-0199"


def add_incident(store, crisis, reports, needs):
    at, incident_id = store.clock(), uuid.uuid4()
    when = {"first_reported_at": at, "last_reported_at": at, "changed_at": at}
    with store.write() as session:
        session.add(Incident(crisis_id=crisis.id, id=incident_id, sector="housing", needs=needs, **when))
        for report in reports:
            same = {"crisis_id": crisis.id, "incident_id": incident_id, "why": {}, "joined_at": at}
            session.add(IncidentReport(report_id=report, **same))


@pytest.fixture
def report_id(store, crisis):
    medium = DraftMedium(b"pixels of " + SECRET.encode(), "image/jpeg", "ab" * 32)
    draft = ReportDraft(text=SECRET, contact=SECRET, category=SECRET, raw={"text": SECRET}, media=(medium,))
    return accept(store, crisis, [draft], Sender("test"))[0].report_id


def test_contents_open_before_and_are_gone_after(store, crisis, report_id, tmp_path):
    with store.read() as session:
        reports = session.scalars(select(Report)).all()
        assert open_contents(session, store.keys, reports)[report_id].contact == SECRET
        blob = session.scalars(select(Medium.blob)).one()
    assert erase(store, report_id, tmp_path) is True
    assert erase(store, report_id, tmp_path) is False
    with store.read() as session:
        report = session.scalars(select(Report)).one()
        assert open_contents(session, store.keys, [report]) == {}
        assert report.contact_fingerprint is None and report.erased_at is not None
    with pytest.raises(BlobMissing):
        store.blobs.get(blob)
    ledger.seal(store, crisis.id)
    assert proof.verify(store, crisis).erased == 1
    assert str(report_id) in (tmp_path / "erasures.jsonl").read_text()


def test_nothing_readable_stays_in_the_files(sqlite_store, make_crisis, settings, tmp_path):
    crisis = make_crisis(sqlite_store)
    draft = ReportDraft(text=SECRET, contact=SECRET, location_text=SECRET)
    found = accept(sqlite_store, crisis, [draft], Sender("test"))[0]
    everything = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    assert SECRET.encode() not in everything
    with sqlite_store.read() as session:
        wrapped = session.connection().exec_driver_sql("SELECT wrapped FROM report_keys").scalar()
    assert wrapped in everything
    erase(sqlite_store, found.report_id, tmp_path)
    left = b"".join(path.read_bytes() for path in settings.data.rglob("*") if path.is_file())
    assert wrapped not in left


def test_own_words_among_needs_go_and_codes_and_others_words_stay(store, crisis, tmp_path):
    told = [("water", SECRET, "a tent"), ("a tent",)]
    said = {"text": "Roof gone", "damage_scale": SECRET, "damage_value": "3"}
    drafts = [ReportDraft(needs=needs, **said) for needs in told]
    erased, other = (outcome.report_id for outcome in accept(store, crisis, drafts, Sender("test")))
    add_incident(store, crisis, [erased, other], ["a tent", SECRET, "water"])
    erase(store, erased, tmp_path)
    with store.read() as session:
        incident, report = session.scalars(select(Incident)).one(), session.get(Report, (crisis.id, erased))
    assert (report.needs, report.damage_scale) == (["water"], None)
    assert incident.needs == ["a tent", "water"] and incident.version == 2


def test_an_unknown_report_is_said(store, crisis, tmp_path):
    with pytest.raises(NoSuchReport):
        erase(store, uuid.uuid4(), tmp_path)


def test_the_command_erases_and_says_so(sqlite_store, make_crisis, settings):
    crisis = make_crisis(sqlite_store)
    found = accept(sqlite_store, crisis, [ReportDraft(text=SECRET)], Sender("test"))[0]
    env = {"MAPPER_DATA": str(settings.data)}
    run = CliRunner().invoke
    first = run(main, ["report", "erase", str(found.report_id)], env=env)
    again = run(main, ["report", "erase", str(found.report_id)], env=env)
    assert (first.exit_code, again.exit_code) == (0, 0) and "before" in again.stderr
    assert run(main, ["report", "erase", str(uuid.uuid4())], env=env).exit_code == 1
    assert run(main, ["report", "erase", "x"], env=env).exit_code == 2
