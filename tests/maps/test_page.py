"""The map page before any script runs, and what folium may put into it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from mapper.maps.shell import Words, compose
from mapper.store.crises import crisis_by_slug
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

from tests.maps.conftest import write_incidents
from tests.maps.rows import incident_rows

PAGE = "/crises/coast"
WORDS = Words("Incidents", "Coloured", "Outlines", "Base map", "In", "Out")
ASSETS = ("/static/leaflet.js", "/static/leaflet.css")

pytestmark = pytest.mark.usefixtures("coast")


class Loaded(HTMLParser):
    """Collects what a page loads, and its scripts and styles without a nonce."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("script", "img", "iframe") and found.get("src"):
            self.addresses.append(str(found["src"]))
        if tag == "link":
            self.addresses.append(str(found["href"]))
        if tag in ("script", "style") and not found.get("src") and found.get("type") != "application/json":
            self.inline.append(found)
        assert "style" not in found
        assert not any(name.startswith("on") for name in found)


def settings_of(page: str) -> dict[str, Any]:
    """Return the settings that the page gives its scripts."""
    found = re.search(r'id="map-settings">(.*?)</script>', page, re.DOTALL)
    assert found
    settings: dict[str, Any] = json.loads(found.group(1))
    return settings


@pytest.mark.parametrize("inside", [False, True])
def test_the_page_loads_from_here_alone_and_every_inline_script_has_the_nonce(
    client: FlaskClient, incidents: pa.Table, release: Snapshot, verifier: dict[str, str], inside: bool
) -> None:
    answer = client.get(PAGE, headers=verifier if inside else {})
    loaded = Loaded(answer.text)
    assert [address for address in loaded.addresses if not address.startswith("/")] == []
    assert [address for address in loaded.addresses if address.startswith("//")] == []
    (script,) = loaded.inline
    assert f"'nonce-{script['nonce']}'" in answer.headers["Content-Security-Policy"]
    assert "map_crisis = L.map" in answer.text


def test_the_shell_holds_no_outside_address_and_lets_people_zoom() -> None:
    shell = compose(WORDS, ASSETS, rightwards=True, with_incidents=True)
    whole = shell.styles + shell.scripts + shell.html + shell.script
    assert re.findall(r"(?:https?:)?//[a-z]", whole) == []
    assert "user-scalable" not in whole
    assert re.findall(r'(?:src|href)="([^"]+)"', whole) == list(reversed(ASSETS))


def test_the_shell_is_composed_once_for_each_language() -> None:
    first = compose(WORDS, ASSETS, rightwards=True, with_incidents=True)
    assert compose(WORDS, ASSETS, rightwards=True, with_incidents=True) is first
    mirrored = compose(WORDS, ASSETS, rightwards=False, with_incidents=False)
    assert '"position": "topleft"' in mirrored.script
    assert "feature_group_incidents" not in mirrored.script


def test_words_cannot_leave_the_shell_s_script() -> None:
    evil = Words("</script><b>", "`${x}`", '"', "'", "\\", "\n")
    script = compose(evil, ASSETS, rightwards=True, with_incidents=True).script
    assert "</script" not in script
    assert '"`${x}`"' in script  # inside quotes, where it is only text


def test_a_crisis_name_stays_text(
    client: FlaskClient, sqlite_store: Store, make_crisis: Callable[..., Crisis]
) -> None:
    evil = "</script><img src=x onerror=alert(1)>`${alert(2)}`"
    make_crisis(sqlite_store, "evil", name=evil)
    page = client.get("/crises/evil").text
    assert "<img" not in page
    assert settings_of(page)["audience"] == "public"


def test_without_scripts_a_verifier_reads_the_newest_incidents(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, verifier: dict[str, str]
) -> None:
    table = incident_rows([-72.3] * 130, [18.5] * 130)
    write_incidents(sqlite_store, coast, table)
    page = client.get(PAGE, headers=verifier).text
    linked = re.findall(r'href="\?incident=([0-9a-f-]{36})"', page)
    rows = sorted(table.to_pylist(), key=lambda row: row["first_reported_at"], reverse=True)
    assert len(linked) == 100
    times = {row["id"]: row["first_reported_at"] for row in rows}
    assert [times[found] for found in linked] == [row["first_reported_at"] for row in rows[:100]]
    assert "130" in page


def test_a_linked_incident_is_shown_without_scripts_and_an_unknown_one_is_not(
    client: FlaskClient, incidents: pa.Table, verifier: dict[str, str]
) -> None:
    incident_id = incidents["id"][0].as_py()
    opened = client.get(f"{PAGE}?incident={incident_id}", headers=verifier).text
    assert f"/crises/coast/verify/{incident_id}" in opened
    assert '<aside class="map-drawer" aria-labelledby="drawer-title" >' in opened
    unknown = client.get(f"{PAGE}?incident=nothing", headers=verifier)
    assert unknown.status_code == 200
    assert "hidden>" in unknown.text


def test_the_form_s_empty_fields_say_nothing_and_wrong_ones_are_named(
    client: FlaskClient, incidents: pa.Table, verifier: dict[str, str]
) -> None:
    fine = client.get(f"{PAGE}?min_grade=&sector=health&clock=happened&lang=en", headers=verifier)
    assert fine.status_code == 200
    assert 'name="sector" value="health" checked' in fine.text
    wrong = client.get(f"{PAGE}?min_grade=9", headers=verifier)
    assert wrong.status_code == 400
    assert "min_grade" in wrong.text


def test_without_scripts_the_public_reads_every_row_with_age_and_rules(
    client: FlaskClient, release: Snapshot
) -> None:
    page = client.get(PAGE).text
    assert page.count("2026-W0") >= 4
    for words in (
        "West",
        "South-East",
        "Several areas together",
        "Published as of 1 March 2026",
        "Delayed and coarse by design",
        "Only damage that two people have verified apart is counted.",
        "at least 5 incidents",
        "New numbers appear within minutes",
    ):
        assert words in page
    names = settings_of(page)["names"]
    assert names == {"HT01": "West", "HT02": "South-East", "crisis": "Several areas together"}


def test_a_conflict_s_page_says_when_the_next_numbers_come(
    client: FlaskClient, sqlite_store: Store, make_crisis: Callable[..., Crisis]
) -> None:
    make_crisis(sqlite_store, "front", mode="conflict", timezone="Europe/Kyiv")
    page = client.get("/crises/front").text
    assert "The next numbers come at 2 Mar 2026, 08:00" in page  # 06:00 UTC of the day after the clock's
    assert "72 hours after it happened" in page


def test_the_public_page_holds_nothing_of_an_incident(
    client: FlaskClient, incidents: pa.Table, release: Snapshot
) -> None:
    page = client.get(PAGE).text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-4", page)
    for row in incidents.to_pylist():
        assert str(row["lon_e7"] / 1e7) not in page
    assert "map-drawer" not in page


def test_an_empty_crisis_says_what_comes_next(client: FlaskClient, verifier: dict[str, str]) -> None:
    assert "Nothing has been published yet" in client.get(PAGE).text
    assert "No incidents yet" in client.get(PAGE, headers=verifier).text


def test_a_blanked_crisis_has_no_public_page(
    client: FlaskClient, sqlite_store: Store, release: Snapshot, verifier: dict[str, str]
) -> None:
    with sqlite_store.write() as session:
        crisis = crisis_by_slug(session, "coast")
        assert crisis is not None
        crisis.blanked_at = sqlite_store.clock()
    answer = client.get(PAGE)
    assert answer.status_code == 404
    assert "West" not in answer.text
    assert client.get(PAGE, headers=verifier).status_code == 200
