"""The desk in a browser: by keyboard alone, without scripts, and by axe's rules of accessibility."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from mapper.accounts.service import add_user
from mapper.intake.drafts import DraftMedium
from mapper.store.store import Store
from mapper.store.tables import Crisis, Medium, User
from mapper.verification.comments import say
from mapper.verification.handovers import hand_over
from mapper.verification.pins import Spot, place
from mapper.verification.work import work
from mapper.web.assets import STATIC, read_manifest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.conftest import PASSWORD
from tests.verification.builders import ANNA, BORIS, LATITUDE, LONGITUDE, do, load, make_incident, verified

pytestmark = pytest.mark.browser
EMAIL = "vera@example.org"


def photo() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((400, 300), 90).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def desk(sqlite_store: Store, coast: Crisis) -> dict[str, Any]:
    """A verifier, two cases that wait, of which one is full of everything a case can show."""
    add_user(sqlite_store, EMAIL, "verifier", "coast", PASSWORD)
    full = make_incident(
        sqlite_store, coast, damage_high=5, damage_conflict=True,
        draft={"media": (DraftMedium(photo(), "image/jpeg", "ab" * 32),), "language": "fr"},
    )  # fmt: skip
    while work(sqlite_store):
        pass
    with sqlite_store.read() as session:
        medium_id = session.scalars(select(Medium.id)).first()
        user_id = session.scalars(select(User.id)).one()
    assert medium_id is not None
    place(sqlite_store, coast.id, full, medium_id, Spot(0.5, 0.5, LONGITUDE, LATITUDE), user_id)
    say(sqlite_store, coast.id, full, 99, "Look here, @vera")
    do(sqlite_store, coast, full, ANNA, "triage")
    plain = make_incident(sqlite_store, coast, damage_high=2)
    done = verified(sqlite_store, coast)
    do(sqlite_store, coast, done, BORIS, "regrade")
    hand_over(sqlite_store, coast.id, user_id, "All quiet.")
    return {"full": full, "plain": plain, "done": done}


def violations(page: Page) -> list[str]:
    """Return axe's serious and critical findings on a page."""
    axe = STATIC / read_manifest(STATIC / "build" / "manifest.json")["vendor/axe.js"]
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{item['id']}: {node['target']} {node['failureSummary']}"
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]


@pytest.mark.parametrize(
    "options", [{}, {"viewport": {"width": 360, "height": 740}}, {"color_scheme": "dark"}]
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_of_the_desk_passes_axe(
    browse: Callable[..., Page], sign_in: Any, desk: dict[str, Any], options: dict[str, Any], language: str
) -> None:
    page = browse(**options)
    sign_in(page, EMAIL)
    base = "/crises/coast/verify"
    for path in (
        base,
        f"{base}?flag=conflict",
        f"{base}/desk",
        f"{base}/{desk['done']}",
        f"{base}/{desk['full']}",
    ):
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        page.wait_for_load_state("networkidle")
        for summary in page.locator("details:not([open]) > summary").all():
            if summary.is_visible():
                summary.click()
        assert violations(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, f"{path} is {width} pixels too wide"
    page.goto(base)
    page.locator("input[name=incident]").first.check()
    page.keyboard.press("p")
    page.wait_for_selector("textarea#reason")
    assert violations(page) == []


def test_a_case_is_cleared_by_keys_alone(
    browse: Callable[..., Page], sign_in: Any, desk: dict[str, Any], sqlite_store: Store, coast: Crisis
) -> None:
    page = browse()
    sign_in(page, EMAIL)
    page.goto("/crises/coast/verify")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    for key in "jjk":
        page.keyboard.press(key)
    row = page.locator("tr:focus-within")
    assert row.get_attribute("data-case") == str(desk["full"])
    page.keyboard.press("c")
    page.locator("tr:focus-within .claimed", has_text="20").wait_for()
    page.keyboard.press("x")
    assert row.locator("input[type=checkbox]").is_checked()
    page.keyboard.press("s")
    page.wait_for_url(f"**/{desk['full']}?walk=1")
    page.keyboard.press("u")
    page.keyboard.type("Nobody can be reached.")  # holds u, r, t: typing is no key
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/{desk['plain']}?walk=1")
    assert load(sqlite_store, coast, desk["full"]).status == "unverifiable"


def test_single_keys_can_be_switched_off_and_stay_off(
    browse: Callable[..., Page], sign_in: Any, desk: dict[str, Any]
) -> None:
    page = browse()
    sign_in(page, EMAIL)
    page.goto("/crises/coast/verify")
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator("tr:focus-within").count() == 0
    page.reload()
    page.keyboard.press("j")
    assert page.locator("tr:focus-within").count() == 0


def test_photos_are_veiled_until_asked_for_and_grey_on_choice(
    browse: Callable[..., Page], sign_in: Any, desk: dict[str, Any]
) -> None:
    page = browse()
    sign_in(page, EMAIL)
    page.goto(f"/crises/coast/verify/{desk['full']}")
    page.wait_for_load_state("networkidle")
    veil = page.locator(".veil").first
    style = "node => getComputedStyle(node).filter"
    assert "blur" in veil.locator("summary img").evaluate(style)
    assert not veil.locator(".frame img").is_visible()
    page.keyboard.press("g")
    veil.locator(".frame img").wait_for()
    assert veil.locator(".frame img").evaluate(style) == "none"
    assert page.locator(".photo-pin").first.is_visible()
    page.keyboard.press("b")
    expect(veil.locator(".frame img")).to_have_css("filter", "grayscale(1)")
    page.reload()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("g")
    expect(page.locator(".frame img").first).to_have_css("filter", "grayscale(1)")
    assert page.locator("video[autoplay], audio[autoplay]").count() == 0


def test_a_pin_is_set_by_two_clicks(browse: Callable[..., Page], sign_in: Any, desk: dict[str, Any]) -> None:
    page = browse()
    sign_in(page, EMAIL)
    page.goto(f"/crises/coast/verify/{desk['full']}")
    page.wait_for_load_state("networkidle")
    page.locator(".veil summary").first.click()
    page.locator("[data-pin]").first.click()
    page.locator(".canvas").first.click(position={"x": 30, "y": 30})
    page.locator("#case-map").click(position={"x": 60, "y": 60})
    page.wait_for_load_state("networkidle")
    assert page.locator(".pins li").count() == 2


def test_the_essentials_work_without_scripts(
    browse: Callable[..., Page], sign_in: Any, desk: dict[str, Any], sqlite_store: Store, coast: Crisis
) -> None:
    page = browse(java_script_enabled=False)
    sign_in(page, EMAIL)
    page.goto("/crises/coast/verify")
    page.get_by_role("button", name="Start with the first").click()
    assert str(desk["full"]) in page.url
    page.locator(".veil summary").first.click()
    assert page.locator(".veil .frame img").first.is_visible()
    page.locator('[data-kind="dispute"] > summary').click()
    page.fill("#reason-dispute", "The owner denies it.")
    page.locator('[data-kind="dispute"] button').click()
    assert load(sqlite_store, coast, desk["full"]).status == "disputed"
