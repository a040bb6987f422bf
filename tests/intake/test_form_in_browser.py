"""The report form as a person with a phone uses it, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mapper.store.store import Store
from mapper.store.tables import Crisis, Report
from playwright.sync_api import Page, expect
from sqlalchemy import select

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
PHONE = {"viewport": {"width": 360, "height": 740}}
ADDRESS = "/crises/coast/report"
HERE = {"longitude": -72.3364, "latitude": 18.5392, "accuracy": 42}


@pytest.fixture
def coast(sqlite_store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    return make_crisis(sqlite_store)


def reports(store: Store) -> list[Report]:
    with store.read() as session:
        return list(session.scalars(select(Report)).all())


def choose(page: Page, *labels: str) -> None:
    for label in labels:
        page.locator("label.choice", has_text=label).click()


def test_a_report_with_the_devices_position(browse: Browse, coast: Crisis, sqlite_store: Store) -> None:
    page = browse(**PHONE, permissions=["geolocation"], geolocation=HERE)
    page.goto(ADDRESS)
    choose(page, "School", "Large cracks", "Count it in public figures")
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("#place-said")).to_contain_text("42")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#receipt")).to_be_visible()
    (report,) = reports(sqlite_store)
    assert (report.lon_e7, report.lat_e7, report.position_accuracy_m) == (-723364000, 185392000, 42)
    assert report.sector == "education"


def test_a_pin_is_set_by_tapping_and_by_keyboard(browse: Browse, coast: Crisis) -> None:
    page = browse(**PHONE)
    page.goto(ADDRESS)
    page.locator("#place-map").click(position={"x": 80, "y": 150})
    tapped = page.locator("#latitude").input_value()
    assert 17 < float(tapped) < 21
    page.get_by_role("button", name="Remove the pin").click()
    expect(page.locator("#latitude")).to_have_value("")
    page.get_by_role("button", name="Pin in the middle").press("Enter")
    assert page.locator("#latitude").input_value() not in ("", tapped)


def test_a_position_that_is_refused_is_explained(browse: Browse, coast: Crisis) -> None:
    page = browse(**PHONE, permissions=[])
    page.goto(ADDRESS)
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("#place-said")).to_contain_text("describe the place in words")


def test_a_pin_survives_a_form_that_came_back(browse: Browse, coast: Crisis) -> None:
    page = browse(**PHONE)
    page.goto(ADDRESS)
    page.locator("#place-map").click(position={"x": 80, "y": 150})
    set_at = page.locator("#latitude").input_value()
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#latitude")).to_have_value(set_at)
    expect(page.locator(".leaflet-marker-icon")).to_be_visible()


def test_two_quick_taps_send_one_report(browse: Browse, coast: Crisis, sqlite_store: Store) -> None:
    page = browse(**PHONE)
    page.goto(ADDRESS)
    page.locator("#place-text").fill("Rue 5")
    choose(page, "Home", "Slight", "Keep it with")
    page.get_by_role("button", name="Send the report").dblclick()
    expect(page.locator("#receipt")).to_be_visible()
    assert len(reports(sqlite_store)) == 1


def test_no_scripts_are_needed(browse: Browse, coast: Crisis, sqlite_store: Store) -> None:
    page = browse(**PHONE, java_script_enabled=False)
    page.goto(ADDRESS)
    expect(page.locator("#place-map")).to_be_hidden()
    choose(page, "Home", "Destroyed", "Count it in public figures")
    page.locator("#place-text").fill("behind the market")
    page.get_by_role("button", name="Send the report").click()
    code = page.locator("#receipt").inner_text()
    assert code.replace(" ", "") not in page.url
    page.get_by_role("link", name="Check a receipt code").click()
    page.get_by_label("Receipt code").fill(code)
    page.get_by_role("button", name="Show what became of it").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Received")
    assert len(reports(sqlite_store)) == 1
