"""The map in a real browser: it draws, it is its list's equal, it loads from here alone, text stays text."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from flask import Flask
from mapper.config import Settings
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from mapper.web.context import AppContext
from playwright.sync_api import Page, Route, expect

from tests.maps.conftest import write_incidents
from tests.maps.rows import incident_rows

pytestmark = pytest.mark.browser

PAGE = "/crises/coast"
API = "**/api/v1/crises/coast/incidents"
HOSTILE = "${window.hit=1}`</script><img src=x onerror='window.hit=1'><b>{{7*7}}"
PAINTED = """pane => [...document.querySelectorAll(`.leaflet-${pane}-pane canvas`)].filter(canvas => {
    if (!canvas.width || !canvas.height) return false
    const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.some((value, at) => at % 4 === 3 && value > 0)
}).length"""

Browse = Callable[..., Page]


@pytest.fixture
def inside(
    browse: Browse,
    sign_in: Callable[..., None],
    sqlite_store: Store,
    coast: Crisis,
    make_token: Callable[..., dict[str, str]],
) -> Page:
    """The page of somebody who may see incidents; the list of incidents is the test's own."""
    make_token(sqlite_store, "verifier")
    page = browse(viewport={"width": 1280, "height": 800})
    sign_in(page, "verifier@example.org")
    return page


def answer_with(page: Page, features: list[dict[str, Any]]) -> list[str]:
    """Let the list of incidents be `features`; return the addresses that will have been asked for."""
    asked: list[str] = []

    def one(route: Route) -> None:
        asked.append(route.request.url)
        wanted = route.request.url.rsplit("/", 1)[1]
        found = next((f for f in features if f["id"] == wanted), None)
        route.fulfill(json=found or {"type": "FeatureCollection", "features": features, "links": []})

    for pattern in (API, f"{API}?*", f"{API}/*"):
        page.route(pattern, one)
    return asked


def features_of(table: pa.Table, **properties: Any) -> list[dict[str, Any]]:
    """Return incidents as the list gives them."""
    return [
        {
            "type": "Feature",
            "id": row["id"],
            "geometry": {"type": "Point", "coordinates": [row["lon_e7"] / 1e7, row["lat_e7"] / 1e7]},
            "properties": {
                name: row[name]
                for name in (
                    "id",
                    "status",
                    "sector",
                    "damage_low",
                    "damage_high",
                    "service_state",
                    "reports",
                )
            }
            | properties,
        }
        for row in table.to_pylist()
    ]


def wait_painted(page: Page, pane: str, at_least: int = 1) -> None:
    """Wait until a pane of the map shows something."""
    for _ in range(100):  # our policy forbids the `eval` that Playwright's own waiting uses
        if page.evaluate(PAINTED, pane) >= at_least:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"nothing is painted in {pane}")


def test_the_public_map_draws_the_release_beside_its_table(browse: Browse, release: Snapshot) -> None:
    page = browse()
    page.goto(PAGE)
    wait_painted(page, "ground")
    wait_painted(page, "coloured")
    rows = page.locator(".area-sums tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("West")
    expect(rows.first).to_contain_text("42")
    page.get_by_role("button", name="West").click()
    expect(page.get_by_role("button", name="West")).to_have_attribute("aria-pressed", "true")


def test_the_public_time_line_chooses_weeks(browse: Browse, release: Snapshot) -> None:
    page = browse()
    page.goto(PAGE)
    expect(page.locator(".time-words")).to_contain_text("54")
    with page.expect_request(lambda request: "week=2026-W08" in request.url):
        page.get_by_label("From").focus()
        page.keyboard.press("ArrowRight")
    expect(page.locator(".list-count")).to_contain_text("42")
    page.get_by_role("button", name="All of time").click()
    expect(page.locator(".list-count")).to_contain_text("54")


def test_incidents_are_drawn_and_listed(inside: Page, incidents: pa.Table) -> None:
    with inside.expect_response(lambda answer: "/api/v1/" in answer.url and "bbox=" in answer.url):
        inside.goto(PAGE)
    wait_painted(inside, "incidents")
    expect(inside.locator(".incidents li")).to_have_count(5)
    expect(inside.locator(".list-count")).to_have_text("In sight: 5")
    inside.evaluate("() => { map_crisis.setView([18.2, -73.75], 14) }")
    expect(inside.locator(".incidents li")).to_have_count(1)


@pytest.mark.parametrize(("language", "fold"), [("en", False), ("ar", False), ("en", True)])
def test_the_whole_crisis_is_seen_beside_panel_and_legend(
    inside: Page, coast: Crisis, language: str, fold: bool
) -> None:
    # High enough for the next zoom, at which the crisis would reach below the open legend; 1100 folds it.
    inside.set_viewport_size({"width": 1100 if fold else 1280, "height": 1000})
    inside.goto(f"{PAGE}?lang={language}")
    where = """([west, south, east, north]) => {
        const frame = document.querySelector('.leaflet-container').getBoundingClientRect()
        const at = (x, y) => map_crisis.latLngToContainerPoint([y, x]).add([frame.x, frame.y])
        const box = one => document.querySelector(one).getBoundingClientRect()
        const covers = ['.map-panel', '.map-legend'].map(box)
        const [start, end] = [at(west, north), at(east, south)]
        return covers.some(c => c.left < end.x && c.right > start.x && c.top < end.y && c.bottom > start.y)
    }"""
    assert not inside.evaluate(where, [coast.west, coast.south, coast.east, coast.north])


def test_a_symbol_on_a_tile_s_edge_is_whole(inside: Page, sqlite_store: Store, coast: Crisis) -> None:
    table = incident_rows([-67.5 - 1e-6], [18.3])  # 67.5 degrees west is an edge at every zoom above 3
    write_incidents(sqlite_store, coast, table)
    answer_with(inside, [])
    inside.goto(PAGE)
    inside.evaluate("() => { map_crisis.setView([18.3, -67.5], 12) }")
    wait_painted(inside, "incidents", at_least=2)


def test_hostile_text_in_every_field_stays_text(inside: Page, incidents: pa.Table) -> None:
    features = features_of(incidents.slice(0, 1))
    shown = features[0]["properties"]
    shown |= dict.fromkeys(("title", "sector", "asset", "status", "service_state", "reports"), HOSTILE)
    shown |= {"needs": [HOSTILE], "area_codes": {"1": HOSTILE}, "damage_low": HOSTILE, "damage_high": HOSTILE}
    entry = {
        "text": HOSTILE,
        "location_text": HOSTILE,
        "channel": HOSTILE,
        "source_url": "javascript:window.hit=1",
        "why_in_words": HOSTILE,
    }
    step = {"kind": HOSTILE, "reason": HOSTILE, "actor": HOSTILE, "state_after": HOSTILE}
    shown |= {"report_list": [entry], "history": [step], "evidence": [HOSTILE]}
    answer_with(inside, features)
    inside.goto(PAGE)
    inside.locator(".incidents a").first.click()
    drawer = inside.locator(".map-drawer")
    expect(drawer.get_by_role("heading", level=2)).to_have_text(HOSTILE)
    expect(drawer.locator(".quoted").first).to_have_text(HOSTILE)
    inside.wait_for_timeout(300)
    assert inside.evaluate("window.hit") is None
    assert inside.locator("main img, main b").count() == 0
    assert inside.locator("a[href^='javascript']").count() == 0


def test_hostile_names_of_areas_stay_text(browse: Browse, release: Snapshot) -> None:
    page = browse()

    def rename(route: Route) -> None:
        found = route.fetch().json()
        for feature in found["features"]:
            feature["properties"]["name"] = HOSTILE[:14] + "<img src=x onerror='window.hit=1'>"
        route.fulfill(body=json.dumps(found), content_type="application/geo+json")

    page.route("**/areas.geojson*", rename)
    page.goto(PAGE)
    page.evaluate("() => { map_crisis.setView([18.6, -72.4], 10) }")
    expect(page.locator(".area-name").first).to_contain_text("<img")
    assert page.evaluate("window.hit") is None
    assert page.locator("main img").count() == 0


def test_the_list_needs_no_mouse(inside: Page, incidents: pa.Table) -> None:
    answer_with(inside, features_of(incidents, asset="clinic"))
    inside.goto(PAGE)
    row = inside.locator(".incidents a").first
    expect(row).to_contain_text("Clinic")
    row.focus()
    inside.keyboard.press("Enter")
    drawer = inside.locator(".map-drawer")
    expect(drawer).to_be_visible()
    expect(drawer.get_by_role("heading", level=2)).to_be_focused()
    expect(row).to_have_attribute("aria-current", "true")
    inside.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(row).to_be_focused()


def test_a_click_on_the_map_asks_the_server(inside: Page, incidents: pa.Table) -> None:
    asked = answer_with(inside, features_of(incidents.slice(0, 1), asset="clinic"))
    inside.goto(PAGE)
    wait_painted(inside, "incidents")
    inside.mouse.click(700, 300)
    expect(inside.locator(".map-drawer h2")).to_have_text("Clinic")
    assert "limit=25" in asked[-2]
    assert "bbox=" in asked[-2]


def test_one_selection_rules_map_list_and_figures(inside: Page, incidents: pa.Table) -> None:
    inside.goto(PAGE)
    wait_painted(inside, "incidents")
    inside.get_by_text("Filter", exact=True).click()
    chosen = sum(row["sector"] in ("health", "water") for row in incidents.to_pylist())
    with (
        inside.expect_request(lambda r: ".mvt" in r.url and "sector=health%2Cwater" in r.url),
        inside.expect_request(lambda r: "summary.json" in r.url and "sector=health%2Cwater" in r.url),
    ):
        inside.get_by_label("Health").check(force=True)
        inside.get_by_label("Water and sanitation").check(force=True)
    expect(inside.locator(".list-count")).to_have_text(f"In sight: {chosen}")
    expect(inside.locator(".incidents li")).to_have_count(chosen)
    expect(inside.locator(".filters-count")).to_have_text("1 active")
    inside.get_by_role("button", name="Show everything again").click()
    expect(inside.locator(".filters-count")).to_be_hidden()


def test_a_newer_snapshot_shows_itself_and_what_has_no_place_is_counted(
    inside: Page, sqlite_store: Store, coast: Crisis, incidents: pa.Table
) -> None:
    inside.clock.install()
    inside.goto(PAGE)
    expect(inside.locator(".list-count")).to_have_text("In sight: 5")
    expect(inside.locator(".list-unplaced")).to_be_hidden()
    nowhere = float("nan")
    write_incidents(sqlite_store, coast, incident_rows([-72.3, nowhere], [18.5, nowhere]))
    inside.clock.run_for(61_000)
    expect(inside.locator(".list-count")).to_have_text("In sight: 1")
    expect(inside.locator(".list-unplaced")).to_contain_text("1")


def test_a_tile_that_fails_is_said_and_an_empty_one_is_not(inside: Page, incidents: pa.Table) -> None:
    answer_with(inside, [])
    inside.goto(PAGE)
    wait_painted(inside, "incidents")
    expect(inside.locator(".map-failure")).to_be_hidden()
    inside.route("**/*.mvt*", lambda route: route.fulfill(status=503, body="<html>busy</html>"))
    inside.get_by_text("Filter", exact=True).click()
    inside.get_by_label("Housing").check(force=True)
    expect(inside.locator(".map-failure")).to_contain_text("503")


@pytest.mark.shared
@pytest.mark.parametrize("name", ["stamen_toner_raster_z3.pmtiles", "test_fixture_1.pmtiles"])
def test_the_operator_s_base_map_replaces_ours(
    app: Flask,
    settings: Settings,
    sqlite_store: Store,
    coast: Crisis,
    shared: Path,
    browse: Browse,
    name: str,
) -> None:
    path = shared / "basemap-pmtiles" / name
    app.extensions["mapper"] = AppContext(sqlite_store, settings.model_copy(update={"basemap": str(path)}))
    page = browse()
    ranges: list[str] = []
    page.on("request", lambda request: ranges.append(request.url) if "basemap" in request.url else None)
    page.goto(PAGE)
    page.wait_for_selector(".leaflet-ground-pane .leaflet-tile-loaded")
    assert ranges
    assert not page.evaluate(
        "performance.getEntriesByType('resource').some(e => e.name.includes('world-land'))"
    )


@pytest.mark.shared
def test_a_base_map_s_credit_is_shown_as_words(
    app: Flask,
    settings: Settings,
    sqlite_store: Store,
    coast: Crisis,
    shared: Path,
    browse: Browse,
    tmp_path: Path,
) -> None:
    content = bytearray((shared / "basemap-pmtiles" / "stamen_toner_raster_z3.pmtiles").read_bytes())
    credit = "<a href='javascript:1'>© OpenStreetMap</a> &lt;img src=x onerror='window.hit=1'&gt;"
    metadata = gzip.compress(json.dumps({"attribution": credit}).encode())
    content[24:40] = struct.pack("<QQ", len(content), len(metadata))
    path = tmp_path / "credited.pmtiles"
    path.write_bytes(content + metadata)
    app.extensions["mapper"] = AppContext(sqlite_store, settings.model_copy(update={"basemap": str(path)}))
    page = browse()
    page.goto(PAGE)
    shown = page.locator(".leaflet-control-attribution")
    expect(shown).to_have_text("© OpenStreetMap <img src=x onerror='window.hit=1'>")
    assert shown.locator("a, img").count() == 0
    assert page.evaluate("window.hit") is None


def test_without_scripts_the_release_is_a_table(browse: Browse, release: Snapshot) -> None:
    page = browse(java_script_enabled=False)
    page.goto(PAGE)
    expect(page.get_by_role("cell", name="42")).to_be_visible()
    page.get_by_text("All published rows").click()
    expect(page.get_by_role("row", name="2026-W06")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_keeps_assistive_technology_out(
    inside: Page, incidents: pa.Table, scheme: Any, width: int
) -> None:
    inside.emulate_media(color_scheme=scheme)
    inside.set_viewport_size({"width": width, "height": 800})
    answer_with(inside, features_of(incidents))
    inside.goto(PAGE)
    wait_painted(inside, "incidents")
    inside.locator(".incidents a").first.click()
    inside.locator("#filters summary").dispatch_event("click")
    manifest = json.loads((Path(__file__).parents[2] / "static/build/manifest.json").read_text())
    inside.evaluate((Path(__file__).parents[2] / "static/build" / manifest["vendor/axe.js"]).read_text())
    found = inside.evaluate(
        "async () => (await axe.run()).violations.map(v => `${v.id}: ${v.nodes[0].html}`)"
    )
    assert found == []
