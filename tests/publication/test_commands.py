"""`mapper publish` and the kill switch, as an operator types them."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from mapper.config import Settings
from mapper.publication import commands
from mapper.store import commands as store_commands
from mapper.store.crises import crisis_by_slug
from mapper.store.opening import Deployment
from mapper.store.store import Store
from mapper.store.tables import ReleaseMember
from sqlalchemy import select

from tests.publication.incidents import add_verified


@pytest.fixture
def run(settings: Settings, sqlite_store: Store, make_crisis: Any) -> Any:
    """Return a function that runs a command on a store with one crisis, `coast`."""
    add_verified(sqlite_store, make_crisis(sqlite_store), 5)

    @click.group()
    @click.pass_context
    def main(context: click.Context) -> None:
        context.obj = Deployment(settings)

    store_commands.register(main)
    commands.register(main)

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return invoke


def test_publish(run: Any) -> None:
    first = run("publish", "--crisis", "coast", "--json", "--as-of", "2026-03-02T00:00:00Z")
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["written"] is True
    again = run("publish", "--crisis", "coast", "--as-of", "2026-03-02T00:00:00Z")
    assert again.exit_code == 0
    assert "nothing changed" in again.stdout


def test_publish_used_wrongly(run: Any) -> None:
    assert run("publish").exit_code == 2
    assert run("publish", "--crisis", "coast", "--as-of", "2026-03-02").exit_code == 2
    assert run("publish", "--crisis", "nowhere").exit_code == 1


def test_publish_before_the_last_release(run: Any) -> None:
    run("publish", "--crisis", "coast", "--as-of", "2026-03-02T00:00:00Z")
    earlier = run("publish", "--crisis", "coast", "--as-of", "2026-03-01T12:00:00Z")
    assert earlier.exit_code == 1
    assert "later" in earlier.stderr


def test_a_release_as_of_the_future_is_warned_of(run: Any) -> None:
    result = run("publish", "--crisis", "coast", "--as-of", "2999-01-01T00:00:00Z")
    assert result.exit_code == 0
    assert "future" in result.stderr


def test_blank_and_unblank(run: Any, sqlite_store: Store) -> None:
    for command, is_blank in (("blank", True), ("unblank", False)):
        result = run("crisis", command, "coast")
        assert result.exit_code == 0, result.output
        with sqlite_store.read() as session:
            crisis = crisis_by_slug(session, "coast")
        assert crisis is not None
        assert (crisis.blanked_at is not None) is is_blank
    assert run("crisis", "blank", "nowhere").exit_code == 1


def test_a_file_that_does_not_agree_with_its_incidents_stops_publishing(
    run: Any, sqlite_store: Store
) -> None:
    run("publish", "--crisis", "coast")
    with sqlite_store.write() as session:
        session.delete(session.scalars(select(ReleaseMember)).first())
    result = run("publish", "--crisis", "coast")
    assert result.exit_code == 1
    assert "do not agree" in result.stderr
