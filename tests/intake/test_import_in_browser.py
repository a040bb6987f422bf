"""The import page as a coordinator uses it, with scripts and without."""

import pytest
from mapper.accounts.service import add_user
from mapper.intake.import_work import work
from playwright.sync_api import expect

from tests.conftest import PASSWORD
from tests.web.test_pages_in_browser import barriers

pytestmark = pytest.mark.browser

CSV = "text,lat,lon\n" + "".join(f"Wall {number} gone,{18 + number / 50},-72.3\n" for number in range(30))


@pytest.fixture
def coordinator(sqlite_store, make_crisis, browse, sign_in):
    make_crisis(sqlite_store)
    add_user(sqlite_store, "c@example.org", "coordinator", "coast", PASSWORD)

    def enter(**options):
        page = browse(**options)
        sign_in(page, "c@example.org")
        return page

    return enter


def bring(page, text=CSV):
    page.goto("/crises/coast/import")
    page.set_input_files("#file", {"name": "walls.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_label("Whose file is it?").fill("UNOSAT")
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How this file would be read")


def test_a_file_from_preview_to_done(coordinator, sqlite_store):
    page = coordinator()
    bring(page)
    expect(page.locator("#import-map .row-pin")).to_have_count(20)
    expect(page.locator("table.sample tbody tr")).to_have_count(20)
    page.get_by_role("button", name="Start the import").click()
    expect(page.locator("#state")).to_have_text("Waiting for a worker")
    while work(sqlite_store):
        pass
    expect(page.locator("#state")).to_have_text("Done", timeout=10_000)
    expect(page.locator("#accepted")).to_have_text("30")


def test_it_works_without_scripts_on_a_phone(coordinator, sqlite_store):
    page = coordinator(java_script_enabled=False, viewport={"width": 360, "height": 740})
    bring(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("What happened").select_option("")
    page.get_by_label("Title", exact=True).select_option("text")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value("text")
    page.get_by_role("button", name="Start the import").click()
    page.get_by_role("button", name="Stop the import").click()
    expect(page.locator("#state")).to_have_text("Stopped")
    page.get_by_role("link", name="Back to all imports").click()
    expect(page.locator("table.imports tbody tr")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_pass_the_accessibility_rules(coordinator, scheme):
    page = coordinator(color_scheme=scheme, bypass_csp=True)
    bring(page, CSV + "Bad,abc,def\n")
    assert barriers(page) == []
    page.get_by_role("button", name="Start the import").click()
    assert barriers(page) == []
    page.goto("/crises/coast/import")
    assert barriers(page) == []
