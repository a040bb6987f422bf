"""Imports as rows: whose file, and what became of it."""

import json

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.intake.bulk_writing import BulkWriter
from mapper.store.tables import ImportRun, Report
from sqlalchemy import select

CSV = "source_id,text,lat,lon\n1,Roof gone,18.5,-72.3\n2,Wall gone,18.6,-72.4\n"


@pytest.fixture
def run(settings, sqlite_store, make_crisis):
    make_crisis(sqlite_store)

    def invoke(path, *options, code=0):
        arguments = ["import", str(path), "--crisis", "coast", *options]
        done = CliRunner().invoke(main, arguments, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == code, done.output
        return json.loads(done.stdout.splitlines()[-1]) if code == 0 else done

    return invoke


def runs(store):
    with store.read() as session:
        return session.scalars(select(ImportRun)).all()


def test_a_senders_ids_are_its_own_and_a_row_is_known_whoever_brings_it(run, sqlite_store, tmp_path):
    ours, theirs = tmp_path / "ours.csv", tmp_path / "theirs.csv"
    ours.write_text(CSV, encoding="utf-8")
    theirs.write_text(CSV.replace("gone", "cracked"), encoding="utf-8")
    assert run(ours, "--sender", "UNOSAT")["accepted"] == 2
    assert run(theirs, "--sender", "Red Cross", "--dry-run")["accepted"] == 2
    assert run(theirs, "--sender", "Red Cross")["accepted"] == 2
    assert run(ours)["duplicates"] == 2
    assert run(ours, "--sender", "Red Cross", "--dry-run")["duplicates"] == 2
    assert [(item.sender, item.state, item.total) for item in runs(sqlite_store)].count(
        ("UNOSAT", "done", 2)
    ) == 1
    with sqlite_store.read() as session:
        kept = session.scalars(select(Report)).all()
    assert {report.sender_key for report in kept} == {"import:unosat", "import:red cross"}
    assert {report.import_id for report in kept} <= {item.id for item in runs(sqlite_store)}


def test_an_import_that_stops_says_so_and_is_taken_up_again(run, sqlite_store, tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    monkeypatch.setattr(BulkWriter, "write", broken)
    run(path, code=1)
    (stopped,) = runs(sqlite_store)
    assert (stopped.state, stopped.problem) == ("failed", "the disk is full")
    with sqlite_store.write() as session:  # as a process that was killed leaves it
        session.get_one(ImportRun, (stopped.crisis_id, stopped.id)).state = "running"
    monkeypatch.undo()
    assert run(path)["accepted"] == 2
    assert sorted(item.state for item in runs(sqlite_store)) == ["done", "failed"]


def broken(*_arguments):
    raise RuntimeError("the disk is full")


def test_a_sender_has_a_length(run, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(CSV, encoding="utf-8")
    assert "at most 64" in run(path, "--sender", "x" * 65, code=2).output
