"""A crisis with incidents of every kind, and people who may see them or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.publication.work import write_internal
from mapper.store.store import Store
from mapper.store.tables import Crisis

Ask = Callable[..., Any]
LIST = "/api/v1/crises/coast/incidents"


@pytest.fixture
def coast(sqlite_store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    """A crisis on SQLite."""
    return make_crisis(sqlite_store)


@pytest.fixture
def internal(
    sqlite_store: Store, coast: Crisis, client: FlaskClient, make_token: Callable[..., dict[str, str]]
) -> Ask:
    """Return a function that asks as a verifier, after the snapshot was brought up to date."""
    headers = make_token(sqlite_store, "verifier")

    def ask(query: str = "", path: str = LIST) -> Any:
        write_internal(sqlite_store, coast.id)
        return client.get(path + query, headers=headers)

    return ask
