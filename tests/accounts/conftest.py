"""An application with sign-in, and one view for each way of declaring who may use it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, jsonify
from flask.testing import FlaskClient
from mapper.accounts.access import (
    EVERYONE,
    SIGNED_IN,
    allow,
    check_every_route_declares,
    current_crisis,
    principal,
)
from mapper.accounts.service import add_token, add_user
from mapper.accounts.setup import init_accounts
from mapper.config import Settings
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.web.conftest import make_web_app

PASSWORD = "a long enough password"


def rooms() -> Blueprint:
    """Return views such as the rooms have."""
    blueprint = Blueprint("rooms", __name__)

    @blueprint.route("/crises/<slug>/open", methods=["GET", "POST"])
    @blueprint.route("/api/v1/crises/<slug>/open", methods=["GET", "POST"], endpoint="open_api")
    @allow(EVERYONE)
    def everyone(slug: str) -> object:
        crisis = current_crisis()
        return jsonify(user=principal().user_id, audience=principal().audience(crisis.id), crisis=crisis.slug)

    @blueprint.route("/crises/<slug>/verify", methods=["GET", "POST"])
    @blueprint.route("/api/v1/crises/<slug>/verify", methods=["GET", "POST"], endpoint="verify_api")
    @allow("verifier", "admin")
    def verify(slug: str) -> object:
        return jsonify(audience=principal().audience(current_crisis().id))

    @blueprint.get("/api/v1/mine")
    @allow(SIGNED_IN)
    def mine() -> object:
        return jsonify(email=principal().email)

    @blueprint.get("/api/v1/everywhere")
    @allow("admin")
    def everywhere() -> object:
        return jsonify(email=principal().email)

    return blueprint


@pytest.fixture
def app(sqlite_store: Store, settings: Settings) -> Flask:
    """An application with accounts, on SQLite."""
    return make_app(sqlite_store, settings)


def make_app(store: Store, settings: Settings) -> Flask:
    """Return an application with accounts."""
    app, settings = make_web_app(store, settings)
    init_accounts(app, store, settings)
    app.register_blueprint(rooms())
    check_every_route_declares(app)
    return app


@pytest.fixture
def coast(sqlite_store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    """The crisis that people have roles in."""
    return make_crisis(sqlite_store)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser."""
    return app.test_client()


@pytest.fixture
def bearer(sqlite_store: Store, coast: Crisis) -> Callable[..., dict[str, str]]:
    """Return a function that makes a person with a role and gives a token's header."""

    def make(role: str, crisis: str | None = "coast", only: str | None = None) -> dict[str, str]:
        email = f"{role}@example.org"
        add_user(sqlite_store, email, role, crisis)
        return {"Authorization": f"Bearer {add_token(sqlite_store, email, only)}"}

    return make


@pytest.fixture
def sign_in(sqlite_store: Store, client: FlaskClient, coast: Crisis) -> Callable[..., str]:
    """Return a function that makes a person with a role, signs them in and returns the CSRF token."""

    def make(role: str, crisis: str | None = "coast") -> str:
        email = f"{role}@example.org"
        add_user(sqlite_store, email, role, crisis, PASSWORD)
        answer = post_sign_in(client, email, PASSWORD)
        assert answer.status_code == 302, answer.text
        return token_of(client.get("/").text)

    return make


def post_sign_in(client: FlaskClient, email: str, password: str, follow: str = "") -> object:
    """Fill the sign-in form as a person does."""
    page = client.get("/login" + follow).text
    form = {"email": email, "password": password, "csrf_token": token_of(page)}
    return client.post("/login" + follow, data=form)


def token_of(page: str) -> str:
    """Return the CSRF token that a page holds."""
    import re

    found = re.search(r'csrf[-_]token"[^>]*?(?:content|value)="([^"]+)"', page)
    assert found, page
    return found.group(1)
