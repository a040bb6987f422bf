"""The stand-alone map opens from a stick without any network, and hostile texts stay texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from mapper.config import Settings
from mapper.exchange import standalone_data
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.web.offline import speaking
from playwright.sync_api import Browser, Page

from tests.exchange.exports import exported, given_incidents, some_incidents
from tests.maps.conftest import write_release
from tests.maps.rows import incident_rows

HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror=hacked=1>`${hacked=1}` {{ 7*7 }} \u2028"
)


@pytest.fixture(autouse=True)
def words(settings: Settings) -> Iterator[None]:
    """Let templates and words work as the command does."""
    with speaking(settings):
        yield


@pytest.fixture
def open_file(chromium: Browser) -> Iterator[Callable[[Path], Page]]:
    """Return a function that opens a file with all network cut; the test fails if anything is asked for."""
    wrong: list[str] = []
    context = chromium.new_context(offline=True)

    def opened(path: Path) -> Page:
        page = context.new_page()
        address = path.as_uri()
        page.on("request", lambda r: None if r.url.startswith((address, "data:")) else wrong.append(r.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
        page.goto(address)
        return page

    yield opened
    context.close()
    assert wrong == []


def data_of(path: Path) -> Any:
    """Return the data in a file."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def shown(page: Page, group: str) -> str:
    """Return the words of the popup of a group's first item."""
    page.evaluate(f"feature_group_{group}.getLayers()[0].openPopup()")
    return page.inner_text(".leaflet-popup-content")


def hostile_incidents() -> pa.Table:
    """Return incidents whose area codes are an attack."""
    table = some_incidents()
    codes = pa.array([HOSTILE] * table.num_rows).dictionary_encode()
    place = table.schema.get_field_index("area_1")
    field = table.schema.field("area_1")
    return table.set_column(place, field, codes.cast(field.type))


def test_hostile_texts_stay_texts(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, open_file: Callable[[Path], Page]
) -> None:
    coast.name = HOSTILE
    table = given_incidents(sqlite_store, coast, hostile_incidents())
    path = exported(sqlite_store, coast, "html", tmp_path / "o.html")
    page = open_file(path)
    assert page.evaluate("typeof window.hacked") == "undefined"
    assert page.inner_text("h1").split() == HOSTILE.split()
    groups = list(data_of(path)["layers"])
    assert groups
    for group in groups:
        assert " ".join(HOSTILE.split()) in " ".join(shown(page, group).split())
    assert page.evaluate("typeof window.hacked") == "undefined"
    assert page.locator("img").count() == 0
    drawn = sum(page.evaluate(f"feature_group_{group}.getLayers().length") for group in groups)
    assert drawn == table.num_rows - 1
    assert page.inner_text(".notice") == "1 incidents have no place yet and are not on this map."


def test_the_file_names_no_other_host(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> None:
    given_incidents(sqlite_store, coast)
    text = exported(sqlite_store, coast, "html", tmp_path / "o.html").read_text(encoding="utf-8")
    loading = re.findall(r"""(?:src|href)\s*=\s*["'](?!data:|#)[^"']+|url\([^)]+\)|@import""", text)
    assert [found for found in loading if not found.startswith(("url(#", 'href="https://leafletjs'))] == []
    assert "default-src &#39;none&#39;" in text


def test_a_point_can_be_clicked_and_layers_switched(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, open_file: Callable[[Path], Page]
) -> None:
    table = incident_rows([-72.5], [19.0], sector=["health"], damage_low=[3], damage_high=[4])
    given_incidents(sqlite_store, coast, table)
    page = open_file(exported(sqlite_store, coast, "html", tmp_path / "o.html"))
    page.wait_for_timeout(600)  # until the map has come to rest
    x, y = page.evaluate(
        "(() => { const p = map_crisis.latLngToContainerPoint([19, -72.5]);"
        "const r = map_crisis.getContainer().getBoundingClientRect(); return [p.x + r.x, p.y + r.y]; })()"
    )
    page.mouse.click(x, y)
    assert "Health: Heavy damage to Very heavy damage" in page.inner_text(".leaflet-popup-content h2")
    page.hover(".leaflet-control-layers")
    page.uncheck(".leaflet-control-layers-selector")
    assert page.evaluate("map_crisis.hasLayer(feature_group_health)") is False


def test_too_many_incidents_are_counted_in_squares_and_it_says_so(
    sqlite_store: Store,
    coast: Crisis,
    tmp_path: Path,
    open_file: Callable[[Path], Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standalone_data, "MOST_POINTS", 500)
    monkeypatch.setattr(standalone_data, "MOST_SQUARES", 200)
    random = np.random.default_rng(2)
    table = incident_rows(random.uniform(-74, -71, 900), random.uniform(18, 20, 900))
    given_incidents(sqlite_store, coast, table)
    path = exported(sqlite_store, coast, "html", tmp_path / "o.html")
    squares = data_of(path)["layers"]["squares"]
    assert 0 < len(squares) <= 200
    assert sum(square[-1] for square in squares) == 900
    for south_west, north_east, *_rest in squares:
        assert south_west[0] < north_east[0]
        assert south_west[1] < north_east[1]
    page = open_file(path)
    assert "900 incidents are too many to draw one by one" in page.inner_text(".notice")
    assert "incidents" in shown(page, "squares")


def test_the_public_file_holds_areas_only(
    sqlite_store: Store, coast: Crisis, tmp_path: Path, open_file: Callable[[Path], Page]
) -> None:
    table = given_incidents(sqlite_store, coast)
    write_release(sqlite_store, coast)
    path = exported(sqlite_store, coast, "html", tmp_path / "o.html", audience="public")
    text = path.read_text(encoding="utf-8")
    assert not any(row["id"] in text for row in table.to_pylist())
    layers = data_of(path)["layers"]
    assert list(layers) == ["areas"]
    assert sorted(area[-1] for area in layers["areas"]) == [5, 7, 42]
    page = open_file(path)
    page.evaluate("feature_group_areas.getLayers().at(-1).openPopup(map_crisis.getCenter())")
    assert "verified incidents" in page.inner_text(".leaflet-popup-content h2")
    assert "No exact place" in page.inner_text("header")


def test_it_speaks_arabic_from_right_to_left(
    settings: Settings, sqlite_store: Store, coast: Crisis, tmp_path: Path, open_file: Callable[[Path], Page]
) -> None:
    given_incidents(sqlite_store, coast)
    with speaking(settings, "ar"):
        page = open_file(exported(sqlite_store, coast, "html", tmp_path / "o.html"))
    assert page.get_attribute("html", "dir") == "rtl"
    page.screenshot(path=str(tmp_path / "page.png"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
