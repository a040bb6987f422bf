"""The coordinators' pages: who may see them, what they hold, and that numbers lead to their reports."""

import csv
import io
import re

import pytest
from mapper.layers.background import add_rows
from mapper.publication.work import write_internal

from tests.publication.incidents import add_areas, add_incident, add_verified


@pytest.fixture
def coast(sqlite_store, make_crisis):
    return make_crisis(sqlite_store)


@pytest.fixture
def coordinator(sqlite_store, coast, make_token):
    return make_token(sqlite_store, "coordinator")


def take(sqlite_store, coast):
    write_internal(sqlite_store, coast.id)


@pytest.fixture
def damaged(sqlite_store, coast):
    """Province 1 has two verified incidents and one new; Province 2 has none."""
    add_areas(sqlite_store, coast)
    add_verified(sqlite_store, coast, 2, damage_low=3, damage_high=4)
    add_incident(sqlite_store, coast, area_codes={"1": "P1"}, areas_version=1)
    take(sqlite_store, coast)


def table(response):
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text)))


@pytest.mark.parametrize("path", ["plan", "plan.csv", "plan/incidents", "plan/incidents/x"])
@pytest.mark.parametrize(("role", "status"), [("donor", 403), ("partner", 403), ("reporter", 403)])
def test_only_those_inside_may_see_a_plan(client, sqlite_store, coast, make_token, path, role, status):
    headers = make_token(sqlite_store, role)
    assert client.get(f"/crises/coast/{path}", headers=headers).status_code == status
    assert client.get(f"/crises/coast/{path}", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("role", ["coordinator", "verifier", "admin"])
def test_those_inside_may_and_nobody_keeps_it(client, sqlite_store, coast, make_token, role):
    response = client.get("/crises/coast/plan", headers=make_token(sqlite_store, role))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "mapper layer add areas" in response.text


def test_people_of_another_crisis_may_not(client, sqlite_store, coast, make_crisis, make_token):
    make_crisis(sqlite_store, "other")
    headers = make_token(sqlite_store, "coordinator", "other")
    assert client.get("/crises/coast/plan", headers=headers).status_code == 403


def test_without_population_it_is_said_and_damage_ranks(client, coordinator, damaged):
    page = client.get("/crises/coast/plan", headers=coordinator).text
    assert "damage alone ranks them" in page
    assert "No reports is not no damage" in page
    first, second = table(client.get("/crises/coast/plan.csv", headers=coordinator))
    assert (first["area_code"], first["state"], first["rank"]) == ("P1", "ranked", "1")
    assert (second["area_code"], second["state"], second["rank"]) == ("P2", "no_reports", "")
    assert (first["population"], first["N"]) == ("", "1")
    assert float(first["S"]) == pytest.approx(0.7)
    assert (first["verified"], first["not_verified"]) == ("2", "1")


def test_population_enters_and_figures_stay_unrounded(
    client, sqlite_store, coast, coordinator, damaged, tmp_path
):
    add_verified(sqlite_store, coast, 2, area="P2", damage_low=3, damage_high=4)
    take(sqlite_store, coast)
    people = tmp_path / "people.csv"
    people.write_text("ADM1_PCODE,population\nP1,999\nP2,12345\n")
    add_rows(sqlite_store, coast, "population", people)
    first, second = table(client.get("/crises/coast/plan.csv?level=1", headers=coordinator))
    assert (first["area_code"], first["population"]) == ("P2", "12345")
    assert len(second["N"].split(".")[1]) > 10
    product = 100 * float(second["S"]) * float(second["N"]) * float(second["G"]) * float(second["V"])
    assert float(second["priority"]) == pytest.approx(product, rel=1e-12)
    assert "damage alone" not in client.get("/crises/coast/plan", headers=coordinator).text


def test_hxl_tags_come_on_request_and_formulas_stay_text(client, sqlite_store, coast, coordinator, damaged):
    from mapper.store.tables import Area
    from sqlalchemy import update

    with sqlite_store.write() as session:
        session.execute(update(Area).where(Area.code == "P1").values(names={"en": "=cmd|x"}))
    response = client.get("/crises/coast/plan.csv?hxl=1", headers=coordinator)
    heads, tags, first, *_rest = csv.reader(io.StringIO(response.text))
    assert len(heads) == len(tags) == len(set(heads)) == len(set(tags))
    assert tags[:3] == ["#meta+level", "#adm1+code", "#adm1+name"]
    assert all(re.fullmatch(r"#[a-z0-9]+(\+[a-z0-9_]+)*", tag) for tag in tags)
    assert first[2] == "'=cmd|x"
    assert "attachment" in response.headers["Content-Disposition"]


def test_a_number_is_walked_down_to_its_reports(client, coordinator, damaged):
    page = client.get("/crises/coast/plan", headers=coordinator).text
    links = re.findall(r'href="(/crises/coast/plan/incidents\?[^"]*kind=verified[^"]*)"', page)
    listed = client.get(links[0].replace("&amp;", "&"), headers=coordinator).text
    incidents = re.findall(r'href="(/crises/coast/plan/incidents/[0-9a-f-]{36})"', listed)
    assert len(incidents) == 2
    detail = client.get(incidents[0], headers=coordinator)
    assert detail.status_code == 200 and detail.text.count('<li class="card">') == 1


@pytest.mark.parametrize("query", ["level=9", "sector=castles", "level=x"])
def test_a_choice_that_does_not_exist_is_said(client, coordinator, damaged, query):
    assert client.get(f"/crises/coast/plan?{query}", headers=coordinator).status_code == 400


def test_what_is_not_there_is_not_found(client, coordinator, damaged):
    for incident in ("x", "00000000-0000-4000-8000-000000000000"):
        assert client.get(f"/crises/coast/plan/incidents/{incident}", headers=coordinator).status_code == 404
    assert client.get("/crises/coast/plan/incidents?kind=no", headers=coordinator).status_code == 400


def test_text_of_strangers_is_text(client, sqlite_store, coast, coordinator):
    from mapper.fusion.work import work as fuse
    from mapper.intake.drafts import ReportDraft, Sender
    from mapper.intake.service import accept

    text = "<script>alert(1)</script>${7*7}"
    accept(sqlite_store, coast, [ReportDraft(text=text, longitude=-72.3, latitude=18.5)], Sender("t"))
    fuse(sqlite_store)
    take(sqlite_store, coast)
    listed = client.get("/crises/coast/plan/incidents?kind=waiting", headers=coordinator).text
    (incident,) = re.findall(r'href="(/crises/coast/plan/incidents/[0-9a-f-]{36})"', listed)
    page = client.get(incident, headers=coordinator).text
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_fits_a_phone_and_works_without_scripts(browse, site, damaged, sqlite_store, language):
    from mapper.accounts.service import add_user

    from tests.conftest import PASSWORD

    add_user(sqlite_store, "c@example.org", "coordinator", "coast", PASSWORD)
    page = browse(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page.goto("/login")
    page.fill("input[name=email]", "c@example.org")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.goto(f"/crises/coast/plan?lang={language}")
    page.wait_for_selector(".plan-table")
    box = page.locator("main").bounding_box()
    assert box is not None and box["width"] <= 360
    assert page.locator(".plan-map path.area").count() == 2
