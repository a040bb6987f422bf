"""The donors' page: the public release and nothing else, said with its limits."""

import csv
import io
import re

import pytest
from mapper.store.crises import crisis_by_slug
from mapper.store.snapshot_format import WHOLE_CRISIS

from tests.maps.conftest import RELEASE, write_incidents, write_release
from tests.maps.rows import incident_rows


@pytest.fixture
def coast(sqlite_store, make_crisis):
    return make_crisis(sqlite_store)


@pytest.fixture
def release(sqlite_store, coast):
    return write_release(sqlite_store, coast)


def rows(response):
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


def test_the_table_holds_the_release_and_its_sums(client, release):
    page = client.get("/crises/coast/impact").text
    assert sum(row[4] for row in RELEASE) == 54
    assert re.search(r'<dd class="numbers">54</dd>', page)
    assert "Share of 54" in page
    weeks = re.findall(r'<th scope="row" class="numbers" dir="ltr">(2026-W\d\d)</th>', page)
    assert weeks == ["2026-W06", "2026-W07", "2026-W08"]
    assert "no number" in page, "a week between two others without a row is not zero"
    found = rows(client.get("/crises/coast/impact.csv"))
    assert sorted(
        (row["area_code"], row["sector"], row["week"], int(row["count"])) for row in found
    ) == sorted((area, sector, week, count) for area, _level, sector, week, count, *_damage in RELEASE)
    assert {row["damage_low"] for row in found if row["area_code"] == "HT02"} == {""}
    assert {row["version"] for row in found} == {"1"}


def test_the_chart_has_a_name_a_description_and_a_column_a_week(client, release):
    page = client.get("/crises/coast/impact").text
    chart = re.search(r'<svg class="chart".*?</svg>', page, re.DOTALL)[0]
    assert 'role="img"' in chart and 'aria-labelledby="weeks-title weeks-words"' in chart
    assert chart.count('class="chart-bar"') == 3
    assert "<title>2026-W06: 12</title>" in chart


@pytest.mark.parametrize("role", [None, "donor", "coordinator", "verifier", "admin"])
def test_whoever_asks_reads_the_release_alone(client, sqlite_store, coast, make_token, release, role):
    write_incidents(sqlite_store, coast, incident_rows([-72.34], [18.54]))
    headers = make_token(sqlite_store, role) if role else {}
    page = client.get("/crises/coast/impact", headers=headers)
    table = client.get("/crises/coast/impact.csv", headers=headers)
    assert table.data == client.get("/crises/coast/impact.csv").data
    for text in (page.text, table.text):
        assert not re.search(r"\d+\.\d{3,}", text), "nothing as exact as a position"
        assert "18.54" not in text and "72.34" not in text


def test_a_blanked_crisis_shows_nothing_to_anybody(client, sqlite_store, coast, make_token, release):
    with sqlite_store.write() as session:
        crisis_by_slug(session, "coast").blanked_at = sqlite_store.clock()
    for headers in ({}, make_token(sqlite_store, "admin")):
        for path in ("impact", "impact.csv"):
            answer = client.get(f"/crises/coast/{path}", headers=headers)
            assert answer.status_code == 404
            assert "HT01" not in answer.text and "West" not in answer.text


def test_before_the_first_release_it_says_so_and_how_it_will_be(client, coast):
    page = client.get("/crises/coast/impact").text
    assert "Nothing has been published yet" in page
    assert "two people have verified" in page
    assert rows(client.get("/crises/coast/impact.csv")) == []


def test_filters_choose_among_published_rows_and_nothing_finer(client, release):
    found = rows(client.get("/crises/coast/impact.csv?sector=housing"))
    assert [row["count"] for row in found] == ["30"]
    assert rows(client.get(f"/crises/coast/impact.csv?area={WHOLE_CRISIS}"))[0]["area_name"] == (
        "Several areas together"
    )
    for finer in ("bbox=-73,18,-72,19", "min_grade=3", "from=2026-01-01T00:00:00Z", "status=verified"):
        assert client.get(f"/crises/coast/impact.csv?{finer}").status_code == 400


def test_tags_come_on_request_and_an_unchanged_table_is_not_sent_again(client, release):
    response = client.get("/crises/coast/impact.csv?hxl=1")
    _heads, tags, *_rows = csv.reader(io.StringIO(response.text))
    assert all(tag.startswith("#") for tag in tags)
    again = client.get("/crises/coast/impact.csv?hxl=1", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_everybody_is_shown_the_way_there_and_only_those_inside_the_way_to_the_plan(
    client, sqlite_store, coast, make_token, release
):
    page = client.get("/crises/coast/impact").text
    assert 'href="/crises/coast/impact"' in page and 'href="/crises/coast/plan"' not in page
    inside = client.get("/crises/coast/impact", headers=make_token(sqlite_store, "verifier")).text
    assert 'href="/crises/coast/plan"' in inside
