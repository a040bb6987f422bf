"""Signed roots: once a day, a Merkle root over what was sealed since the one before, signed with Ed25519.

A root's statement names its predecessor's root and the hash of its last entry, so each binds everything
before it. What is given away cannot be taken back: an outsider who holds one finds any later rewriting.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from mapper.store import ledger, merkle
from mapper.store.canonical import canonical
from mapper.store.keys import Keyring
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry, LedgerRoot

GENESIS = ledger.GENESIS
MOST_ENTRIES = 500_000  # under one root; what is left goes under the next


def work(store: Store) -> int:
    """Sign a root in each crisis where a day has ended since; return how many were signed."""
    midnight = store.clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with store.read() as session:
        crises = session.scalars(select(Crisis)).all()
    return sum(_sign_days(store, crisis, midnight) for crisis in crises)


def sign_root(store: Store, crisis: Crisis, before: datetime | None = None) -> LedgerRoot | None:
    """Sign a root over the sealed entries that are under none; None where there are none.

    `before` leaves out what was written then or later, as the day that is not over yet.
    """
    with store.write() as session:
        if store.is_postgresql:  # on SQLite the write transaction itself is the lock
            session.execute(
                text("SELECT pg_advisory_xact_lock(:a, :b)"),
                {"a": ledger.ADVISORY_LOCK % 2**31, "b": crisis.id},
            )
        latest = newest(session, crisis.id)
        first = latest.last_seq + 1 if latest else 1
        last = _last(session, crisis.id, first, before)
        if last is None:
            return None
        hashes = entry_hashes(session, crisis.id, first, last)
        found = _signed(store.keys, crisis, latest, first, hashes, store.clock())
        session.add(found)
        return found


def newest(session: Session, crisis_id: int) -> LedgerRoot | None:
    """Return the crisis' latest root."""
    query = select(LedgerRoot).where(LedgerRoot.crisis_id == crisis_id)
    return session.scalars(query.order_by(LedgerRoot.number.desc()).limit(1)).first()


def all_roots(session: Session, crisis_id: int) -> Sequence[LedgerRoot]:
    """Return the crisis' roots, the first first."""
    query = select(LedgerRoot).where(LedgerRoot.crisis_id == crisis_id)
    return session.scalars(query.order_by(LedgerRoot.number)).all()


def entry_hashes(session: Session, crisis_id: int, first: int, last: int) -> list[str]:
    """Return the hashes of sealed entries from one number to another, both with."""
    query = select(LedgerEntry.hash).where(
        LedgerEntry.crisis_id == crisis_id, LedgerEntry.seq >= first, LedgerEntry.seq <= last
    )
    return [str(found) for found in session.scalars(query.order_by(LedgerEntry.seq))]


def leaf_of(entry_hash: str) -> bytes:
    """Return the leaf that stands for an entry in a tree: its hash in the chain, hashed as a leaf."""
    return merkle.leaf_hash(bytes.fromhex(entry_hash))


def public_key_pem(keys: Keyring) -> bytes:
    """Return the deployment's public key, as openssl and others read it."""
    return keys.signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _sign_days(store: Store, crisis: Crisis, midnight: datetime) -> int:
    with store.read() as session:  # looks at one entry, so that a round with nothing to do costs nothing
        latest = newest(session, crisis.id)
        oldest = session.scalar(
            select(LedgerEntry.at).where(
                LedgerEntry.crisis_id == crisis.id, LedgerEntry.seq == (latest.last_seq if latest else 0) + 1
            )
        )
    if oldest is None or oldest >= midnight:
        return 0
    return 1 if sign_root(store, crisis, midnight) else 0


def _last(session: Session, crisis_id: int, first: int, before: datetime | None) -> int | None:
    query = select(func.max(LedgerEntry.seq)).where(
        LedgerEntry.crisis_id == crisis_id, LedgerEntry.seq >= first, LedgerEntry.seq < first + MOST_ENTRIES
    )
    found: int | None = session.scalar(query if before is None else query.where(LedgerEntry.at < before))
    return found


def _signed(
    keys: Keyring, crisis: Crisis, latest: LedgerRoot | None, first: int, hashes: list[str], at: datetime
) -> LedgerRoot:
    number = latest.number + 1 if latest else 1
    root = merkle.root_of([leaf_of(item) for item in hashes]).hex()
    statement = canonical(
        {
            "at": at.isoformat(timespec="microseconds"),
            "crisis": crisis.slug,
            "first_seq": first,
            "last_hash": hashes[-1],
            "last_seq": first + len(hashes) - 1,
            "number": number,
            "previous_root": latest.root if latest else GENESIS,
            "root": root,
        }
    )
    return LedgerRoot(
        crisis_id=crisis.id,
        number=number,
        first_seq=first,
        last_seq=first + len(hashes) - 1,
        root=root,
        statement=statement.decode(),
        signature=keys.signing.sign(statement),
        signed_at=at,
    )
