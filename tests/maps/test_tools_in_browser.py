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
    box = page.get_by_role("combobox", name="Find a place, P-code or position")
    box.focus()
    page.keyboard.type("jakm")
    expect(page.locator("#place-options li")).to_have_count(1)
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "place-0")
    page.keyboard.press("Enter")
    expect(page.locator("#place-options")).to_be_hidden()
    wait_said(page, "at", "12/18.23000/-72.53000")


def test_typed_corners_choose_what_lies_within(inside: Page, incidents: pa.Table) -> None:  # noqa: F811
    page = inside
    page.goto(f"{PAGE}?at=11/18.54/-72.33")
    page.locator(".tools > summary").click()
    page.get_by_role("button", name="Draw an area to choose").click()
    page.locator("#corners").fill("18.53 -72.36\n18.53 -72.31\n18.56 -72.31\n18°33'36\"N 72°21'36\"W")
    page.get_by_role("button", name="Take these corners").click()
    expect(page.locator(".tool-said")).to_contain_text("Area: 17.6 km²")
    wait_said(
        page,
        "filter",
        "S_INTERSECTS(geometry, POLYGON((-72.36000 18.53000, -72.31000 18.53000, "
        "-72.31000 18.56000, -72.36000 18.56000, -72.36000 18.53000)))",
    )
    link = page.locator("a.download").first.get_attribute("href")
    assert link and "S_INTERSECTS" in link
    expect(page.locator(".time-words output, .filters-count").last).to_be_visible()
    page.reload()
    expect(page.locator(".tool-said")).to_contain_text("Area: 17.6 km²")


def test_a_measured_line_says_its_length_and_opens_nothing(inside: Page, incidents: pa.Table) -> None:  # noqa: F811
    page = inside
    page.goto(f"{PAGE}?at=11/18.54/-72.33")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Measure a distance")).to_have_attribute("aria-pressed", "true")
    page.mouse.click(700, 300)
    page.mouse.click(800, 300)
    expect(page.locator(".tool-said")).to_contain_text("Length: ")
    page.keyboard.press("Escape")
    expect(page.locator(".tool-said")).to_have_text("")
    expect(page.locator(".map-drawer")).to_be_hidden()


def test_two_dates_are_compared_in_figures(browse: Callable[..., Page], release: Snapshot) -> None:
    page = browse()
    page.goto(f"{PAGE}?compare=2026-02-10,2026-03-01")
    first = page.locator(".compare-frame tbody tr").first
    expect(first.locator("td").nth(0)).to_have_text("12")
    expect(first.locator("td").nth(2)).to_have_text("+42")


def test_the_public_cannot_draw_an_area_to_count(browse: Callable[..., Page], release: Snapshot) -> None:
    page = browse()
    page.goto(PAGE)
    page.locator(".tools > summary").click()
    expect(page.locator("[data-tool=choose]")).to_have_count(0)
    outline = "S_INTERSECTS(geometry, POLYGON((-73 18, -72 18, -72 19, -73 18)))"
    answer = page.request.get(f"{PAGE}/summary.json", params={"filter": outline})
    assert answer.status == 400


def test_every_key_is_on_the_sheet(browse: Callable[..., Page], release: Snapshot) -> None:
    page = browse()
    page.goto(PAGE)
    page.keyboard.press("?")
    expect(page.locator(".keys")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Find a place, P-code or position")).to_be_focused()


def test_a_picture_of_the_map_is_a_png(browse: Callable[..., Page], release: Snapshot) -> None:
    page = browse()
    page.goto(PAGE)
    page.locator(".tools > summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Picture (PNG)").click()
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("paper", "width", "height"), [("A4 portrait", 595, 842), ("A3 landscape", 1191, 842)]
)
def test_the_view_on_paper_is_one_page_of_its_size(
    browse: Callable[..., Page], release: Snapshot, paper: str, width: int, height: int
) -> None:
    from pypdfium2 import PdfDocument

    page = browse()
    page.add_init_script("window.print = () => document.body.classList.add('was-printed')")
    page.goto(PAGE)
    page.locator(".tools > summary").click()
    page.get_by_label("Print this view on").select_option(paper)
    page.get_by_role("button", name="Print", exact=True).click()
    page.wait_for_selector("body.was-printed")
    printed = PdfDocument(page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(printed) == 1
    assert printed[0].get_size() == pytest.approx((width, height), abs=2)
    words = printed[0].get_textpage().get_text_range()
    for said_there in ("North is up.", "Legend", "Natural Earth", "not official", "Published as of"):
        assert said_there in words
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("body")).not_to_have_class("screen is-sheet was-printed")
