"""Security headers, languages, assets, health and proxies."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from mapper.config import Settings
from mapper.store.store import Store
from mapper.web.assets import read_manifest
from mapper.web.headers import csp_nonce

from tests.web.conftest import make_app


def policy(client: FlaskClient, path: str = "/") -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    return dict(part.split(" ", 1) for part in header.split("; "))


def test_the_policy_lets_nothing_in_from_outside(client: FlaskClient) -> None:
    found = policy(client)
    assert found["default-src"] == "'self'"
    assert found["object-src"] == found["base-uri"] == found["frame-ancestors"] == "'none'"
    assert "unsafe" not in " ".join(found.values())
    assert "http" not in " ".join(found.values())


def test_a_nonce_is_new_for_each_answer_and_absent_where_unused(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/inline", "inline", csp_nonce)
    first, second = client.get("/inline"), client.get("/inline")
    assert first.text != second.text
    assert f"'nonce-{first.text}'" in first.headers["Content-Security-Policy"]
    assert "nonce" not in client.get("/healthz").headers["Content-Security-Policy"]


def test_every_answer_is_guarded(client: FlaskClient) -> None:
    for path in ("/", "/nothing", "/api/v1/problem"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "geolocation=(self)" in headers["Permissions-Policy"]
        assert "Last-Modified" not in headers
        assert "Strict-Transport-Security" not in headers


def test_https_sites_say_so_for_a_year(sqlite_store: Store, settings: Settings) -> None:
    secured = settings.model_copy(
        update={"public_url": "https://map.example.org", "secret_key": "k", "key_encryption_key": "0" * 64}
    )
    secured = Settings.model_validate({**settings.model_dump(), **secured.model_dump()})
    headers = make_app(sqlite_store, secured).test_client().get("/").headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "expected"),
    [
        ("", None, "", "en"),
        ("", None, "uk;q=0.9, de", "uk"),
        ("", "fr", "uk", "fr"),
        ("?lang=ar", "fr", "uk", "ar"),
        ("?lang=xx", None, "es-MX", "es"),
    ],
)
def test_the_language_is_asked_for_kept_or_accepted(
    client: FlaskClient, query: str, cookie: str | None, accepted: str, expected: str
) -> None:
    if cookie:
        client.set_cookie("language", cookie)
    page = client.get("/" + query, headers={"Accept-Language": accepted}).text
    assert f'<html lang="{expected}"' in page
    assert ('dir="rtl"' in page) == (expected == "ar")


def test_a_cache_keeps_languages_apart(client: FlaskClient) -> None:
    assert "Accept-Language" in client.get("/").vary
    assert "Accept-Language" not in client.get("/healthz").vary


def test_a_chosen_language_stays(client: FlaskClient) -> None:
    client.get("/?lang=uk")
    assert '<html lang="uk"' in client.get("/").text


def test_assets_are_named_by_their_content(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assert read_manifest(manifest) == {}
    manifest.write_text(json.dumps({"web/base.css": "web/base-1A2B.css"}))
    assert read_manifest(manifest) == {"web/base.css": "build/web/base-1A2B.css"}


def test_pages_load_nothing_from_another_host(client: FlaskClient) -> None:
    for address in re.findall(r'(?:src|href)="([^"]+)"', client.get("/").text):
        assert address.startswith(("/", "#", "?"))


def test_health_says_two_words(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").text == "ok"


def test_not_ready_is_said_without_a_reason(app: Flask, sqlite_store: Store) -> None:
    with sqlite_store.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE crises RENAME TO elsewhere")
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ok")


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.2"), (2, "192.0.2.1")])
def test_only_as_many_proxies_are_believed_as_set(
    sqlite_store: Store, settings: Settings, hops: int, seen: str
) -> None:
    from flask import request

    app = make_app(sqlite_store, settings.model_copy(update={"trusted_proxies": hops}))
    app.add_url_rule("/address", "address", lambda: request.remote_addr or "")
    forwarded = {"X-Forwarded-For": "198.51.100.9, 192.0.2.1, 192.0.2.2"}
    assert app.test_client().get("/address", headers=forwarded).text == seen
