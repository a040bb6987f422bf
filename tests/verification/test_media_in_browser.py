"""Video, PDF, custody and redaction in a browser: drawn, moved by keys, nothing plays, axe finds nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from mapper.accounts.service import add_user
from mapper.intake.drafts import DraftMedium
from mapper.store.store import Store
from mapper.store.tables import Crisis, Medium
from mapper.verification.work import work
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.conftest import PASSWORD
from tests.files.clips import clip, pdf
from tests.verification.builders import make_incident
from tests.verification.test_browser import violations
from tests.verification.test_case import picture

pytestmark = pytest.mark.browser
EMAIL = "vera@example.org"


@pytest.fixture
def case(sqlite_store: Store, coast: Crisis) -> dict[str, Any]:
    """A case with a photo, a video and a PDF, whose copies are made."""
    add_user(sqlite_store, EMAIL, "verifier", "coast", PASSWORD)
    kinds = ((picture(), "image/jpeg"), (clip(), "video/mp4"), (pdf(), "application/pdf"))
    media = tuple(DraftMedium(data, kind, str(number) * 64) for number, (data, kind) in enumerate(kinds))
    draft = {"media": media, "source_url": "https://example.org/" + "x" * 60}
    incident_id = make_incident(sqlite_store, coast, reports=1, draft=draft)
    while work(sqlite_store):
        pass
    with sqlite_store.read() as session:
        ids = session.scalars(select(Medium.id).order_by(Medium.position)).all()
    base = "/crises/coast/verify"
    return {"case": f"{base}/{incident_id}", "media": [f"{base}/media/{medium_id}" for medium_id in ids]}


def test_boxes_are_drawn_and_moved_by_keys(
    browse: Callable[..., Page], sign_in: Callable[..., None], sqlite_store: Store, case: dict[str, Any]
) -> None:
    page = browse(viewport={"width": 1280, "height": 900})
    sign_in(page, EMAIL)
    page.goto(f"{case['media'][0]}/redact")
    frame = page.locator("#redact").bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 20, frame["y"] + 30)
    page.mouse.down()
    page.mouse.move(frame["x"] + 120, frame["y"] + 90)
    page.mouse.up()
    left = page.locator("#box-1-left")
    drawn = float(left.input_value())
    assert drawn == pytest.approx(100 * 20 / frame["width"], abs=1)
    left.press("ArrowUp")
    assert float(left.input_value()) == pytest.approx(drawn + 0.5, abs=0.01)
    expect(page.locator(".redact-box")).to_have_count(1)
    assert violations(page) == []
    page.fill("#reason-redact", "a face")
    page.get_by_role("button", name="Make the new copy").click()
    expect(page.get_by_text("is being made")).to_be_visible()
    while work(sqlite_store):
        pass
    page.reload()
    expect(page.locator(".redact-box")).to_have_count(1)


def test_nothing_plays_by_itself_and_axe_finds_nothing(
    browse: Callable[..., Page], sign_in: Callable[..., None], case: dict[str, Any]
) -> None:
    page = browse(viewport={"width": 1280, "height": 900})
    sign_in(page, EMAIL)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(case["case"])
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if url.endswith("/copy") and case["media"][1] in url]
    for veil in page.locator(".veil").all():
        veil.evaluate("veil => { veil.open = true; }")
    video = page.locator("video")
    assert video.evaluate("video => video.paused && !video.autoplay")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    page.wait_for_timeout(1_000)
    assert video.evaluate("video => video.currentTime") > 0.2
    assert violations(page) == []
    _picture(page, "case")
    for number, what in ((0, ""), (1, "/redact"), (2, "/redact?page=2")):
        page.goto(case["media"][number] + what)
        assert violations(page) == []
        _picture(page, f"medium-{number}")


def _picture(page: Page, name: str) -> None:
    """Keep screenshots where somebody asks for them."""
    folder = os.environ.get("MAPPER_TEST_PICTURES")
    if folder:
        for width, language in ((1280, "en"), (360, "ar")):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("dir => document.documentElement.dir = dir", "rtl" if language == "ar" else "ltr")
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.set_viewport_size({"width": 1280, "height": 900})
