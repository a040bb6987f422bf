"""Signing in and out, and changing a password."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from mapper.accounts.service import add_user
from mapper.config import Settings
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.accounts.conftest import PASSWORD, make_app, post_sign_in, token_of

SignIn = Callable[..., str]


def test_a_person_signs_in_and_out(client: FlaskClient, sign_in: SignIn) -> None:
    token = sign_in("verifier")
    assert client.get("/api/v1/mine").json == {"email": "verifier@example.org"}
    assert client.post("/logout", data={"csrf_token": token}).status_code == 302
    assert client.get("/api/v1/mine").status_code == 401


def test_a_nul_in_an_address_names_nobody_new(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("verifier")
    client.delete_cookie("session")
    assert post_sign_in(client, "a\0b@example.org", PASSWORD).status_code == 200  # the form again


def test_signing_out_needs_the_pages_token(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("verifier")
    assert client.post("/logout").status_code == 403
    assert client.get("/api/v1/mine").status_code == 200


@pytest.mark.parametrize("email", ["verifier@example.org", "stranger@example.org"])
def test_a_wrong_password_and_an_unknown_person_look_alike(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, email: str
) -> None:
    add_user(sqlite_store, "verifier@example.org", "verifier", "coast", PASSWORD)
    answer = post_sign_in(client, email, "a wrong password")
    assert answer.status_code == 200
    assert "The e-mail address or the password is wrong." in answer.text
    assert client.get("/api/v1/mine").status_code == 401


def test_people_come_back_to_where_they_wanted_to_go(
    client: FlaskClient, sqlite_store: Store, coast: Crisis
) -> None:
    add_user(sqlite_store, "v@example.org", "verifier", "coast", PASSWORD)
    answer = post_sign_in(client, " V@Example.org ", PASSWORD, "?next=/crises/coast/verify?status%3Dnew")
    assert answer.headers["Location"] == "/crises/coast/verify?status=new"


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, away: str
) -> None:
    add_user(sqlite_store, "v@example.org", "verifier", "coast", PASSWORD)
    answer = post_sign_in(client, "v@example.org", PASSWORD, f"?next={away}")
    assert re.match(r"$|/(?![/\\])", answer.headers.get("Location", ""))


def test_signing_in_needs_the_forms_own_token(
    client: FlaskClient, sqlite_store: Store, coast: Crisis
) -> None:
    add_user(sqlite_store, "v@example.org", "verifier", "coast", PASSWORD)
    answer = client.post("/login", data={"email": "v@example.org", "password": PASSWORD})
    assert answer.status_code == 403
    assert client.get("/api/v1/mine").status_code == 401


def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    answers = [post_sign_in(client, "a@b.c", "x").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_the_session_cookie_is_out_of_scripts_reach(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("verifier")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert not cookie.secure


def test_the_session_cookie_of_an_https_site_is_secure(sqlite_store: Store, settings: Settings) -> None:
    secured = Settings(
        data=settings.data,
        public_url="https://map.example.org",
        secret_key="s" * 32,
        key_encryption_key="0" * 64,
    )
    client = make_app(sqlite_store, secured).test_client()
    answer = client.get("/login", base_url="https://map.example.org")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_new_password_ends_other_sessions(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("verifier")
    other = app.test_client()
    post_sign_in(other, "verifier@example.org", PASSWORD)
    token = token_of(client.get("/account/password").text)
    form = {
        "csrf_token": token,
        "password": PASSWORD,
        "new_password": "quite another password",
        "new_password_confirm": "quite another password",
    }
    assert client.post("/account/password", data=form).status_code == 302
    assert client.get("/api/v1/mine").status_code == 200
    assert other.get("/api/v1/mine").status_code == 401
    assert post_sign_in(app.test_client(), "verifier@example.org", PASSWORD).status_code == 200
    assert post_sign_in(app.test_client(), "verifier@example.org", form["new_password"]).status_code == 302


def test_changing_a_password_is_for_people_with_an_account(client: FlaskClient) -> None:
    answer = client.get("/account/password", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "/login?next=/account/password"


@pytest.mark.parametrize("path", ["/register", "/reset", "/confirm", "/verify", "/tf-setup", "/fs-static/x"])
def test_what_is_off_has_no_address(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_another_sites_signed_token_scheme_is_not_accepted(client: FlaskClient, sign_in: SignIn) -> None:
    sign_in("verifier")
    answer = client.get("/login?include_auth_token", headers={"Accept": "application/json"})
    token = str(((answer.json or {}).get("response", {}).get("user", {})).get("authentication_token", "x"))
    fresh = client.application.test_client()
    assert fresh.get("/api/v1/mine", headers={"Authentication-Token": token}).status_code == 401
    assert fresh.get(f"/api/v1/mine?auth_token={token}").status_code == 401


@pytest.mark.parametrize("email", ["verifier@example.org", "nobody@example.org"])
def test_a_password_as_long_as_a_book_is_413(
    client: FlaskClient, sqlite_store: Store, coast: Crisis, email: str
) -> None:
    add_user(sqlite_store, "verifier@example.org", "verifier", coast.slug, PASSWORD)
    assert post_sign_in(client, email, "x" * 900_000).status_code == 413
