"""An application with this room's furniture and a few views that fail in known ways."""

from __future__ import annotations

import pytest
from flask import Flask, Response, abort, request
from flask.testing import FlaskClient
from mapper.config import Settings, ensure_secrets
from mapper.store.store import Store
from mapper.web.assets import STATIC, TEMPLATES
from mapper.web.context import AppContext
from mapper.web.errors import PROBLEMS, Problem
from mapper.web.permission import limit
from mapper.web.setup import init_web


class OutOfStock(Exception):
    """A room's own exception."""


def make_web_app(store: Store, settings: Settings) -> tuple[Flask, Settings]:
    """Return an application with the web room alone, and its settings with their keys."""
    settings = ensure_secrets(settings)
    app = Flask("mapper", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.extensions["mapper"] = AppContext(store, settings)
    init_web(app, settings)
    return app, settings


def make_app(store: Store, settings: Settings) -> Flask:
    """Return an application with the web room and views that fail."""
    app, _settings = make_web_app(store, settings)
    for path in ("/api/v1", "/pages"):
        _add_failures(app, path)
    return app


def _add_failures(app: Flask, path: str) -> None:
    def problem() -> Response:
        raise Problem(422, "Unusable report", errors=[{"pointer": "/geometry", "detail": "is no point"}])

    def out_of_stock() -> Response:
        raise OutOfStock("no tents are left")

    def broken() -> Response:
        raise RuntimeError("secret detail")

    def body() -> Response:
        return Response(str(len(request.get_data())))

    @limit("2/minute")
    def often() -> Response:
        return Response("fine")

    for view in (problem, out_of_stock, broken, body, often):
        app.add_url_rule(f"{path}/{view.__name__}", f"{path}/{view.__name__}", view, methods=["GET", "POST"])
    app.add_url_rule(f"{path}/teapot", f"{path}/teapot", lambda: abort(415))


@pytest.fixture(autouse=True)
def known_problem() -> None:
    """Enter this test's exception as a room would."""
    PROBLEMS[OutOfStock] = (409, "Out of stock")


@pytest.fixture
def app(sqlite_store: Store, settings: Settings) -> Flask:
    """An application on an empty store."""
    return make_app(sqlite_store, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser or program without an account."""
    return app.test_client()
