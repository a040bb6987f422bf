"""The write: one transaction that keeps a batch of prepared reports, or none of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select, tuple_

from mapper.intake.drafts import Fate, Outcome
from mapper.intake.preparing import Prepared
from mapper.store.bulk import insert_rows
from mapper.store.keys import Keyring
from mapper.store.tables import CustodyEvent, IdempotencyKey, LedgerEntry, Medium, Report, ReportKey

LOOKUP_BATCH = 250  # SQLite binds at most 32,766 values; small batches also keep the statement cached

Names = dict[tuple[Any, ...], tuple[uuid.UUID, str]]


def write_batch(connection: Connection, keys: Keyring, batch: Sequence[Prepared]) -> list[Outcome]:
    """Insert what is new and tell of the rest. Repetitions inside the batch are recognised too.

    Raises IntegrityError where another process wrote the same key meanwhile: the caller tries again.
    """
    by_key = _known_keys(connection, [item for item in batch if item.idempotency])
    by_identity = _known_identities(connection, [item for item in batch if item.identity])
    outcomes, fresh = [], []
    for item in batch:
        known = _recognised(item, by_key, by_identity)
        if known is None:
            fresh.append(item)
            _remember(item, by_key, by_identity)
            outcomes.append(Outcome(Fate.ACCEPTED, item.report["id"], item.receipt))
        else:
            outcomes.append(_repetition(keys, item, *known))
    _insert(connection, fresh)
    return outcomes


def _recognised(item: Prepared, by_key: Names, by_identity: Names) -> tuple[uuid.UUID, str] | None:
    """Return the kept report's id and content hash; the sender's own id names it whatever the content."""
    if item.idempotency and (found := by_key.get(_key_name(item))):
        return found
    if item.identity and (found := by_identity.get(_identity_name(item))):
        return found[0], item.content_hash
    return None


def _repetition(keys: Keyring, item: Prepared, report_id: uuid.UUID, kept: str) -> Outcome:
    fate = Fate.DUPLICATE if kept == item.content_hash else Fate.CONFLICT
    return Outcome(fate, report_id, keys.receipt(report_id))


def _remember(item: Prepared, by_key: Names, by_identity: Names) -> None:
    if item.idempotency:
        by_key[_key_name(item)] = (item.report["id"], item.content_hash)
    if item.identity:
        by_identity[_identity_name(item)] = (item.report["id"], item.content_hash)


def _key_name(item: Prepared) -> tuple[Any, ...]:
    row = item.idempotency or {}
    return row["crisis_id"], row["sender_key"], row["key"]


def _identity_name(item: Prepared) -> tuple[Any, ...]:
    return item.report["crisis_id"], *(item.identity or ())


def _known_keys(connection: Connection, items: list[Prepared]) -> Names:
    table = IdempotencyKey
    columns = (table.crisis_id, table.sender_key, table.key)
    found: Names = {}
    for names in _portions({_key_name(item) for item in items}):
        query = select(*columns, table.report_id, table.content_hash).where(tuple_(*columns).in_(names))
        found |= {tuple(row[:3]): (row[3], row[4]) for row in connection.execute(query)}
    return found


def _known_identities(connection: Connection, items: list[Prepared]) -> Names:
    columns = (Report.crisis_id, Report.sender_key, Report.channel, Report.source_id)
    found: Names = {}
    for names in _portions({_identity_name(item) for item in items}):
        query = select(*columns, Report.id).where(tuple_(*columns).in_(names), Report.withdrawn_at.is_(None))
        found |= {tuple(row[:4]): (row[4], "") for row in connection.execute(query)}
    return found


def _portions(names: set[tuple[Any, ...]]) -> Iterable[list[tuple[Any, ...]]]:
    ordered = sorted(names, key=repr)
    for start in range(0, len(ordered), LOOKUP_BATCH):
        yield ordered[start : start + LOOKUP_BATCH]


def _insert(connection: Connection, fresh: list[Prepared]) -> None:
    insert_rows(connection, Report, [item.report for item in fresh])
    insert_rows(connection, ReportKey, [item.key for item in fresh])
    received = [pair for item in fresh for pair in item.custody]
    entries = [item.entry for item in fresh] + [entry for _, entry in received]
    insert_rows(connection, LedgerEntry, entries)
    insert_rows(connection, Medium, [row for item in fresh for row in item.media])
    insert_rows(connection, CustodyEvent, [row for row, _ in received])
    insert_rows(connection, IdempotencyKey, [item.idempotency for item in fresh if item.idempotency])
