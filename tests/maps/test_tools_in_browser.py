"""The map's tools in a real browser: the address says what is shown, the search box needs no mouse."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from mapper.maps.gazetteer import gazetteer_file, write
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from playwright.sync_api import Page, expect

from tests.maps.test_browser import inside  # noqa: F401 - a fixture
from tests.maps.test_places import PLACES

pytestmark = pytest.mark.browser

PAGE = "/crises/coast"


def said(page: Page) -> dict[str, list[str]]:
    """Return what the page's address says."""
    return parse_qs(urlsplit(page.url).query)


def wait_said(page: Page, name: str, value: str | None) -> None:
    """Wait until the address says `value`."""
    for _ in range(50):
        if said(page).get(name, [None])[0] == value:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{name} is not {value} in {page.url}")


def test_the_address_holds_what_is_shown_and_back_goes_back(inside: Page, incidents: pa.Table) -> None:  # noqa: F811
    page = inside
    page.goto(f"{PAGE}?at=11/18.54/-72.33&sector=health&by=status&status=new")
    expect(page.locator("input[value=health]")).to_be_checked()
    expect(page.locator("input[name=by][value=status]")).to_be_checked()
    assert page.evaluate("map_crisis.getZoom()") == 11
    page.locator(".filter-box > summary").click()
    page.locator("label.sector-water").click()
    wait_said(page, "sector", "health,water")
    page.go_back()
    wait_said(page, "sector", "health")
    expect(page.locator("input[value=water]")).not_to_be_checked()
    page.go_forward()
    expect(page.locator("input[value=water]")).to_be_checked()
    page.reload()
    expect(page.locator("input[value=water]")).to_be_checked()
    assert page.evaluate("map_crisis.getZoom()") == 11


def test_a_place_is_found_with_the_keyboard_alone(
    browse: Callable[..., Page], sqlite_store: Store, coast: Crisis, release: Snapshot
) -> None:
    path = gazetteer_file(sqlite_store.snapshots)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, PLACES)
    page = browse()
    page.goto(PAGE)
    box = page.get_by_role("combobox")
    box.focus()
    page.keyboard.type("jakm")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "place-0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option")).to_have_count(0)
    wait_said(page, "at", "12/18.23000/-72.53000")
