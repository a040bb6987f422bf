"""`mapper simulate`: into files that the scorer reads, and into a store that can be filled further."""

import csv
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.fusion.linkage import shipped
from mapper.fusion.scoring import read_reports, read_truth, score
from mapper.intake.schemas import read_feature
from mapper.layers.service import add_areas
from mapper.simulation.country import as_boundaries, invent_districts
from mapper.simulation.sending import drafts_of, take
from mapper.simulation.service import into_store, places_of, story_of
from mapper.store.tables import Report
from sqlalchemy import func, select

from tests.simulation.stories import BBOX, UNTIL, a_story, in_files


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store, bbox=BBOX, languages=["en", "ar", "uk"])


def count_of(store):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Report))


def test_the_files_fit_the_scorer(tmp_path):
    out, truth = in_files(a_story(200))
    (tmp_path / "reports.csv").write_bytes(out)
    (tmp_path / "truth.csv").write_bytes(truth)
    found = read_reports(tmp_path / "reports.csv")
    assert found.notes == []
    scored = score(found.reports, read_truth(tmp_path / "truth.csv"), shipped())
    assert scored.reports == len(found.reports) > 400
    assert scored.bcubed_f > 0.65


def test_lines_are_what_the_api_takes(clock):
    out, _ = in_files(a_story(60), "reports.ndjson")
    lines = out.splitlines()
    assert len(lines) == len(a_story(60))
    unplaced = 0
    for line in lines:
        document = json.loads(line)
        feature = read_feature(document, clock())
        assert feature.properties.source_id and feature.properties.channel
        unplaced += feature.geometry is None
    assert 0 < unplaced < len(lines) / 4


def test_the_door_keeps_every_report_with_its_own_past(sqlite_store, crisis, tmp_path):
    story = story_of(sqlite_store, crisis, 30, 2.0, 5, UNTIL)
    with (tmp_path / "truth.csv").open("wb") as truth:
        told = into_store(sqlite_store, crisis, story, truth)
    rows = list(csv.DictReader((tmp_path / "truth.csv").open(encoding="utf-8")))
    with sqlite_store.read() as session:
        reports = session.scalars(select(Report)).all()
    assert len(reports) == told.reports == len(rows) == len(story)
    assert {str(report.id) for report in reports} == {row["report_id"] for row in rows}
    assert all(report.received_at <= UNTIL for report in reports)
    assert {report.channel for report in reports} > {"form", "sms"}


def test_an_interrupted_run_goes_on_and_a_whole_one_adds_nothing(sqlite_store, crisis, tmp_path):
    story = story_of(sqlite_store, crisis, 40, 2.0, 5, UNTIL)
    take(sqlite_store, crisis, list(drafts_of(story, next(story.letters(25)))))
    assert count_of(sqlite_store) == 25
    again = into_store(sqlite_store, crisis, story_of(sqlite_store, crisis, 40, 2.0, 5, UNTIL), None)
    assert again.kept == 25 and again.reports == len(story) == count_of(sqlite_store)
    with (tmp_path / "truth.csv").open("wb") as truth:
        assert into_store(sqlite_store, crisis, story, truth).kept == len(story)
    assert count_of(sqlite_store) == len(story)
    other = story_of(sqlite_store, crisis, 40, 2.0, 6, UNTIL)
    into_store(sqlite_store, crisis, other, None)
    assert count_of(sqlite_store) == len(story) + len(other)


def test_it_happens_on_the_loaded_areas(sqlite_store, crisis, tmp_path):
    import random

    path = tmp_path / "adm2.geojson"
    path.write_text(json.dumps(as_boundaries(invent_districts(random.Random(3), BBOX, "KV"), 2)))
    assert places_of(sqlite_store, crisis, 1)[0].code.startswith("XS")
    add_areas(sqlite_store, crisis, path, 2)
    assert {place.code[:2] for place in places_of(sqlite_store, crisis, 1)} == {"KV"}


def test_the_command_writes_files_and_says_what_is_wrong(settings, sqlite_store, crisis, tmp_path):
    env = {"MAPPER_DATA": str(settings.data)}
    out, truth = tmp_path / "reports.csv", tmp_path / "truth.csv"
    arguments = ["simulate", "--crisis", "coast", "--incidents", "5", "--until", "2026-03-01T00:00:00Z"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(out), "--truth", str(truth)], env=env)
    assert done.exit_code == 0 and out.read_text().startswith("report_id,reported_at,lat,lon")
    assert count_of(sqlite_store) == 0
    early = ["--start", (UNTIL - timedelta(days=1)).isoformat(), "--out", str(out)]
    assert CliRunner().invoke(main, [*arguments, *early], env=env).exit_code == 0
    for wrong, code in (
        (["--crisis", "nowhere"], 1),
        (["--incidents", "0"], 2),
        (["--until", "soon"], 2),
        (["--start", "2026-04-01T00:00:00Z"], 2),
        (["--out", str(tmp_path)], 2),
    ):
        assert CliRunner().invoke(main, [*arguments, *wrong], env=env).exit_code == code
