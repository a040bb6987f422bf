"""A simulated crisis is reproducible, plausible, and knows its own truth."""

import csv
import io
import random
from collections import Counter
from datetime import UTC, datetime

import pytest
import shapely
from click.testing import CliRunner
from mapper.cli import main
from mapper.simulation.country import as_boundaries, invent_districts, invent_towns
from mapper.simulation.service import Plan, into_file, into_store, sayings
from mapper.simulation.voices import LANGUAGES, NAMES, describe
from mapper.store.tables import Report
from mapper.vocabulary.assets import match_category
from sqlalchemy import select

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)
BBOX = (54.0, -28.0, 57.0, -25.6)


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store, bbox=BBOX, languages=["en", "ar", "uk"])


def told(store, crisis, seed=1, incidents=200):
    out, truth = io.StringIO(), io.StringIO()
    into_file(store, crisis, Plan(incidents, 2.6, seed, UNTIL), out, truth)
    return out.getvalue(), truth.getvalue()


def test_equal_seeds_give_equal_bytes(sqlite_store, crisis):
    assert told(sqlite_store, crisis) == told(sqlite_store, crisis)
    assert told(sqlite_store, crisis) != told(sqlite_store, crisis, seed=2)


def test_the_story_is_plausible(sqlite_store, crisis):
    out, truth = (list(csv.DictReader(io.StringIO(text))) for text in told(sqlite_store, crisis))
    assert [row["report_id"] for row in out] == [row["report_id"] for row in truth]
    per_incident = Counter(row["incident_id"] for row in truth)
    assert len(per_incident) == 200
    assert 2.0 < len(out) / 200 < 3.2
    placed = [row for row in out if row["lat"]]
    assert 0.9 < len(placed) / len(out) < 1.0
    for row, real in zip(out, truth, strict=True):
        assert (
            datetime.fromisoformat(real["incident_date"])
            <= datetime.fromisoformat(row["reported_at"])
            <= UNTIL
        )
        assert row["text"].strip() and row["location_text"]
    for row in placed:
        assert BBOX[0] - 0.2 < float(row["lon"]) < BBOX[2] + 0.2


def test_people_pass_on_write_again_and_use_their_own_words(sqlite_store, crisis):
    said = list(sayings(sqlite_store, crisis, Plan(400, 3.0, 1, UNTIL)))
    texts = Counter((saying.incident.number, saying.text) for saying in said)
    assert 50 < sum(count - 1 for count in texts.values()) < 300  # copies: fewer origins than reports
    contacts = Counter(saying.contact for saying in said if saying.contact)
    assert 10 < sum(count - 1 for count in contacts.values()) < 200
    assert all(contact.startswith("+999 ") for contact in contacts)  # a country code nobody has
    assert {saying.language for saying in said} == {"en", "ar", "uk"}
    right = sum(match_category(saying.category)[0] == saying.incident.asset for saying in said)
    assert 0.85 < right / len(said) < 0.95


def test_every_asset_can_be_spoken_of_in_every_language():
    rng = random.Random(1)
    for asset, names in NAMES.items():
        for language in LANGUAGES:
            assert match_category(names[language])[0] == asset
            for damage in range(6):
                assert describe(rng, language, asset, damage, "Karmar 3").strip()


def test_the_door_keeps_every_saying_with_its_own_past(sqlite_store, crisis, clock):
    truth = io.StringIO()
    simulated = into_store(sqlite_store, crisis, Plan(30, 2.0, 5, UNTIL), truth)
    rows = list(csv.DictReader(io.StringIO(truth.getvalue())))
    with sqlite_store.read() as session:
        reports = session.scalars(select(Report)).all()
    assert len(reports) == simulated.reports == len(rows)
    assert {str(report.id) for report in reports} == {row["report_id"] for row in rows}
    assert all(report.received_at <= UNTIL for report in reports)


def test_an_invented_country_has_whole_areas_and_towns_on_land():
    districts = invent_districts(random.Random(3), BBOX, "KV")
    assert len(districts) == 20 == len({district.code for district in districts})
    land = shapely.unary_union([district.shape for district in districts])
    assert abs(sum(district.shape.area for district in districts) - land.area) < 1e-3  # they do not overlap
    assert len(as_boundaries(districts, 1)["features"]) == 5
    assert len(as_boundaries(districts, 2)["features"]) == 20
    for town in invent_towns(random.Random(3), land, 12):
        assert land.contains(shapely.Point(town.longitude, town.latitude))


def test_the_command_writes_files_and_says_what_is_wrong(settings, sqlite_store, crisis, tmp_path):
    env = {"MAPPER_DATA": str(settings.data)}
    out, truth = tmp_path / "reports.csv", tmp_path / "truth.csv"
    arguments = ["simulate", "--crisis", "coast", "--incidents", "5", "--until", "2026-03-01T00:00:00Z"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(out), "--truth", str(truth)], env=env)
    assert done.exit_code == 0 and out.read_text().startswith("report_id,reported_at,lat,lon")
    with sqlite_store.read() as session:
        assert session.scalars(select(Report)).first() is None
    for wrong, code in ((["--crisis", "nowhere"], 1), (["--incidents", "0"], 2), (["--until", "soon"], 2)):
        assert CliRunner().invoke(main, [*arguments, *wrong], env=env).exit_code == code
