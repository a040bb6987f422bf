"""A newer version of a sender's file: added, changed and missing rows, and what is done about them."""

import json

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.fusion.withdrawing import work as withdraw
from mapper.fusion.work import work as fuse
from mapper.intake.import_runs import Source
from mapper.intake.import_service import start, take_file
from mapper.intake.import_undo import ask_undo
from mapper.intake.import_work import work
from mapper.store.contents import open_contents
from mapper.store.tables import ImportRun, Incident, IncidentReport, Report, SavedMapping
from sqlalchemy import select

FIRST = {1: "Clinic roof gone", 2: "Bridge cracked", 3: "School burnt", 4: "Market flooded"}
SECOND = {1: "Clinic roof gone", 2: "Bridge collapsed", 4: "Market flooded", 5: "Mill damaged"}


def table(rows, damaged=""):
    lines = ["source_id,text,lat,lon,category"]
    lines += [f"{number},{text},18.{number},-72.3,house" for number, text in rows.items()]
    return "\n".join(lines) + "\n" + damaged


@pytest.fixture
def bring(tmp_path):
    def bring(store, crisis, text, sender="UNOSAT", **choices):
        path = tmp_path / "a.csv"
        path.write_text(text, encoding="utf-8")
        run = take_file(store, crisis, Source(path, "a.csv", sender))
        start(store, run, **choices)
        finish(store)
        with store.read() as session:
            return session.get_one(ImportRun, (run.crisis_id, run.id))

    return bring


def finish(store):
    for _round in range(3):
        for step in (work, withdraw, fuse):
            while step(store):
                pass


def texts(store):
    """What stands, by the sender's ids."""
    with store.read() as session:
        reports = session.scalars(select(Report).where(Report.withdrawn_at.is_(None))).all()
        contents = open_contents(session, store.keys, reports)
        return {int(report.source_id): contents[report.id].text for report in reports}


def compared(run):
    return {name: count for name, count in run.choices["comparison"].items() if name != "unreadable"}


def test_changed_rows_take_the_place_of_the_old_ones_and_missing_ones_are_withdrawn(store, crisis, bring):
    assert "comparison" not in bring(store, crisis, table(FIRST)).choices
    with store.read() as session:
        bridge = session.scalars(select(Incident).where(Incident.lat_e7 == 182_000_000)).one()
    run = bring(store, crisis, table(SECOND), changed="replace", missing="withdraw")
    assert compared(run) == {"added": 1, "changed": 1, "same": 2, "missing": 1}
    assert (run.summary["accepted"], run.summary["duplicates"]) == (2, 2)
    assert run.summary["versions"] == {"replaced": 1, "withdrawn": 1}
    assert texts(store) == SECOND
    with store.read() as session:
        old = session.scalars(select(Report).where(Report.withdrawn_at.is_not(None))).all()
        new = session.scalars(select(Report).where(Report.supersedes.is_not(None))).one()
        seat = session.scalars(select(IncidentReport).where(IncidentReport.report_id == new.id)).one()
        live = session.scalars(select(Incident).where(Incident.status == "new")).all()
    assert {report.withdrawn_by for report in old} == {run.id}
    assert new.supersedes in {report.id for report in old}
    assert seat.incident_id == bridge.id  # the incident goes on under its id
    assert len(live) == 4
    again = bring(store, crisis, table(SECOND), changed="replace", missing="withdraw")
    assert compared(again) == {"added": 0, "changed": 0, "same": 4, "missing": 0}
    assert again.summary["accepted"] == 0


def test_a_row_that_says_again_what_it_once_said(store, crisis, bring):
    for version in (FIRST, SECOND, FIRST, SECOND, SECOND):
        bring(store, crisis, table(version), changed="replace", missing="withdraw")
        assert texts(store) == version
    run = bring(store, crisis, table(FIRST), changed="replace", missing="keep")
    assert texts(store) == FIRST | {5: SECOND[5]}
    assert compared(run)["missing"] == 1


def test_undoing_the_newer_version_brings_the_older_one_back(store, crisis, bring):
    bring(store, crisis, table(FIRST))
    second = bring(store, crisis, table(SECOND), changed="replace", missing="withdraw")
    third = bring(store, crisis, table({2: "Bridge rebuilt"}), changed="replace", missing="keep")
    ask_undo(store, second, None, "a mistake")
    finish(store)
    assert texts(store) == FIRST | {2: "Bridge rebuilt"}
    ask_undo(store, third, None, "another")
    finish(store)
    assert texts(store) == FIRST
    with store.read() as session:
        assert len(session.scalars(select(Incident).where(Incident.status == "new")).all()) == 4


def test_nothing_is_withdrawn_while_a_row_cannot_be_read(store, crisis, bring):
    bring(store, crisis, table(FIRST))
    run = bring(
        store, crisis, table(SECOND, "6,too,many,cells,in,this,row\n"), changed="keep", missing="withdraw"
    )
    assert run.summary["versions"] == {"replaced": 0, "withdrawn": 0, "unreadable": 1}
    assert texts(store) == FIRST | {5: SECOND[5]}


def test_other_senders_and_other_headings_are_no_versions(store, crisis, bring):
    bring(store, crisis, table(FIRST))
    assert "comparison" not in bring(store, crisis, table(SECOND), "Red Cross").choices
    other = table(SECOND).replace("category", "kind")
    assert "comparison" not in bring(store, crisis, other).choices


def test_a_batch_that_was_withdrawn_and_not_taken_is_taken_after_a_crash(
    store, crisis, bring, tmp_path, monkeypatch
):
    bring(store, crisis, table(FIRST))
    path = tmp_path / "b.csv"
    path.write_text(table(SECOND), encoding="utf-8")
    run = take_file(store, crisis, Source(path, "b.csv", "UNOSAT"))
    start(store, run, "replace", "keep")

    def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("mapper.intake.import_versions.accept", killed)
    with pytest.raises(KeyboardInterrupt):
        work(store)
    monkeypatch.undo()
    finish(store)
    assert texts(store) == SECOND | {3: FIRST[3]}
    with store.read() as session:
        assert session.scalars(select(Report).where(Report.supersedes.is_not(None))).one().source_id == "2"


def test_the_command_line_tells_and_does_the_same(sqlite_store, make_crisis, settings, tmp_path):
    make_crisis(sqlite_store)
    path = tmp_path / "a.csv"

    def run(text, *options):
        path.write_text(text, encoding="utf-8")
        arguments = ["import", str(path), "--crisis", "coast", "--sender", "UNOSAT", *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == 0, done.output
        return done.stderr, json.loads(done.stdout.splitlines()[-1])

    run(table(FIRST))
    told, counts = run(table(SECOND))
    assert "1 added, 1 changed, 2 the same, 1 missing" in told
    assert "--changed replace" in told
    assert list(counts) == ["read", "accepted", "duplicates", "rejected", "needs_location"]
    assert counts["accepted"] == 1
    told, counts = run(table(SECOND), "--changed", "replace", "--missing", "withdraw")
    assert counts["accepted"] == 1
    assert texts(sqlite_store) == SECOND
    told, counts = run(table(FIRST), "--changed", "replace", "--dry-run")
    assert texts(sqlite_store) == SECOND


def test_the_command_line_remembers_what_was_chosen(sqlite_store, make_crisis, settings, tmp_path):
    make_crisis(sqlite_store)
    path = tmp_path / "a.csv"

    def run(text, *options):
        path.write_text(f"what,where,lat,lon\n{text},Rue 5,18.5,-72.3\n", encoding="utf-8")
        arguments = ["import", str(path), "--crisis", "coast", *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == 0, done.output
        return done.stderr

    run("A wall", "--map", "description=where", "--dry-run")
    assert "as chosen" not in run("A roof")
    run("A door", "--map", "description=what")
    with sqlite_store.read() as session:
        assert session.scalars(select(SavedMapping)).one().chosen == {"text": "what"}
    assert "columns as chosen for the last file with these headings: text <- what" in run("A window")
    assert "as chosen" not in run("A floor", "--fresh")
