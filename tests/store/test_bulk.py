"""Bulk inserts keep what the object mapper would have kept."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from mapper.store.bulk import insert_rows
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry, Medium
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def entries(crisis: Crisis, count: int) -> list[dict[str, object]]:
    """Rows of the ledger as intake makes them."""
    return [
        {
            "crisis_id": crisis.id,
            "id": uuid.uuid4(),
            "kind": "report",
            "at": AT,
            "subject": f"subject {number} – ö",
            "payload": "{}",
        }
        for number in range(count)
    ]


def test_rows_come_back_as_they_went_in(store: Store, crisis: Crisis) -> None:
    rows = entries(crisis, 3)
    with store.writing() as connection:
        insert_rows(connection, LedgerEntry, rows)
    with store.read() as session:
        found = {row.id: row for row in session.scalars(select(LedgerEntry)) if row.kind == "report"}
    assert set(found) == {row["id"] for row in rows}
    for row in rows:
        kept = found[row["id"]]
        assert (kept.at, kept.subject, kept.seq) == (AT, row["subject"], None)


def test_no_rows_are_no_statement(store: Store) -> None:
    with store.writing() as connection:
        insert_rows(connection, Medium, [])


def test_a_repeated_key_is_an_integrity_error_and_keeps_nothing(store: Store, crisis: Crisis) -> None:
    rows = entries(crisis, 2)
    rows[1]["id"] = rows[0]["id"]
    with pytest.raises(IntegrityError), store.writing() as connection:
        insert_rows(connection, LedgerEntry, rows)
    with store.read() as session:
        assert not [row for row in session.scalars(select(LedgerEntry)) if row.kind == "report"]
