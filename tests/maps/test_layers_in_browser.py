"""The map's layers in Chromium: switches, keys, tables, and base maps through the proxy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import shapely
from flask import Flask
from mapper.config import BasemapSource, Settings
from mapper.layers.background import add_rows
from mapper.layers.service import add_areas
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.web.context import AppContext
from playwright.sync_api import Page, expect

PAGE = "/crises/coast"
Browse = Callable[..., Page]
pytestmark = pytest.mark.browser


@pytest.fixture
def loaded(sqlite_store: Store, coast: Crisis, incidents: pa.Table, tmp_path: Path) -> None:
    """Areas, people, facilities and activities of `coast`."""

    def features(name: str, *rows: tuple[Any, dict[str, Any]]) -> Path:
        made = [
            {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": properties}
            for shape, properties in rows
        ]
        (tmp_path / name).write_text(json.dumps({"type": "FeatureCollection", "features": made}))
        return tmp_path / name

    boxes = [(shapely.box(-75 + n, 17.5, -74 + n, 20.5), {"ADM1_PCODE": f"HT{n:02}"}) for n in range(1, 4)]
    add_areas(sqlite_store, coast, features("areas.geojson", *boxes))
    (tmp_path / "people.csv").write_text("ADM1_PCODE,population\nHT01,5000\nHT02,\n")
    add_rows(sqlite_store, coast, "population", tmp_path / "people.csv")
    clinic = (shapely.Point(-72.34, 18.54), {"name": "<img src=x onerror=window.hit=1>", "type": "clinic"})
    add_rows(sqlite_store, coast, "facilities", features("clinics.geojson", clinic))
    (tmp_path / "3w.csv").write_text("org,sector,ADM1_PCODE\nRed Cross,Health,HT02\n")
    add_rows(sqlite_store, coast, "activities", tmp_path / "3w.csv")


@pytest.fixture
def inside(
    browse: Browse,
    sign_in: Callable[..., None],
    sqlite_store: Store,
    loaded: None,
    make_token: Callable[..., dict[str, str]],
) -> Page:
    """The page of a verifier."""
    make_token(sqlite_store, "verifier")
    page = browse(viewport={"width": 1280, "height": 800})
    sign_in(page, "verifier@example.org")
    return page


def test_layers_are_switched_by_keyboard_and_say_themselves_in_words(inside: Page) -> None:
    inside.goto(PAGE)
    inside.locator(".map-layers > summary").press("Enter")
    inside.get_by_label("Heat: where most incidents lie").press("Space")
    inside.wait_for_selector(".leaflet-heat-pane canvas")
    inside.get_by_label("Services that are out").press("Space")
    inside.wait_for_selector(".leaflet-outages-pane canvas")
    expect(inside.locator("[data-key=outages]")).to_be_visible()
    inside.get_by_label("clinics.geojson").check()
    listed = inside.locator("details.area-figures", has=inside.locator(".thing-list"))
    expect(listed.locator("summary")).to_contain_text("1")
    listed.locator("summary").click()
    expect(listed.locator("li")).to_contain_text("<img src=x onerror=window.hit=1>")
    inside.get_by_label("Who works where", exact=True).check()
    expect(inside.locator(".who-mark")).to_have_count(1)
    inside.get_by_text("Who works where, as a table").click()
    expect(inside.locator(".who-rows")).to_contain_text("Red Cross")
    assert inside.evaluate("window.hit") is None


def test_areas_by_people_say_where_nobody_knows(inside: Page) -> None:
    inside.goto(PAGE)
    inside.locator(".map-layers > summary").click()
    inside.get_by_label("Incidents per 10,000 people").check()
    expect(inside.locator(".map-legend")).to_contain_text("population is not known")
    expect(inside.locator("[data-figures] tbody tr").first).to_be_attached()


def test_a_base_map_is_chosen_and_a_dead_one_is_said(
    app: Flask, settings: Settings, sqlite_store: Store, coast: Crisis, browse: Browse
) -> None:
    source = BasemapSource(
        name="sky",
        title="<b>Sky</b>",
        address="http://127.0.0.1:1/{z}/{x}/{y}",
        public=True,
        attribution="<i>Me</i>",
    )
    app.extensions["mapper"] = AppContext(sqlite_store, settings.model_copy(update={"basemaps": (source,)}))
    page = browse(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(PAGE)
    page.locator(".map-layers > summary").click()
    page.get_by_label("<b>Sky</b>").check()
    expect(page.locator(".layer-failure")).to_contain_text("does not answer")
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("Me")
    assert any("/basemaps/sky/" in address for address in asked)
    assert not any(address.startswith("http://127.0.0.1:1/") for address in asked)
    page.get_by_label("Built in").check()
    expect(page.locator(".layer-failure")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
