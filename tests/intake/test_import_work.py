"""Imports that run in the background: stopped at any moment, nothing is lost and nothing taken twice."""

import json
from pathlib import Path

import pytest
from mapper.files import csv_batches
from mapper.intake import import_work, importing
from mapper.intake.import_runs import Source
from mapper.intake.import_service import NotNow, cancel, choose, start, take_file
from mapper.intake.import_work import work
from mapper.store.tables import ImportReject, ImportRun, Report, SavedMapping
from sqlalchemy import func, select

ROWS = 50


def table(rows=ROWS):
    lines = ["text,lat,lon,damage_grade"]
    for number in range(rows):
        grade = 9 if number % 10 == 3 else number % 6
        lines.append(f"Wall {number} gone,{'' if number % 10 == 4 else 18.5},-72.3,{grade}")
    lines.append(lines[1])
    return "\n".join(lines)


@pytest.fixture
def bring(tmp_path):
    def bring(store, crisis, text, sender="UNOSAT", name="damage.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return take_file(store, crisis, Source(path, name, sender, user_id=1))

    return bring


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(import_work, "BATCH", 7)
    yield
    import_work._under_way.clear()


def again(store, run):
    with store.read() as session:
        return session.get_one(ImportRun, (run.crisis_id, run.id))


def reports(store):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Report))


WANTED = {"read": 51, "accepted": 45, "duplicates": 1, "rejected": 5, "needs_location": 5}


def counts(run):
    return {name: run.summary[name] for name in WANTED}


def test_a_file_is_taken_batch_by_batch(store, crisis, bring):
    run = bring(store, crisis, table())
    assert (run.state, run.total, reports(store), work(store)) == ("preview", 51, 0, 0)
    start(store, run)
    assert work(store) == 7
    going = again(store, run)
    assert (going.state, going.rows_read, going.summary["read"]) == ("running", 7, 7)
    while work(store):
        pass
    done = again(store, run)
    assert (done.state, done.blob, done.wrapped, counts(done)) == ("done", None, None, WANTED)
    with store.read() as session:
        rejects = session.scalars(select(ImportReject).order_by(ImportReject.number)).all()
    assert [(item.number, item.line, item.field) for item in rejects] == [
        (number, 5 + 10 * (number - 1), "damage_grade") for number in range(1, 6)
    ]
    assert {"reasons", "flags"} <= done.summary.keys()


def test_a_worker_that_dies_after_keeping_a_batch_and_before_counting_it(store, crisis, bring, monkeypatch):
    run = bring(store, crisis, table())
    start(store, run)
    work(store)

    def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_work, "_write_progress", killed)
    with pytest.raises(KeyboardInterrupt):
        work(store)
    monkeypatch.undo()
    import_work._under_way.clear()  # another process takes it up
    monkeypatch.setattr(import_work, "BATCH", 7)
    assert reports(store) > again(store, run).summary["accepted"]
    while work(store):
        pass
    assert counts(again(store, run)) == WANTED
    assert reports(store) == WANTED["accepted"]


def test_what_was_taken_before_it_was_stopped_stays_and_is_counted(store, crisis, bring):
    run = bring(store, crisis, table())
    start(store, run)
    work(store)
    cancel(store, again(store, run))
    stopped = again(store, run)
    assert (stopped.state, stopped.summary["read"], stopped.blob) == ("cancelled", 7, None)
    assert work(store) == 0
    with pytest.raises(NotNow):
        cancel(store, stopped)
    repeated = bring(store, crisis, table())
    start(store, repeated)
    while work(store):
        pass
    assert again(store, repeated).summary["accepted"] == WANTED["accepted"] - stopped.summary["accepted"]


def test_stopped_in_the_middle_of_a_batch_its_reports_count(store, crisis, bring, monkeypatch):
    run = bring(store, crisis, table())
    start(store, run)
    real = importing.accept

    def stopping(*arguments):
        outcomes = real(*arguments)
        cancel(store, again(store, run))
        return outcomes

    monkeypatch.setattr(importing, "accept", stopping)
    work(store)
    stopped = again(store, run)
    assert (stopped.state, stopped.summary["accepted"]) == ("cancelled", reports(store))


def test_a_file_that_is_gone_fails_the_import_with_a_sentence(store, crisis, bring):
    run = bring(store, crisis, table())
    start(store, run)
    store.blobs.delete(again(store, run).blob)
    assert work(store) == 1
    assert again(store, run).state == "failed"
    assert again(store, run).problem


def test_the_kept_file_is_sealed_and_forgotten_when_nobody_starts_it(
    sqlite_store, make_crisis, bring, settings, clock
):
    crisis = make_crisis(sqlite_store)
    run = bring(sqlite_store, crisis, table())
    blobs = [path for path in Path(settings.blobs).rglob("*") if path.is_file()]
    assert blobs
    assert not any(b"Wall 1 gone" in path.read_bytes() for path in blobs)
    clock.set(clock() + import_work.PREVIEW_KEPT * 2)
    assert work(sqlite_store) == 1
    with sqlite_store.read() as session:
        assert session.get(ImportRun, (run.crisis_id, run.id)) is None
    assert not [path for path in Path(settings.blobs).rglob("*") if path.is_file()]


def test_chosen_columns_are_remembered_for_the_sender_and_the_headings(store, crisis, bring):
    text = "what,where,lat,lon\nA wall,Rue 5,18.5,-72.3\n"
    run = bring(store, crisis, text)
    choose(store, crisis, run, {"text": "what", "location_text": "where", "latitude": "lat", "category": ""})
    assert again(store, run).mapping["text"] == "what"
    start(store, run)
    with store.read() as session:
        assert session.scalars(select(SavedMapping)).one().sender == "unosat"
    next_one = bring(store, crisis, text.replace("A wall", "A roof"), "unosat")
    assert (next_one.mapping, next_one.choices) == (again(store, run).mapping, {"mapping": "saved"})
    assert bring(store, crisis, text, "Red Cross").choices == {}
    assert bring(store, crisis, text.replace("where", "place"), "unosat").choices == {}


def test_features_on_one_line_keep_each_its_reason(store, crisis, bring):
    square = {"type": "Feature", "geometry": None, "properties": {}}
    text = json.dumps({"type": "FeatureCollection", "features": [square] * 9})
    run = bring(store, crisis, text, name="a.geojson")
    start(store, run)
    while work(store):
        pass
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(ImportReject)) == 9
    assert again(store, run).problem is None


@pytest.mark.parametrize("stops", [False, True])
def test_a_large_file_is_taken_by_columns(store, crisis, bring, monkeypatch, stops):
    monkeypatch.setattr(import_work, "LARGE", 10)
    monkeypatch.setattr(csv_batches, "PIECE", 400)
    run = bring(store, crisis, table())
    start(store, run)
    steps = []
    while count := work(store):
        steps.append(count)
        if stops:
            import_work._under_way.clear()  # another worker goes on
    assert len(steps) > 3 and 7 not in steps
    done = again(store, run)
    assert (done.state, counts(done)) == ("done", WANTED)
    with store.read() as session:
        rejects = session.scalars(select(ImportReject).order_by(ImportReject.number)).all()
    assert [item.line for item in rejects] == [5 + 10 * number for number in range(5)]


def test_a_large_file_that_was_left_inside_a_batch_goes_on_row_by_row(store, crisis, bring, monkeypatch):
    run = bring(store, crisis, table())
    start(store, run)
    assert work(store) == 7
    import_work._under_way.clear()
    monkeypatch.setattr(import_work, "LARGE", 10)
    while work(store):
        pass
    assert counts(again(store, run)) == WANTED
