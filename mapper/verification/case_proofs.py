"""What ties a case to the ledger: its entries with paths to signed roots, and what they commit to, opened."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import orjson
import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store import ledger, merkle, roots
from mapper.store.blindness import SALT, visible_decisions, withheld_reasons
from mapper.store.commitments import committed_media, report_material
from mapper.store.custody import material_of
from mapper.store.keys import unseal
from mapper.store.originals import secret_of
from mapper.store.redaction import redacted_parts
from mapper.store.store import Store
from mapper.store.tables import CustodyEvent, Decision, LedgerEntry, LedgerRoot, Medium, Report


def proven_entries(session: Session, crisis_id: int, subjects: Collection[str]) -> Iterator[bytes]:
    """Yield each sealed entry about one of the subjects, as a line of JSON with its path to a signed root."""
    query = select(LedgerEntry).where(
        LedgerEntry.crisis_id == crisis_id,
        LedgerEntry.subject.in_(subjects),
        LedgerEntry.seq.is_not(None),
    )
    entries = session.scalars(query.order_by(LedgerEntry.seq)).all()
    for root in roots.all_roots(session, crisis_id):
        under = [item for item in entries if root.first_seq <= (item.seq or 0) <= root.last_seq]
        yield from _proofs(session, root, under)


def opened_decisions(decisions: Sequence[Decision], asker_user_id: int | None) -> Iterator[bytes]:
    """Yield salt and content of the decisions of ONE incident whose whole content the asker may see."""
    waits = withheld_reasons(decisions, asker_user_id)
    for item in visible_decisions(decisions, asker_user_id):
        if item.number not in waits:
            content = rfc8785.dumps({"details": item.details, "reason": item.reason})
            yield _opening("decision", item.id, item.details[SALT], content)


def opened_reports(
    store: Store, session: Session, crisis_id: int, reports: Sequence[Report]
) -> Iterator[bytes]:
    """Yield salt and material of reports; not of those erased, nor of those with a part withheld."""
    withheld = redacted_parts(session, crisis_id)
    media = committed_media(session, crisis_id, [report.id for report in reports])
    for report in reports:
        secret = secret_of(store, session, crisis_id, report.id)
        if secret is None or report.id in withheld:
            continue
        content = unseal(secret, report.content or b"", report.id)
        row = {column.name: getattr(report, column.name) for column in Report.__table__.columns}
        material = report_material(row, content, media.get(report.id, []))
        yield _opening("report", report.id, secret.salt.hex(), material)


def opened_custody(
    session: Session, crisis_id: int, media: Collection[uuid.UUID], silent: Collection[int | None]
) -> Iterator[bytes]:
    """Yield salt and content of what was done with media, which binds each one's SHA-256 to the ledger.

    What `silent` people did for a stated reason waits, as their assessments do; what was erased has no salt.
    """
    query = (
        select(CustodyEvent, Medium.sha256, LedgerEntry.seq)
        .join(Medium, (Medium.crisis_id == CustodyEvent.crisis_id) & (Medium.id == CustodyEvent.medium_id))
        .join(
            LedgerEntry,
            (LedgerEntry.crisis_id == CustodyEvent.crisis_id) & (LedgerEntry.id == CustodyEvent.ledger_id),
        )
        .where(CustodyEvent.crisis_id == crisis_id, CustodyEvent.medium_id.in_(media))
        .where(CustodyEvent.salt.is_not(None), LedgerEntry.seq.is_not(None))
        .order_by(LedgerEntry.seq)
    )
    for event, sha256, seq in session.execute(query):
        if not (event.reason and event.actor_user_id in silent):
            content = material_of(sha256, event.reason, event.details)
            yield _opening("custody", event.medium_id, event.salt, content, seq=seq)


def _proofs(session: Session, root: LedgerRoot, entries: Sequence[LedgerEntry]) -> Iterator[bytes]:
    if not entries:
        return
    hashes = roots.entry_hashes(session, root.crisis_id, root.first_seq, root.last_seq)
    tree = merkle.levels([roots.leaf_of(item) for item in hashes])
    for item in entries:
        seq = int(item.seq or 0)
        path = merkle.inclusion(tree, seq - root.first_seq)
        yield orjson.dumps(
            {
                "entry": ledger.material_of(item, seq, str(item.previous)).decode(),
                "root": root.number,
                "path": [[side, sibling.hex()] for side, sibling in path],
            }
        )


def _opening(kind: str, subject: uuid.UUID, salt: Any, content: bytes, **more: int | None) -> bytes:
    told = {"kind": kind, "subject": str(subject), "salt": salt, "content": content.decode()}
    return orjson.dumps(told | more)
