"""The Atom feed: what this audience may see, latitude before longitude, ids that stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from flask.testing import FlaskClient
from mapper.clock import SteppedClock
from mapper.publication.service import set_blank
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.exchange.conftest import Ask
from tests.maps.conftest import RELEASE, write_release
from tests.publication.incidents import add_incident, change_incident

FEED = "/crises/coast/incidents.atom"
NAMES = {"a": "http://www.w3.org/2005/Atom", "g": "http://www.georss.org/georss"}


def entries(answer: Any) -> list[Element]:
    """Return the entries of a feed, after a look at its own head."""
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/atom+xml"
    root = fromstring(answer.data)
    for name in ("id", "title", "updated", "author"):
        assert root.find(f"a:{name}", NAMES) is not None
    assert root.find("a:link[@rel='self']", NAMES) is not None
    found: list[Element] = root.findall("a:entry", NAMES)
    return found


def text(entry: Element, name: str) -> str:
    """Return the text of one element of an entry."""
    return entry.findtext(name, "", NAMES)


def test_the_newest_change_comes_first(
    internal: Ask, sqlite_store: Store, coast: Crisis, clock: SteppedClock
) -> None:
    place = {"lon_e7": -723_456_789, "lat_e7": 185_432_101}
    first = add_incident(sqlite_store, coast, sector="health", asset="clinic", **place)
    clock.set(clock() + timedelta(minutes=1))
    second = add_incident(sqlite_store, coast)
    clock.set(clock() + timedelta(minutes=1))
    change_incident(sqlite_store, first, damage_low=3, damage_high=3)
    changed, other = entries(internal(path=FEED))
    assert text(changed, "a:id") == f"urn:uuid:{first.id}"
    assert text(changed, "a:title") == "Clinic: Heavy damage"
    assert text(changed, "a:updated") == "2026-03-01T12:02:00+00:00"
    assert text(changed, "a:published") == "2026-03-01T12:00:00+00:00"
    assert text(changed, "g:point") == "18.5432101 -72.3456789"
    assert changed.find("a:link", NAMES).attrib["href"].endswith(f"/crises/coast?incident={first.id}")  # type: ignore[union-attr]
    assert text(other, "a:id") == f"urn:uuid:{second.id}"
    assert other.find("g:point", NAMES) is None


def test_since_and_limit(internal: Ask, sqlite_store: Store, coast: Crisis, clock: SteppedClock) -> None:
    for _ in range(5):
        add_incident(sqlite_store, coast)
        clock.set(clock() + timedelta(minutes=1))
    since = (clock() - timedelta(minutes=2)).isoformat().replace("+", "%2B")
    assert len(entries(internal(f"?since={since}", FEED))) == 2
    assert len(entries(internal("?limit=3", FEED))) == 3
    for query in ("?since=yesterday", "?limit=0", "?colour=red"):
        assert internal(query, FEED).status_code == 400
    assert internal("", FEED).headers["Cache-Control"] == "private, no-store"


def test_the_public_reads_rows_of_the_release(
    client: FlaskClient, sqlite_store: Store, coast: Crisis
) -> None:
    incident = add_incident(sqlite_store, coast, lon_e7=-723_456_789, lat_e7=185_432_101)
    write_release(sqlite_store, coast)
    answer = client.get(FEED)
    found = entries(answer)
    assert len(found) == len(RELEASE)
    assert {text(entry, "a:title") for entry in found} >= {"Health, West, 2026-W06"}
    assert all(entry.find("g:polygon", NAMES) is not None for entry in found)
    outline = next(text(entry, "g:polygon") for entry in found if "West" in text(entry, "a:title"))
    assert set(map(float, outline.split()[::2])) == {18.2, 19.0}  # latitude comes first
    assert str(incident.id) not in answer.text
    assert "185432101" not in answer.text
    assert "18.5432101" not in answer.text
    ids = [text(entry, "a:id") for entry in found]
    write_release(sqlite_store, coast)
    assert [text(entry, "a:id") for entry in entries(client.get(FEED))] == ids


@pytest.mark.parametrize("query", ["?since=2026-01-01T00:00:00Z", "?bbox=-75,17,-71,20", "?status=verified"])
def test_the_public_can_filter_by_nothing_finer(client: FlaskClient, coast: Crisis, query: str) -> None:
    answer = client.get(FEED + query)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_public_filters_and_the_kill_switch(client: FlaskClient, sqlite_store: Store, coast: Crisis) -> None:
    write_release(sqlite_store, coast)
    assert len(entries(client.get(f"{FEED}?sector=health"))) == 1
    tag = client.get(FEED).headers["ETag"]
    assert client.get(FEED, headers={"If-None-Match": tag}).status_code == 304
    set_blank(sqlite_store, coast.id, is_blank=True)
    assert client.get(FEED).status_code == 404


def test_nothing_yet_is_a_feed_without_entries(client: FlaskClient, coast: Crisis) -> None:
    assert entries(client.get(FEED)) == []
