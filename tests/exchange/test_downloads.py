"""Downloads from the page: by who asks, with the list's filters."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyogrio
import pytest
from flask.testing import FlaskClient
from mapper.exchange.formats import FORMATS
from mapper.publication.service import set_blank
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.exchange.exports import given_incidents
from tests.maps.conftest import RELEASE, write_release

HERE = "/crises/coast/export"


@pytest.fixture
def verifier(sqlite_store: Store, coast: Crisis, make_token) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """The headers of somebody who may see incidents."""
    found: dict[str, str] = make_token(sqlite_store, "verifier")
    return found


@pytest.mark.parametrize("kind", sorted(set(FORMATS) - {"pdf", "html"}))
def test_each_format_can_be_taken_away(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, verifier: dict[str, str], kind: str
) -> None:
    given_incidents(sqlite_store, coast)
    answer = client.get(f"{HERE}/{kind}", headers=verifier)
    assert answer.status_code == 200
    assert f"coast-incidents{FORMATS[kind].suffix}" in answer.headers["Content-Disposition"]
    assert answer.mimetype == FORMATS[kind].content_type.split(";")[0]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Last-Modified" not in answer.headers
    assert len(answer.data) > 500


def test_filters_of_the_list_choose_rows(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, verifier: dict[str, str], tmp_path: Path
) -> None:
    table = given_incidents(sqlite_store, coast)
    answer = client.get(f"{HERE}/gpkg?min_grade=3&filter=reports%20%3E%201", headers=verifier)
    path = tmp_path / "o.gpkg"
    path.write_bytes(answer.data)
    wanted = {r["id"] for r in table.to_pylist() if (r["damage_low"] or 0) >= 3 and r["reports"] > 1}
    assert set(pyogrio.read_dataframe(path, layer="incidents")["id"]) == wanted


def test_the_public_takes_the_release(client: FlaskClient, sqlite_store: Store, coast: Crisis) -> None:
    table = given_incidents(sqlite_store, coast)
    write_release(sqlite_store, coast)
    answer = client.get(f"{HERE}/hxl")
    assert "coast-release.hxl.csv" in answer.headers["Content-Disposition"]
    tags, *rows = csv.DictReader(io.StringIO(answer.text))
    assert tags["count"] == "#event+num"
    assert len(rows) == len(RELEASE)
    assert not any(row["id"] in answer.text for row in table.to_pylist())
    rows = list(csv.DictReader(io.StringIO(client.get(f"{HERE}/csv?sector=health").text)))
    assert [row["count"] for row in rows] == ["12"]


@pytest.mark.parametrize("query", ["min_grade=3", "filter=1%3D1", "bbox=0,0,1,1", "colour=red"])
def test_the_public_can_choose_by_nothing_finer(client: FlaskClient, coast: Crisis, query: str) -> None:
    assert client.get(f"{HERE}/csv?{query}").status_code == 400


def test_formats_that_are_not_there(client: FlaskClient, sqlite_store: Store, coast: Crisis) -> None:
    assert client.get(f"{HERE}/doc").status_code == 404
    assert client.get(f"{HERE}/kml?hxl=1").status_code == 400
    set_blank(sqlite_store, coast.id, is_blank=True)
    assert client.get(f"{HERE}/csv").status_code == 404


def test_the_map_page_links_every_format_and_the_feed(client: FlaskClient, coast: Crisis) -> None:
    page = client.get("/crises/coast").text
    for kind in FORMATS:
        assert f'href="{HERE}/{kind}"' in page
    assert 'href="/crises/coast/incidents.atom"' in page
