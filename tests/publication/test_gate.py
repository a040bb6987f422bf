"""The gate answers each audience from its own snapshot, and from nothing while that is blanked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from mapper.publication import gate
from mapper.publication.gate import seen
from mapper.publication.service import publish, set_blank
from mapper.publication.work import write_internal
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from mapper.web.errors import Problem

from tests.publication.incidents import add_verified


@pytest.fixture
def crisis(sqlite_store: Store, make_crisis: Any) -> Crisis:
    """A crisis with seven verified incidents in both snapshots."""
    found: Crisis = make_crisis(sqlite_store)
    add_verified(sqlite_store, found, 7, lon_e7=1_000_003)
    write_internal(sqlite_store, found.id)
    publish(sqlite_store, found, sqlite_store.clock())
    return found


def test_each_audience_sees_its_own(sqlite_store: Store, crisis: Crisis) -> None:
    assert seen(sqlite_store, crisis, "internal").rows.num_rows == 7
    for audience in ("public", "partner", "donor", ""):
        found = seen(sqlite_store, crisis, audience)
        assert found.is_public
        assert found.rows["count"].to_pylist() == [7]
        assert gate.release_areas(sqlite_store, found).num_rows == 2


def test_before_any_snapshot_there_is_nothing(sqlite_store: Store, make_crisis: Any) -> None:
    empty = make_crisis(sqlite_store, "empty")
    for audience in ("internal", "public"):
        found = seen(sqlite_store, empty, audience)
        assert (found.version, found.rows.num_rows) == (0, 0)
    assert gate.release_areas(sqlite_store, found).num_rows == 0


def test_blanking_hides_the_public_side_alone(app: Flask, sqlite_store: Store, crisis: Crisis) -> None:
    set_blank(sqlite_store, crisis.id, is_blank=True)
    with sqlite_store.read() as session:
        blanked = session.get_one(Crisis, crisis.id)
    with app.test_request_context(), pytest.raises(Problem) as caught:
        seen(sqlite_store, blanked, "public")
    assert caught.value.status == 404
    assert seen(sqlite_store, blanked, "internal").rows.num_rows == 7


def test_a_version_deleted_meanwhile_is_looked_for_again(
    sqlite_store: Store, crisis: Crisis, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = gate.latest
    monkeypatch.setattr(gate, "latest", lambda *_: _deleted_meanwhile(monkeypatch, newest))
    assert seen(sqlite_store, crisis, "internal").rows.num_rows == 7


def _deleted_meanwhile(monkeypatch: pytest.MonkeyPatch, newest: Any) -> Snapshot:
    monkeypatch.setattr(gate, "latest", newest)
    return Snapshot(crisis_id=0, audience="internal", version=-1, path="gone/rows.arrow")
