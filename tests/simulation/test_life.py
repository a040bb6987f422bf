"""Invented verifiers decide well and badly, and the rules for everybody hold what they do."""

import csv
import hashlib
import io
from collections import Counter, defaultdict

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.fusion.linkage import shipped
from mapper.fusion.scoring import read_reports, read_truth, score
from mapper.simulation.life import live_with_verifiers
from mapper.simulation.photos import draw
from mapper.simulation.service import into_store, story_of
from mapper.store.tables import Decision, Incident, IncidentReport, Medium, Report
from mapper.worker import work_until_idle
from PIL import Image
from sqlalchemy import func, select

from tests.simulation.stories import BBOX, UNTIL, a_story, in_files


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store, bbox=BBOX, languages=["en", "ar", "uk"])


@pytest.fixture
def lived(sqlite_store, crisis, tmp_path):
    """A story that six verifiers have worked through; its truth by the store's report ids."""
    story = story_of(sqlite_store, crisis, 130, 2.4, 4, UNTIL)
    assert len(list(live_with_verifiers(sqlite_store, crisis, story, 6))) == 42
    with (tmp_path / "truth.csv").open("wb") as truth:
        again = into_store(sqlite_store, crisis, story, truth)
    assert again.kept == again.reports == len(story)
    rows = csv.DictReader((tmp_path / "truth.csv").open(encoding="utf-8"))
    return {row["report_id"]: row for row in rows}


def test_two_people_verify_and_careless_ones_err_more(sqlite_store, lived):
    with sqlite_store.read() as session:
        decisions = session.scalars(select(Decision).where(Decision.kind == "verify")).all()
        members = defaultdict(list)
        for report, incident in session.execute(select(IncidentReport.report_id, IncidentReport.incident_id)):
            members[incident].append(lived[str(report)])
        states = Counter(session.scalars(select(Incident.status)))
        verified = set(session.scalars(select(Incident.id).where(Incident.status == "verified")))
        people = sorted(set(session.scalars(select(Decision.actor_user_id))))
    assert states["verified"] > 30
    assessors = defaultdict(set)
    off = defaultdict(list)
    for decision in decisions:
        assert decision.actor_user_id not in assessors[decision.incident_id]
        assessors[decision.incident_id].add(decision.actor_user_id)
        true = members[decision.incident_id][0]["damage"]
        if true and len(members[decision.incident_id]) == 1:
            middle = (decision.details["damage_low"] + decision.details["damage_high"]) / 2
            off[people.index(decision.actor_user_id)].append(abs(middle - int(true)))
    assert all(len(assessors[incident]) >= 2 for incident in verified)
    careful, careless = (
        [error for person, errors in off.items() if (person in (2, 5)) == bad for error in errors]
        for bad in (False, True)
    )
    assert sum(careful) / len(careful) < 0.3 < 0.5 < sum(careless) / len(careless)


def test_a_story_imported_from_a_file_is_worked_through_and_scored(settings, sqlite_store, crisis, tmp_path):
    env = {"MAPPER_DATA": str(settings.data)}
    reports, truth = in_files(a_story(40))
    (tmp_path / "reports.csv").write_bytes(reports)
    (tmp_path / "truth.csv").write_bytes(truth)
    taken = CliRunner().invoke(main, ["import", str(tmp_path / "reports.csv"), "--crisis", "coast"], env=env)
    assert taken.exit_code == 0, taken.output
    work_until_idle(sqlite_store)
    rows = list(csv.DictReader(io.StringIO(reports.decode())))
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == len(rows)
        assert session.scalar(select(func.count()).select_from(IncidentReport)) == len(rows)
    found = read_reports(tmp_path / "reports.csv")
    assert score(found.reports, read_truth(tmp_path / "truth.csv"), shipped()).bcubed_f > 0.6


def test_pictures_are_drawn_the_same_and_recycled_ones_are_recognised(sqlite_store, crisis):
    assert draw(7, 3) == draw.__wrapped__(7, 3) != draw(8, 3) != draw(8, 5)
    with Image.open(io.BytesIO(draw(7, 3))) as picture:
        assert picture.format == "JPEG" and picture.size == (640, 480) and not picture.getexif()
    story = story_of(sqlite_store, crisis, 25, 2.0, 4, UNTIL)
    into_store(sqlite_store, crisis, story, None, with_photos=True)
    expected = Counter(
        hashlib.sha256(
            draw(photo, int(story.truth.tell(letters.told.photo[at : at + 1] // 1024).damage[0]))
        ).hexdigest()
        for letters in story.letters()
        for at, photo in enumerate(letters.told.photo.tolist())
        if photo >= 0
    )
    with sqlite_store.read() as session:
        assert Counter(session.scalars(select(Medium.sha256))) == expected
    assert expected


def test_past_days_are_lived_through_only_alone(settings, sqlite_store, crisis, tmp_path):
    env = {"MAPPER_DATA": str(settings.data)}
    (tmp_path / "one.csv").write_text("text,lat,lon,date\nroof gone,-27,55,2026-02-01\n")
    arguments = ["simulate", "--crisis", "coast", "--incidents", "4", "--until", "2026-03-01T00:00:00Z"]
    arguments += ["--verifiers", "3"]
    done = CliRunner().invoke(main, arguments, env=env)
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(main, [*arguments, "--out", str(tmp_path / "r.csv")], env=env).exit_code == 2
    CliRunner().invoke(main, ["import", str(tmp_path / "one.csv"), "--crisis", "coast"], env=env)
    assert CliRunner().invoke(main, arguments, env=env).exit_code == 1
