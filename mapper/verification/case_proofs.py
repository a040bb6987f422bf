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
from mapper.store.commitments import report_material
from mapper.store.keys import unseal
from mapper.store.originals import secret_of
from mapper.store.redaction import redacted_parts
from mapper.store.store import Store
from mapper.store.tables import Decision, LedgerEntry, LedgerRoot, Medium, Report


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
    for report in reports:
        secret = secret_of(store, session, crisis_id, report.id)
        if secret is None or report.id in withheld:
            continue
        content = unseal(secret, report.content or b"", report.id)
        row = {column.name: getattr(report, column.name) for column in Report.__table__.columns}
        material = report_material(row, content, _media_hashes(session, report))
        yield _opening("report", report.id, secret.salt.hex(), material)


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


def _media_hashes(session: Session, report: Report) -> list[str | None]:
    query = select(Medium.sha256).where(Medium.crisis_id == report.crisis_id, Medium.report_id == report.id)
    return list(session.scalars(query.order_by(Medium.position)))


def _opening(kind: str, subject: uuid.UUID, salt: Any, content: bytes) -> bytes:
    return orjson.dumps({"kind": kind, "subject": str(subject), "salt": salt, "content": content.decode()})
