"""Fixtures every room uses: a store on both engines, a crisis, a clock that stands still."""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from mapper.accounts.service import add_token, add_user
from mapper.app import create_app
from mapper.clock import SteppedClock
from mapper.config import Settings
from mapper.store.crises import CrisisDraft, add_crisis
from mapper.store.migrate import upgrade
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.web.assets import MANIFEST
from playwright.sync_api import Browser, Page, Route, sync_playwright
from sqlalchemy import create_engine, text
from werkzeug.serving import make_server

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is not a slow program
hypothesis.settings.load_profile("house")

IN_CI = os.environ.get("CI") == "true"
POSTGRESQL = os.environ.get("MAPPER_TEST_POSTGRESQL_URL", "")
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def needs(present: object, what: str) -> None:
    """Skip for a named reason on a machine that lacks something; fail in CI."""
    if present:
        return
    if IN_CI:
        pytest.fail(f"CI lacks {what}")
    pytest.skip(f"this machine lacks {what}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project."""
    found = Path(os.environ.get("MAPPER_SHARED", Path(__file__).parent.parent.parent / "shared"))
    needs((found / "data").is_dir(), "the shared data folder (set MAPPER_SHARED)")
    return found / "data"


@pytest.fixture
def clock() -> SteppedClock:
    """A clock at noon on 1 March 2026, UTC."""
    return SteppedClock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a deployment in a folder of its own."""
    return Settings(data=tmp_path / "var")


@pytest.fixture
def sqlite_store(settings: Settings, clock: SteppedClock) -> Iterator[Store]:
    """An empty store on SQLite."""
    yield from _opened(settings, clock)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, settings: Settings, clock: SteppedClock) -> Iterator[Store]:
    """An empty store, once on each engine."""
    if request.param == "sqlite":
        yield from _opened(settings, clock)
        return
    server = request.getfixturevalue("postgresql_template")
    name = f"t{uuid.uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    try:
        address = server.rsplit("/", 1)[0] + "/" + name
        yield from _opened(settings.model_copy(update={"database_url": address}), clock)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


_TEMPLATE = f"mapper_template_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"


@pytest.fixture(scope="session")
def postgresql_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's address, after a migrated template database was made there."""
    needs(POSTGRESQL, "PostgreSQL with PostGIS (run through scripts/with-postgresql.sh)")
    _administer(POSTGRESQL, f"CREATE DATABASE {_TEMPLATE}")
    address = POSTGRESQL.rsplit("/", 1)[0] + "/" + _TEMPLATE
    store = Store.open(Settings(data=tmp_path_factory.mktemp("template"), database_url=address))
    upgrade(store.engine)
    store.close()
    yield POSTGRESQL
    _administer(POSTGRESQL, f"DROP DATABASE {_TEMPLATE} WITH (FORCE)")


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _opened(settings: Settings, clock: SteppedClock) -> Iterator[Store]:
    store = Store.open(settings, clock)
    if not store.is_postgresql:
        upgrade(store.engine)
    yield store
    store.close()


@pytest.fixture
def make_crisis() -> Callable[..., Crisis]:
    """Return a function that adds a crisis to a store; keyword arguments override the draft."""

    def make(store: Store, slug: str = "coast", **changes: object) -> Crisis:
        draft = {
            "slug": slug,
            "name": "Coast earthquake",
            "bbox": (-75.0, 17.5, -71.0, 20.5),
            "timezone": "America/Port-au-Prince",
            "languages": ["en", "fr"],
            "mode": "hazard",
        }
        with store.write() as session:
            return add_crisis(session, CrisisDraft.model_validate(draft | changes), store.clock())

    return make


@pytest.fixture
def crisis(store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    """A hazard-mode crisis around Haiti in the two-engine store."""
    return make_crisis(store)


PASSWORD = "a long enough password"


@pytest.fixture
def app(sqlite_store: Store, settings: Settings) -> Flask:
    """The whole app on an empty SQLite store."""
    made = create_app(settings, sqlite_store)
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def make_token() -> Callable[..., dict[str, str]]:
    """Return a function that adds a person with a role and gives the headers of a token of theirs."""

    def make(store: Store, role: str, slug: str = "coast", email: str = "") -> dict[str, str]:
        email = email or f"{role}@example.org"
        add_user(store, email, role, slug, PASSWORD)
        return {"Authorization": f"Bearer {add_token(store, email, slug)}"}

    return make


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The whole app, served on loopback; the address of its first page without the last slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    program = shutil.which("chromium")
    needs(program, "Chromium (apt-get install chromium)")
    needs(MANIFEST.is_file(), "built front-end assets (make setup)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens an empty page for `site`, with options of Playwright's `new_context`.

    Every other host is cut off. The test fails if a page asked for one, or if a script of it failed.
    """
    wrong: list[str] = []
    contexts = []

    def cut_off(route: Route) -> None:
        address = route.request.url
        if address.startswith((site, "data:", "blob:")):
            route.continue_()
        else:
            wrong.append(f"asked for {address}")
            route.abort()

    def opened(**options: object) -> Page:
        context = chromium.new_context(base_url=site, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.route("**/*", cut_off)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"failed: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def sign_in() -> Callable[..., None]:
    """Return a function that signs a person in on a page, as people do."""

    def enter(page: Page, email: str, password: str = PASSWORD) -> None:
        page.goto("/login")
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda address: "/login" not in address)

    return enter
