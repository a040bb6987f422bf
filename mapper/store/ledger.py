"""The ledger: an append-only, hash-chained history of each crisis.

An entry is written in the transaction of what it records, unsealed. One sealer per crisis chains
entries later, so the chain never serialises intake (`docs/decisions/003`). Each hash is SHA-256 over
the RFC 8785 JSON of the entry with its number and its predecessor's hash.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from mapper.store.canonical import canonical
from mapper.store.store import Store
from mapper.store.tables import LedgerEntry

GENESIS = "0" * 64
SEAL_BATCH = 2_000
ADVISORY_LOCK = 0x6C6564676572  # "ledger"


@dataclass(frozen=True)
class Head:
    """The newest sealed entry of a crisis; seq 0 with the genesis hash when there is none."""

    seq: int
    hash: str


def entry(crisis_id: int, kind: str, subject: str, payload: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the row of a new unsealed entry, for bulk inserts. Payloads hold no personal data."""
    return {
        "crisis_id": crisis_id,
        "id": uuid.uuid4(),
        "kind": kind,
        "at": at,
        "subject": subject,
        "payload": canonical(payload).decode(),
    }


def report_entries(
    crisis_id: int,
    reports: Sequence[str],
    ids: Sequence[str],
    commitments: Sequence[str],
    at: datetime,
) -> dict[str, Sequence[Any]]:
    """Return the columns of the entries `ids` that reports without media bring, as `entry` makes each.

    Ids are text; `reports` with dashes.
    """
    size = len(ids)
    return {
        "crisis_id": [crisis_id] * size,
        "id": ids,
        "kind": ["report"] * size,
        "at": [at] * size,
        "subject": reports,
        "payload": [f'{{"commitment":"{commitment}","media":0}}' for commitment in commitments],
    }


def append(
    session: Session, crisis_id: int, kind: str, subject: str, payload: dict[str, Any], at: datetime
) -> None:
    """Add an entry in the caller's transaction."""
    session.add(LedgerEntry(**entry(crisis_id, kind, subject, payload, at)))


def head(session: Session, crisis_id: int) -> Head:
    """Return the newest sealed entry's number and hash."""
    row = session.execute(
        select(LedgerEntry.seq, LedgerEntry.hash)
        .where(LedgerEntry.crisis_id == crisis_id, LedgerEntry.seq.is_not(None))
        .order_by(LedgerEntry.seq.desc())
        .limit(1)
    ).first()
    return Head(int(row.seq or 0), str(row.hash)) if row else Head(0, GENESIS)


def seal(store: Store, crisis_id: int) -> int:
    """Chain one batch of unsealed entries; return how many. Safe to run from several processes."""
    with store.write() as session:
        if store.is_postgresql:  # on SQLite the write transaction itself is the lock
            session.execute(
                text("SELECT pg_advisory_xact_lock(:a, :b)"), {"a": ADVISORY_LOCK % 2**31, "b": crisis_id}
            )
        newest = head(session, crisis_id)
        waiting = session.scalars(
            select(LedgerEntry)
            .where(LedgerEntry.crisis_id == crisis_id, LedgerEntry.seq.is_(None))
            .order_by(LedgerEntry.at, LedgerEntry.id)
            .limit(SEAL_BATCH)
        ).all()
        rows = []
        for item in waiting:
            link = hash_of(item, newest.seq + 1, newest.hash)
            rows.append(
                {
                    "crisis_id": crisis_id,
                    "id": item.id,
                    "seq": newest.seq + 1,
                    "previous": newest.hash,
                    "hash": link,
                }
            )
            newest = Head(newest.seq + 1, link)
        if rows:
            session.execute(update(LedgerEntry), rows)
        return len(rows)


def hash_of(item: LedgerEntry, seq: int, previous: str) -> str:
    """Return the hash that binds an entry to its place."""
    return hashlib.sha256(material_of(item, seq, previous)).hexdigest()


def material_of(item: LedgerEntry, seq: int, previous: str) -> bytes:
    """Return the bytes that are hashed: RFC 8785 JSON of the entry with its number and predecessor.

    The payload goes in as it is kept, which is canonical already: so each of its bytes counts, and
    nothing is read again. No other field can reach into it, since quotes in them are escaped.
    """
    before = {
        "at": item.at.isoformat(timespec="microseconds"),
        "crisis": item.crisis_id,
        "id": str(item.id),
        "kind": item.kind,
    }
    after = {"previous": previous, "seq": seq, "subject": item.subject}
    return b'%b,"payload":%b,%b' % (
        orjson.dumps(before)[:-1],
        item.payload.encode("utf-8", "surrogatepass"),
        orjson.dumps(after)[1:],
    )


def sealed_entries(session: Session, crisis_id: int) -> Iterator[Any]:
    """Yield sealed entries in order, in flat memory: rows of its columns, not objects."""
    query = select(*LedgerEntry.__table__.columns).where(
        LedgerEntry.crisis_id == crisis_id, LedgerEntry.seq.is_not(None)
    )
    yield from session.execute(query.order_by(LedgerEntry.seq).execution_options(yield_per=1_000))


def unsealed(session: Session, crisis_id: int) -> tuple[int, datetime | None]:
    """Return how many entries wait for the sealer, and the oldest one's time."""
    row = session.execute(
        select(func.count(), func.min(LedgerEntry.at)).where(
            LedgerEntry.crisis_id == crisis_id, LedgerEntry.seq.is_(None)
        )
    ).one()
    return int(row[0]), row[1]
