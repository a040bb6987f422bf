"""A story is reproducible, plausible, and knows its own truth."""

import csv
import io
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from mapper.geography.positions import distance_m
from mapper.simulation.chance import Chance
from mapper.simulation.telling import MOST_REPORTS
from mapper.simulation.writing import LineWriter
from mapper.vocabulary.assets import match_category

from tests.simulation.stories import BBOX, UNTIL, a_story, in_files


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture(scope="module", params=["hazard", "conflict"])
def told(request):
    """Reports and truth of a middling story as rows."""
    story = a_story(4_000, mode=request.param)
    reports, truth = map(rows_of, in_files(story))
    return story, reports, truth


def test_equal_seeds_give_equal_bytes():
    assert in_files(a_story(seed=7)) == in_files(a_story(seed=7))
    assert in_files(a_story(seed=7))[0] != in_files(a_story(seed=8))[0]


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32), batch=st.integers(1, 400), mode=st.sampled_from(["hazard", "conflict"]),
    incidents=st.integers(1, 200), mean=st.floats(1, 6),
)  # fmt: skip
def test_portions_of_any_size_tell_the_same(seed, batch, mode, incidents, mean):
    story = a_story(incidents, seed=seed, mode=mode, reports_per_incident=mean)
    whole, portions = io.BytesIO(), io.BytesIO()
    for size, file in ((len(story), whole), (batch, portions)):
        writer = LineWriter(file, story)
        for letters in story.letters(size):
            writer.write(letters)
    assert whole.getvalue() == portions.getvalue() != b""


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), days=st.integers(1, 42), mode=st.sampled_from(["hazard", "conflict"]))
def test_a_story_goes_on_where_it_stood(seed, days, mode):
    earlier = UNTIL - timedelta(days=days)
    first, whole = (
        rows_of(in_files(a_story(80, seed=seed, mode=mode, until=until))[0]) for until in (earlier, UNTIL)
    )
    assert first == whole[: len(first)]
    assert all(datetime.fromisoformat(row["reported_at"]) > earlier for row in whole[len(first) :])


def test_reports_and_truth_agree(told):
    _, reports, truth = told
    assert [row["report_id"] for row in reports] == [row["report_id"] for row in truth]
    assert len({row["report_id"] for row in reports}) == len(reports)
    times = [row["reported_at"] for row in reports]
    assert times == sorted(times) and times[-1] <= UNTIL.isoformat()
    of_damage = Counter(row["incident_id"] for row in truth if row["incident_kind"] == "damage")
    assert len(of_damage) == 4_000 and max(of_damage.values()) > 8
    assert 2.4 < sum(of_damage.values()) / 4_000 < 2.9
    facts = ("incident_date", "incident_lat", "incident_lon", "asset", "damage", "building_id", "repaired_at")
    same = defaultdict(set)
    for real in truth:
        same[real["incident_id"]].add(tuple(real[fact] for fact in facts))
    assert all(len(found) == 1 for found in same.values())
    for row, real in zip(reports, truth, strict=True):
        delay = datetime.fromisoformat(row["reported_at"]) - datetime.fromisoformat(real["incident_date"])
        assert delay // timedelta(minutes=1) == int(real["delay_minutes"]) >= 0
        assert row["text"] and row["channel"] == real["source_kind"]


def test_everything_lies_inside_the_crisis_and_every_building_on_land(told):
    story, reports, truth = told
    for row in reports:
        if row["lat"]:
            assert BBOX[0] <= float(row["lon"]) <= BBOX[2] and BBOX[1] <= float(row["lat"]) <= BBOX[3]
    x, y = (np.array([float(row[name]) for row in truth]) for name in ("incident_lon", "incident_lat"))
    assert shapely.contains_xy(story.world.land.buffer(1e-5), x, y).all()


def test_sources_err_each_in_its_way(told):
    _, reports, truth = told
    away = defaultdict(list)
    for row, real in zip(reports, truth, strict=True):
        if not row["lat"]:
            assert real["position_model"] == "named" and row["location_text"]
        elif real["position_model"] == "measured" and not int(real["is_spam"]):
            there = float(real["incident_lon"]), float(real["incident_lat"])
            away[real["source_kind"]].append(distance_m(float(row["lon"]), float(row["lat"]), *there))
    medians = {source: np.median(found) for source, found in away.items()}
    assert medians["field_team"] < 10 < medians["form"] < 20 < medians["app"] < 150 < medians["social"] < 400
    wrong = sum(int(row["is_wrong_category"]) for row in truth) / len(truth)
    assert 0.06 < wrong < 0.14
    for row, real in zip(reports, truth, strict=True):
        if row["category"]:
            is_right = match_category(row["category"])[0] == real["asset"]
            assert is_right != bool(int(real["is_wrong_category"]))


def test_reposts_repeat_somebody_elses_words(told):
    _, reports, truth = told
    texts = {row["report_id"]: row for row in reports}
    reposts = [real for real in truth if int(real["is_repost"])]
    assert 0.04 < len(reposts) / len(truth) < 0.12
    for real in reposts:
        copy, original = texts[real["report_id"]], texts[real["repost_of"]]
        assert copy["text"].endswith(original["text"]) and copy["reported_at"] >= original["reported_at"]
    assert (
        sum(texts[r["report_id"]]["text"] == texts[r["repost_of"]]["text"] for r in reposts)
        > len(reposts) / 3
    )


def test_buildings_are_struck_again_and_repaired(told):
    _, _, truth = told
    incidents = {real["incident_id"]: real for real in truth}
    again = [real for real in incidents.values() if int(real["is_second_strike"])]
    assert 40 < len(again) < 300
    for real in again:
        first = incidents[real["building_id"]]
        assert (real["incident_lat"], real["incident_lon"]) == (first["incident_lat"], first["incident_lon"])
        assert real["incident_date"] > first["incident_date"] and int(real["damage"]) >= int(first["damage"])
    repairs = [real for real in truth if int(real["is_repair"])]
    assert len(repairs) > 50
    for real in repairs:
        assert real["repaired_at"] > real["incident_date"]


def test_spam_comes_in_floods_and_rumours_claim_what_never_was(told):
    _, _, truth = told
    spam = Counter(real["incident_id"] for real in truth if int(real["is_spam"]))
    assert 0.01 < sum(spam.values()) / len(truth) < 0.06 and max(spam.values()) > 15
    kinds = {real["incident_kind"] for real in truth if int(real["is_spam"])}
    assert kinds == {"rumour", "advert"}
    assert all(
        real["incident_id"][0] == {"damage": "I", "rumour": "F", "advert": "S"}[real["incident_kind"]]
        for real in truth
    )
    recycled = [real for real in truth if int(real["is_recycled_photo"])]
    assert recycled and all(real["photo_id"] for real in recycled)


def test_a_shock_fades_and_strikes_fall_at_night():
    shock = a_story(3_000).truth.happened(np.arange(3_000))
    first_day, last_week = (shock < 86_400).sum(), (shock > 35 * 86_400).sum()
    assert first_day > 0.45 * 3_000 and last_week < 0.1 * 3_000
    local_hours = a_story(3_000, mode="conflict").truth.happened(np.arange(3_000)) // 3_600 + 4
    assert ((local_hours % 24 >= 21) | (local_hours % 24 < 7)).mean() > 0.55


def test_the_crisis_languages_are_spoken_and_sometimes_others(told):
    _, _, truth = told
    spoken = Counter(real["language"] for real in truth)
    assert set(spoken) == {"en", "uk", "ar", "fr", "es", "tr"}
    assert 0.92 < (spoken["en"] + spoken["uk"] + spoken["ar"]) / len(truth) < 0.99


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**40))
def test_chance_depends_on_nothing_before_it(seed, number):
    numbers = np.arange(number, number + 50)
    chance = Chance(seed)
    assert (chance.uniform("draw", numbers)[7:9] == Chance(seed).uniform("draw", numbers[7:9])).all()
    assert len(np.unique(chance.bits("draw", numbers))) == 50


def test_chance_is_even():
    chance, numbers = Chance(3), np.arange(200_000)
    drawn = chance.uniform("draw", numbers)
    assert np.abs(np.histogram(drawn, 20, (0, 1))[0] - 10_000).max() < 500
    assert abs(np.corrcoef(drawn, chance.uniform("another", numbers))[0, 1]) < 0.01
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.01
    normal = chance.normal("bell", numbers)
    assert abs(normal.mean()) < 0.01 and abs(normal.std() - 1) < 0.01
    chosen = np.bincount(chance.choose("weights", numbers, (1, 0, 3)), minlength=3)
    assert chosen[1] == 0 and 2.9 < chosen[2] / chosen[0] < 3.1


def test_days_hold_every_report_once_in_the_order_of_being_sent():
    story = a_story(200)
    days = list(story.days(batch=7))
    assert len(days) == 42 and days[-1][0] == UNTIL
    heard, before = [], 0
    for end, letters in days:
        for portion in letters:
            assert before <= portion.told.said.min()
            before = portion.told.said.max()
            assert story.start_s + before <= end.timestamp()
            heard += portion.report_id.to_pylist()
    assert heard == [name for portion in story.letters() for name in portion.report_id.to_pylist()]


def test_no_incident_has_more_reports_than_numbers_allow():
    story = a_story(400, reports_per_incident=50)
    counts = story.tellers.counts(np.arange(400))
    assert 45 < counts.mean() < 56 and counts.max() < MOST_REPORTS
