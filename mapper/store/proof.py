"""Proof: walk the chain and say the first thing that is wrong; sign and check its head."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store import ledger
from mapper.store.commitments import committed_media, report_commitment
from mapper.store.keys import Keyring, SealBroken, unseal
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry, Report, ReportKey

CHUNK = 500


class LedgerBroken(Exception):
    """An entry was altered, removed, reordered or cut off; the message names the first."""


class HeadUnreadable(Exception):
    """A head file is not one of ours."""


@dataclass(frozen=True)
class Verified:
    """What a sound ledger holds."""

    sealed: int
    unsealed: int
    oldest_unsealed: datetime | None
    reports: int
    erased: int


def signed_head(store: Store, crisis: Crisis) -> dict[str, Any]:
    """Return the newest sealed entry's number and hash, signed with the deployment's Ed25519 key."""
    with store.read() as session:
        newest = ledger.head(session, crisis.id)
    body: dict[str, Any] = {
        "crisis": crisis.slug,
        "seq": newest.seq,
        "hash": newest.hash,
        "at": store.clock().isoformat(),
    }
    public = store.keys.signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    signature = store.keys.signing.sign(rfc8785.dumps(body))
    return body | {"public_key": _encode(public), "signature": _encode(signature)}


def read_head(store: Store, crisis: Crisis, text: str) -> ledger.Head:
    """Return what a signed head file says; raises HeadUnreadable, also where the signature is not ours."""
    try:
        document = json.loads(text)
        body = {name: document[name] for name in ("crisis", "seq", "hash", "at")}
        signature = base64.b64decode(document["signature"], validate=True)
        if body["crisis"] != crisis.slug:
            raise HeadUnreadable(f"the head is of crisis {body['crisis']}, not of {crisis.slug}")
        store.keys.signing.public_key().verify(signature, rfc8785.dumps(body))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise HeadUnreadable("the file is no head that mapper ledger head printed") from error
    except InvalidSignature as error:
        raise HeadUnreadable("the head's signature is not this deployment's") from error
    return ledger.Head(int(body["seq"]), str(body["hash"]))


def verify(store: Store, crisis: Crisis, signed: ledger.Head | None = None) -> Verified:
    """Return the counts of a sound ledger; raises LedgerBroken at the first entry that is not.

    Checks the chain, that nothing is cut off since `signed`, that every report has its entry, and
    that every report not erased is still what its entry commits to.
    """
    with store.read() as session:
        sealed = walk(ledger.sealed_entries(session, crisis.id), signed)
        waiting, oldest = ledger.unsealed(session, crisis.id)
        reports, erased = _reports_as_committed(session, store.keys, crisis.id)
    return Verified(sealed, waiting, oldest, reports, erased)


def walk(entries: Iterable[LedgerEntry], signed: ledger.Head | None = None) -> int:
    """Check entries from the first, in order; return how many. Raises LedgerBroken at the first bad one."""
    previous, number = ledger.GENESIS, 0
    for item in entries:
        number += 1
        check_entry(item, number, previous)
        if signed and number == signed.seq and item.hash != signed.hash:
            raise LedgerBroken(
                f"entry {number} is not the one whose head was signed: the ledger was rewritten"
            )
        previous = str(item.hash)
    if signed and number < signed.seq:
        raise LedgerBroken(
            f"entry {number + 1} is missing: the signed head has {signed.seq} entries, the ledger {number}"
        )
    return number


def check_entry(item: LedgerEntry, number: int, previous: str) -> None:
    """Raise LedgerBroken unless an entry is the one that belongs at its number, after its predecessor."""
    if item.seq != number:
        raise LedgerBroken(f"entry {number} is missing: after {number - 1} comes {item.seq}")
    if item.previous != previous or item.hash != _rehash(item, number, previous):
        raise LedgerBroken(f"entry {number} ({item.kind} {item.subject}) was altered or moved")


def _rehash(item: LedgerEntry, number: int, previous: str) -> str:
    try:
        return ledger.hash_of(item, number, previous)
    except (ValueError, TypeError):  # no such text can have been written by us
        return "unreadable"


def _reports_as_committed(session: Session, keys: Keyring, crisis_id: int) -> tuple[int, int]:
    reports = erased = 0
    for report, wrapped, payload, media in _reports(session, crisis_id):
        reports += 1
        if payload is None:
            raise LedgerBroken(f"the entry of report {report.id} is missing")
        committed = json.loads(payload)["commitment"]
        if committed != report.commitment:
            raise LedgerBroken(f"the commitment of report {report.id} was altered")
        if report.erased_at is not None:
            erased += 1
        elif wrapped is None or committed != _commitment(keys, report, wrapped, media):
            raise LedgerBroken(f"report {report.id} is not what its entry commits to: it was altered")
    return reports, erased


def _reports(
    session: Session, crisis_id: int
) -> Iterator[tuple[Report, bytes | None, str | None, list[str | None]]]:
    """Yield each report with its wrapped key, its entry's payload and its media's hashes, in flat memory."""
    query = (
        select(Report, ReportKey.wrapped, LedgerEntry.payload)
        .outerjoin(
            LedgerEntry, (LedgerEntry.crisis_id == Report.crisis_id) & (LedgerEntry.id == Report.ledger_id)
        )
        .outerjoin(ReportKey, (ReportKey.crisis_id == Report.crisis_id) & (ReportKey.report_id == Report.id))
        .where(Report.crisis_id == crisis_id)
        .execution_options(yield_per=CHUNK)
    )
    for chunk in session.execute(query).partitions():
        media = committed_media(session, crisis_id, [row[0].id for row in chunk])
        for report, wrapped, payload in chunk:
            yield report, wrapped, payload, media.get(report.id, [])
            session.expunge(report)


def _commitment(keys: Keyring, report: Report, wrapped: bytes, media: list[str | None]) -> str:
    try:
        secret = keys.unwrap(report.id, wrapped)
        content = unseal(secret, report.content or b"", report.id)
    except SealBroken:
        return "unreadable"
    row = {column.name: getattr(report, column.name) for column in Report.__table__.columns}
    return report_commitment(secret, row, content, media)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
