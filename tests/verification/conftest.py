"""A crisis on SQLite, and people with tokens in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.store.store import Store
from mapper.store.tables import Crisis

Decide = Callable[..., Any]


@pytest.fixture
def coast(sqlite_store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    """The crisis of the whole app's store."""
    return make_crisis(sqlite_store)


@pytest.fixture
def anna(sqlite_store: Store, coast: Crisis, make_token: Callable[..., dict[str, str]]) -> dict[str, str]:
    """A verifier's token."""
    return make_token(sqlite_store, "verifier", email="anna@example.org")


@pytest.fixture
def boris(sqlite_store: Store, coast: Crisis, make_token: Callable[..., dict[str, str]]) -> dict[str, str]:
    """Another verifier's token."""
    return make_token(sqlite_store, "verifier", email="boris@example.org")


@pytest.fixture
def post(client: FlaskClient, coast: Crisis) -> Decide:
    """Return a function that posts a decision."""

    def post(incident_id: object, who: dict[str, str], body: Any, **headers: str) -> Any:
        path = f"/api/v1/crises/coast/incidents/{incident_id}/decisions"
        return client.post(path, json=body, headers=who | headers)

    return post
