"""The page for frames of other sites: the release alone, for the sites that the operator allows."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from mapper.config import Settings
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from mapper.web.context import AppContext
from pydantic import ValidationError

from tests.maps.conftest import coast, incidents, release  # noqa: F401 - fixtures

EMBED = "/crises/coast/embed"
PAGE = "http://localhost:8000/crises/coast"


@pytest.fixture
def allowed(app: Flask, sqlite_store: Store, settings: Settings) -> FlaskClient:
    """A client of an app that one site may frame."""
    changed = {"embed_sites": "https://news.example", "public_url": "http://localhost:8000"}
    app.extensions["mapper"] = AppContext(sqlite_store, settings.model_copy(update=changed))
    return app.test_client()


def test_nobody_may_frame_it_unless_said(client: FlaskClient, release: Snapshot) -> None:  # noqa: F811
    answer = client.get(EMBED)
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert client.get("/oembed", query_string={"url": PAGE}).status_code == 404


def test_the_sites_that_are_allowed_may(allowed: FlaskClient, release: Snapshot) -> None:  # noqa: F811
    policy = allowed.get(EMBED).headers["Content-Security-Policy"]
    assert "frame-ancestors https://news.example" in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'none'" in allowed.get("/crises/coast").headers["Content-Security-Policy"]


def test_it_holds_the_release_whoever_asks_and_sets_no_cookie(
    client: FlaskClient,
    release: Snapshot,  # noqa: F811
    incidents: object,  # noqa: F811
    sqlite_store: Store,
    make_token: Callable[..., dict[str, str]],
) -> None:
    inside = client.get(f"{EMBED}?lang=fr", headers=make_token(sqlite_store, "verifier"))
    outside = client.get(f"{EMBED}?lang=fr")
    assert inside.data == outside.data
    assert "Set-Cookie" not in outside.headers
    assert "<script" not in outside.text
    assert "54" in outside.text


@pytest.mark.parametrize("name", ["bbox", "filter", "status", "from"])
def test_it_takes_no_finer_filter(client: FlaskClient, release: Snapshot, name: str) -> None:  # noqa: F811
    assert client.get(EMBED, query_string={name: "1"}).status_code == 400


def test_oembed_in_both_formats(allowed: FlaskClient, release: Snapshot) -> None:  # noqa: F811
    asked = {"url": PAGE, "maxwidth": "300"}
    described = allowed.get("/oembed", query_string=asked).get_json()
    assert described["version"] == "1.0"
    assert described["width"] == 300
    assert f'src="{PAGE}/embed"' in described["html"]
    xml = ElementTree.fromstring(allowed.get("/oembed", query_string=asked | {"format": "xml"}).data)  # noqa: S314
    assert xml.findtext("html") == described["html"]
    assert allowed.get("/oembed", query_string=asked | {"format": "yaml"}).status_code == 501


@pytest.mark.parametrize(
    "address",
    ["", "http://other.example/crises/coast", "http://localhost:8000/crises/nowhere", f"{PAGE}/verify"],
)
def test_oembed_knows_public_maps_alone(allowed: FlaskClient, coast: Crisis, address: str) -> None:  # noqa: F811
    assert allowed.get("/oembed", query_string={"url": address}).status_code == 404


@pytest.mark.parametrize(
    "sites", ["*", "https://a.example/path", "https://a.example; script-src *", "news.example"]
)
def test_only_sites_can_be_allowed(sites: str) -> None:
    with pytest.raises(ValidationError):
        Settings(embed_sites=sites)
