"""The pages of everybody in a real browser: no barrier that axe finds, on a phone, dark, right to left."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from mapper.app import create_app
from mapper.config import Settings
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.web.assets import MANIFEST, STATIC, read_manifest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": PHONE,
    "dark": PHONE | {"color_scheme": "dark"},
}
PAGES = ("/", "/login", "/nothing", "/receipts", "/crises/coast/report")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def app(sqlite_store: Store, settings: Settings) -> Flask:
    """The whole app: the pages' frame leads into every room."""
    return create_app(settings, sqlite_store)


@pytest.fixture
def coast(sqlite_store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    return make_crisis(sqlite_store)


def barriers(page: Page) -> list[str]:
    """Return what axe-core finds, a line for each place."""
    path = STATIC / read_manifest(MANIFEST)["vendor/axe.js"]
    page.evaluate(path.read_text(encoding="utf-8") + "; null")
    found = page.evaluate(f"axe.run(document, {json.dumps({'runOnly': RULES})})")
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_pages_have_no_barrier(browse: Browse, coast: Crisis, look: str) -> None:
    page = browse(**LOOKS[look])
    found = []
    for address in PAGES:
        page.goto(address)
        found += [f"{address} {barrier}" for barrier in barriers(page)]
    assert found == []


@pytest.mark.parametrize("language", ["en", "uk", "ar"])
def test_nothing_is_wider_than_a_phone(browse: Browse, coast: Crisis, language: str) -> None:
    page = browse(**PHONE)
    for address in PAGES:
        page.goto(f"{address}?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


def test_the_language_changes_without_scripts(browse: Browse, coast: Crisis) -> None:
    page = browse(**PHONE, java_script_enabled=False)
    page.goto("/crises/coast/report")
    page.locator("summary", has_text="Language").click()
    page.get_by_role("link", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "ar")


def test_the_keyboard_reaches_the_content_first(browse: Browse, coast: Crisis) -> None:
    page = browse()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
