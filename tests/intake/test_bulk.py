"""The door for files takes rows in by columns, and keeps what the door for single reports keeps."""

from __future__ import annotations

import csv
import json
import os
import uuid
from dataclasses import fields
from datetime import UTC, datetime

import numpy as np
import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.files.batches import rows_of
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.intake import bulk_taking
from mapper.intake.ahead import WorkerEnded, ahead, is_possible
from mapper.intake.bulk_reading import BatchReader
from mapper.intake.bulk_writing import BulkWriter
from mapper.intake.drafts import NotAccepted, ReportDraft, Sender
from mapper.intake.import_summary import Summary
from mapper.intake.importing import FileDoor, Taking, reader_of
from mapper.intake.tables import open_table
from mapper.intake.understanding import understand
from mapper.store import ledger
from mapper.store.contents import open_contents
from mapper.store.proof import verify
from mapper.store.tables import IdempotencyKey, Report
from sqlalchemy import inspect, select

HEADINGS = [
    "source_id", "title", "text", "lat", "lon", "geopoint", "date", "damage_grade", "category",
    "damage value", "people", "service state", "needs", "url", "phone", "language", "channel", "consent",
    "place",
]  # fmt: skip
ROWS = [
    {
        "source_id": "a1",
        "text": "Roof &amp; walls gone",
        "lat": "18.5",
        "lon": "-72.3",
        "date": "2026-02-05T10:00:00Z",
        "damage_grade": "4",
        "category": "school",
        "people": "1,250",
        "service state": "out",
        "needs": "water; food",
        "url": "http://x.org/1",
        "phone": "+509 1",
        "language": "fr",
        "channel": "sms",
        "consent": "public",
        "place": "Léogâne",
    },
    {
        "source_id": "a2",
        "title": "Bridge",
        "text": "Bridge\nclosed",
        "lat": "-72.2",
        "lon": "18.7",
        "date": "05/02/2026",
        "category": "bridge",
        "damage value": "Destroyed",
        "people": "~40",
        "service state": "Working",
        "url": "javascript:x",
        "language": "not a language",
        "channel": "a b",
        "consent": "yes",
    },
    {"title": "n/a", "text": " N/A "},
    {
        "source_id": "a1",
        "text": "The same id again",
        "lat": "18.6",
        "lon": "-72.3",
        "date": "5 mars 2026",
        "damage_grade": "2",
        "category": "house",
    },
    {"title": "T", "text": "abc\r\ndef", "lat": "abc", "lon": "-72", "date": "2099-01-01", "people": "many"},
    {"text": "no place", "lat": "0", "lon": "0", "date": "2026-02-05 10:00"},
    {"text": "far away", "lat": "51.5", "lon": "0.1", "date": "1643712000", "damage_grade": "0"},
    {"lat": "18,51", "lon": "72°18'O", "category": "market"},
    {"text": "by a point", "geopoint": "18.52 -72.31 5 7.5"},
    {"text": "x" * 20_001, "lat": "18.5", "lon": "-72.3"},
    {"text": "wrong grade", "lat": "18.5", "lon": "-72.3", "damage_grade": "9"},
    {"text": "wrong state", "lat": "18.5", "lon": "-72.3", "service state": "sleeping"},
    {"place": "only a place"},
    {"text": "no\x00nul", "lat": "999", "lon": "999"},
    {
        "text": "Roof &amp; walls gone",
        "lat": "18.5",
        "lon": "-72.3",
        "damage_grade": "4",
        "category": "school",
    },
]


def feature(properties, *coordinates, kind="Point"):
    geometry = {"type": kind, "coordinates": list(coordinates)} if coordinates else None
    return {"type": "Feature", "properties": properties, "geometry": geometry}


FEATURES = [
    feature({"text": "a", "lat": 18.5, "lon": -72.3}, 999, 1),
    feature({"text": "b", "n": None}, -72.3, 18.5),
    feature({"text": "c"}, 0, 0),
    feature({"text": "d", "lat": 18.6, "lon": -72.4}),
    feature({"text": "e"}),
    feature({"text": "f", "list": [1, 2]}, 18.5, -72.3),
    feature({}, -72.3, 18.5),
    feature({}),
    feature({"text": "g"}, [[-72, 18], [-72, 18.5], [-72.5, 18], [-72, 18]], kind="Polygon"),
    feature({"text": "h"}, "x", 1),
]


@pytest.fixture
def files(tmp_path):
    table, features = tmp_path / "a.csv", tmp_path / "b.geojson"
    with table.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, HEADINGS)
        out.writeheader()
        out.writerows(ROWS)
    features.write_text(json.dumps({"type": "FeatureCollection", "features": FEATURES}))
    return [table, features]


def test_a_batch_reads_as_its_rows_do(files, sqlite_store, make_crisis):
    crisis = make_crisis(sqlite_store)
    for path in files:
        table = open_table(path, None)
        found = understand(table, crisis, {})
        reader = reader_of(crisis, found, sqlite_store.clock(), uuid.uuid4())
        (batch,) = table.batches()
        read = BatchReader(reader, found.columns).read(batch)
        for index, row in enumerate(rows_of(table)):
            if row.problem:
                continue
            try:
                one = reader.read(found.fields_of(row), row.raw, row.degrees, row.has_geometry)
            except NotAccepted as refusal:
                assert read.refused[index] == refusal.errors
                continue
            assert index not in read.refused
            assert sorted(read.unread.get(index, [])) == sorted(one.unread)
            assert by_columns(read, index) == by_row(one.draft)


def by_row(draft):
    names = {item.name for item in fields(ReportDraft)} - {
        "raw", "media", "received_at", "import_id", "supersedes", "idempotency_key", "damage_low",
        "damage_high",
    }  # fmt: skip
    return {name: getattr(draft, name) for name in names} | {"damage_grade": draft.damage_low}


def by_columns(read, index):
    found = {name: values[index] for name, values in read.fields.items()}
    found["needs"] = found["needs"] or ()
    found["content_hash"] = read.identities[index]
    for name in ("longitude", "latitude"):
        degrees = float(getattr(read, name)[index])
        found[name] = None if np.isnan(degrees) else degrees
    return found


def taken(store, crisis, path, bulk, keeps=True):
    table = open_table(path, None)
    found = understand(table, crisis, {})
    reader, sender = reader_of(crisis, found, store.clock(), uuid.uuid4()), Sender.of_file("Red Cross")
    if bulk:
        summary, writer = Summary(), BulkWriter(store, crisis, sender, reader.import_id)
        batches = BatchReader(reader, found.columns)
        bulk_taking.take_file(table, found.rows, batches, writer, summary, keeps=keeps)
        return summary
    taking = Taking(found, reader, FileDoor(store, crisis, "Red Cross"))
    taking.take(list(rows_of(table)))
    return taking.summary


RANDOM = {"crisis_id", "id", "receipt_hash", "content", "commitment", "ledger_id", "import_id"}
KEYED = {"text_fingerprint", "contact_fingerprint"}  # by crisis


def kept(store, crisis):
    """What the store has of a crisis' reports, in the order of their texts, without what is random."""
    names = [column.key for column in inspect(Report).columns if column.key not in RANDOM]
    with store.read() as session:
        reports = session.scalars(select(Report).where(Report.crisis_id == crisis.id)).all()
        contents = open_contents(session, store.keys, reports)
        keys = session.scalars(select(IdempotencyKey).where(IdempotencyKey.crisis_id == crisis.id)).all()
    found = []
    for report in reports:
        row = {name: getattr(report, name) for name in names}
        row |= {name: bool(row[name]) for name in KEYED}
        found.append((contents[report.id].text, contents[report.id].raw, contents[report.id].contact, row))
    return sorted(found, key=str), sorted((key.sender_key, key.key, key.content_hash) for key in keys)


def test_files_are_kept_as_single_reports_are(files, store, make_crisis):
    one, other = make_crisis(store, "one"), make_crisis(store, "other")
    for path in files:
        assert taken(store, one, path, bulk=True) == taken(store, other, path, bulk=False)
        assert taken(store, one, path, bulk=True, keeps=False).accepted == 0
        again = taken(store, one, path, bulk=True)
        assert again == taken(store, other, path, bulk=False)
        assert again.accepted == 0 and again.duplicates
    assert kept(store, one) == kept(store, other)
    for crisis in (one, other):
        assert ledger.seal(store, crisis.id)
        assert verify(store, crisis).reports == len(kept(store, crisis)[0])


def test_rows_that_somebody_else_writes_meanwhile_are_duplicates(files, store, make_crisis, monkeypatch):
    crisis = make_crisis(store)
    real = BulkWriter.known
    answers = [lambda *_: set()]  # the first look comes too early

    def known(self, *names):
        return answers.pop()() if answers else real(self, *names)

    first = taken(store, crisis, files[0], bulk=True)
    monkeypatch.setattr(BulkWriter, "known", known)
    second = taken(store, crisis, files[0], bulk=True)
    assert (second.accepted, second.duplicates) == (0, first.accepted + first.duplicates)
    assert second.read == second.duplicates + second.rejected


def test_a_large_file_is_packed_in_another_process(
    settings, sqlite_store, make_crisis, tmp_path, monkeypatch
):
    make_crisis(sqlite_store)
    monkeypatch.setattr(bulk_taking, "MANY", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    path = tmp_path / "a.csv"
    path.write_text("text,lat,lon\n" + "".join(f"House {n},18.5,-72.3\n" for n in range(40)) + "x,1\n")
    command = ["import", str(path), "--crisis", "coast"]
    for accepted in (40, 0):
        done = CliRunner().invoke(main, command, env={"MAPPER_DATA": str(settings.data)})
        assert done.exit_code == 0, done.output
        counts = json.loads(done.stdout.splitlines()[-1])
        assert (counts["accepted"], counts["duplicates"], counts["rejected"]) == (accepted, 40 - accepted, 1)


@pytest.mark.skipif(not is_possible(), reason="one processor, or no fork")
def test_what_goes_wrong_in_the_other_process_is_raised_here():
    def refused():
        yield 1
        raise FileTooLarge("more than %(limit)d rows", limit=3)

    def killed():
        yield 1
        os._exit(1)

    pieces = ahead(refused)
    assert next(pieces) == 1
    with pytest.raises(FileRefused, match="more than 3 rows"):
        next(pieces)
    with pytest.raises(WorkerEnded):
        list(ahead(killed))
    stopped = ahead(lambda: iter(range(10**9)))
    assert next(stopped) == 0
    stopped.close()


def test_a_moment_with_an_offset_is_in_utc(sqlite_store, make_crisis, tmp_path):
    crisis = make_crisis(sqlite_store)
    path = tmp_path / "a.csv"
    path.write_text("text,date\nx,2026-02-05T10:00:00+03:00\n")
    taken(sqlite_store, crisis, path, bulk=True)
    with sqlite_store.read() as session:
        assert session.scalars(select(Report.observed_at)).one() == datetime(2026, 2, 5, 7, tzinfo=UTC)
