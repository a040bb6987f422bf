"""Undoing an import: its reports are withdrawn, what people concluded stays, and the file can come again."""

import json

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.fusion.withdrawing import work as withdraw
from mapper.fusion.work import work as fuse
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.import_runs import NotNow, Source
from mapper.intake.import_service import start, take_file
from mapper.intake.import_undo import ask_undo, effect_of
from mapper.intake.import_work import work
from mapper.intake.service import accept
from mapper.store.tables import ImportRun, Incident, IncidentReport, LedgerEntry, Report
from sqlalchemy import select

from tests.verification.builders import ANNA, BORIS, do

PLACES = [(18.50, "Clinic gone"), (18.60, "Bridge gone"), (18.70, "School gone"), (18.80, "Market gone")]
CSV = "text,lat,lon,category\n" + "".join(f"{what},{lat},-72.3,house\n" for lat, what in PLACES)


@pytest.fixture
def bring(tmp_path):
    def bring(store, crisis, text=CSV, sender="UNOSAT"):
        path = tmp_path / "a.csv"
        path.write_text(text, encoding="utf-8")
        run = take_file(store, crisis, Source(path, "a.csv", sender))
        start(store, run)
        finish(store)
        return again(store, run)

    return bring


def finish(store):
    for step in (work, withdraw, fuse):
        while step(store):
            pass


def again(store, run):
    with store.read() as session:
        return session.get_one(ImportRun, (run.crisis_id, run.id))


def incident_at(store, latitude):
    with store.read() as session:
        found = session.scalars(select(Incident).where(Incident.lat_e7 == round(latitude * 1e7))).all()
    (incident,) = found
    return incident


def seats(store, incident):
    with store.read() as session:
        query = select(IncidentReport.report_id).where(IncidentReport.incident_id == incident.id)
        return session.scalars(query).all()


def test_what_nobody_touched_is_retracted_and_what_people_concluded_stays(store, crisis, bring):
    run = bring(store, crisis)
    accept(
        store,
        crisis,
        [ReportDraft(text="Bridge gone", latitude=18.6, longitude=-72.3, category="house")],
        Sender("x"),
    )
    finish(store)
    verified, shared, triaged, untouched = (incident_at(store, lat) for lat, _ in PLACES)
    for person in (ANNA, BORIS):
        do(store, crisis, verified.id, person, "verify")
    do(store, crisis, triaged.id, ANNA, "triage")
    assert shared.reports == 2
    with store.read() as session:
        effect = effect_of(session, run)
    assert (effect.withdrawn, effect.restored, effect.incidents) == (4, 0, 4)
    assert {item.incident_id for item in effect.staying} == {verified.id, triaged.id}
    ask_undo(store, run, 7, "the wrong country")
    finish(store)
    assert again(store, run).state == "undone"
    after = {
        item.id: incident_at(store, lat)
        for item, (lat, _) in zip((verified, shared, triaged, untouched), PLACES, strict=True)
    }
    assert (after[verified.id].status, after[verified.id].needs_review, after[verified.id].reports) == (
        "verified",
        True,
        1,
    )
    assert (after[triaged.id].status, after[triaged.id].needs_review) == ("triaged", True)
    assert (after[shared.id].status, after[shared.id].reports, len(seats(store, shared))) == ("new", 1, 1)
    assert (after[untouched.id].status, after[untouched.id].reports, seats(store, untouched)) == (
        "retracted",
        0,
        [],
    )
    with store.read() as session:
        kept = session.scalars(select(Report).where(Report.import_id == run.id)).all()
        kinds = [entry.kind for entry in session.scalars(select(LedgerEntry))]
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "withdrawal")).one()
    assert len(kept) == 4
    assert all(report.withdrawn_at and report.content for report in kept)
    assert sorted(json.loads(entry.payload)["reports"]) == sorted(str(report.id) for report in kept)
    assert {"withdrawal", "retraction"} <= set(kinds)
    with pytest.raises(NotNow):
        ask_undo(store, again(store, run), 7, "again")


def test_the_file_can_be_imported_again_and_undone_again(store, crisis, bring):
    first = bring(store, crisis, CSV.replace("text,", "source_id,").replace("Clinic", "1 Clinic"))
    ask_undo(store, first, None, "wrong columns")
    finish(store)
    second = bring(store, crisis, CSV.replace("text,", "source_id,").replace("Clinic", "1 Clinic"))
    assert second.summary["accepted"] == 4
    third = bring(store, crisis, CSV.replace("text,", "source_id,").replace("Clinic", "1 Clinic"))
    assert third.summary["duplicates"] == 4
    with store.read() as session:
        live = session.scalars(select(Incident).where(Incident.status == "new")).all()
    assert len(live) == 4
    ask_undo(store, second, None, "once more")
    finish(store)
    with store.read() as session:
        assert not session.scalars(select(Incident).where(Incident.status == "new")).all()


def test_an_undo_that_is_killed_goes_on(store, crisis, bring, monkeypatch):
    run = bring(store, crisis)
    monkeypatch.setattr("mapper.intake.import_undo.BATCH", 3)
    ask_undo(store, run, None, "x")
    assert work(store) == 3  # and here the worker dies
    assert again(store, run).state == "undoing"
    finish(store)
    assert again(store, run).state == "undone"
    with store.read() as session:
        entries = session.scalars(select(LedgerEntry.payload).where(LedgerEntry.kind == "withdrawal")).all()
    assert sorted(len(json.loads(payload)["reports"]) for payload in entries) == [1, 3]


def test_reports_that_fusion_has_not_seen_never_become_an_incident(store, crisis, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    run = take_file(store, crisis, Source(path, "a.csv", "UNOSAT"))
    start(store, run)
    while work(store):
        pass
    ask_undo(store, again(store, run), None, "x")
    finish(store)
    with store.read() as session:
        assert not session.scalars(select(Incident)).all()
        assert not session.scalars(select(Report).where(Report.fused_at.is_(None))).all()


def test_the_command_line_lists_and_undoes(sqlite_store, make_crisis, settings, tmp_path):
    make_crisis(sqlite_store)
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")

    def run(*arguments, code=0, **options):
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)}, **options)
        assert done.exit_code == code, done.output
        return done

    run("import", str(path), "--crisis", "coast", "--sender", "UNOSAT")
    (listed,) = json.loads(run("imports", "list", "--crisis", "coast", "--json").stdout)
    assert (listed["state"], listed["sender"], listed["summary"]["accepted"]) == ("done", "UNOSAT", 4)
    run("imports", "undo", listed["id"], "--crisis", "coast", input="n\n", code=1)
    told = run("imports", "undo", listed["id"], "--crisis", "coast", "--yes")
    assert json.loads(told.stdout) == {"withdrawn": 4, "restored": 0, "staying": 0}
    assert "Undone" in run("imports", "list", "--crisis", "coast").stdout
    assert "undone" in run("imports", "undo", listed["id"], "--crisis", "coast", "--yes", code=1).output
    assert "there is no import" in run("imports", "undo", "x", "--crisis", "coast", "--yes", code=1).output


def test_an_incident_loses_all_its_withdrawn_reports_at_once(store, crisis, bring, monkeypatch):
    monkeypatch.setattr("mapper.fusion.withdrawing.BATCH", 1)
    run = bring(store, crisis, CSV + "Clinic is gone,18.5,-72.3,house\n")
    assert incident_at(store, 18.5).reports == 2
    ask_undo(store, run, None, "x")
    finish(store)
    with store.read() as session:
        assert not session.scalars(select(IncidentReport)).all()
        assert effect_of(session, run).staying_count == 0
        kinds = [entry.kind for entry in session.scalars(select(LedgerEntry))]
    assert kinds.count("retraction") == 4
