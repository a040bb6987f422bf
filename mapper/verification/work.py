"""What a worker does here: working copies of media that have none, and copies that are to be redacted."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapper.store.blobs import BlobMissing
from mapper.store.store import Store
from mapper.store.tables import Medium, MediumPage, Redaction, ReportKey
from mapper.verification.evidence import Sealed, process

BATCH = 4


def work(store: Store) -> int:
    """Process a few waiting media and redactions; return how many."""
    return _make_copies(store) + _make_redactions(store)


def _make_copies(store: Store) -> int:
    with store.read() as session:
        waiting = session.execute(
            select(Medium, ReportKey.wrapped)
            .join(
                ReportKey,
                (ReportKey.crisis_id == Medium.crisis_id) & (ReportKey.report_id == Medium.report_id),
            )
            .where(Medium.processed_at.is_(None), Medium.blob.is_not(None))
            .limit(BATCH)
        ).all()
    for medium, wrapped in waiting:
        sealed = _processed(store, medium, wrapped, ())
        columns = sealed.columns
        if sealed.made:
            made = sealed.made
            columns |= {"perceptual_hash": made.perceptual_hash, "copy_type": made.copy_type}
            columns |= {"pages": len(made.pages) or None, "copy_is_cut": made.is_cut}
            columns |= {"stamp": dict(made.stamp)} if made.stamp else {}
        _keep(store, medium, columns, sealed)
    return len(waiting)


def _make_redactions(store: Store) -> int:
    with store.read() as session:
        waiting = session.execute(
            select(Redaction, Medium, ReportKey.wrapped)
            .join(Medium, (Medium.crisis_id == Redaction.crisis_id) & (Medium.id == Redaction.medium_id))
            .join(
                ReportKey,
                (ReportKey.crisis_id == Medium.crisis_id) & (ReportKey.report_id == Medium.report_id),
            )
            .where(Redaction.processed_at.is_(None), Medium.blob.is_not(None))
            .limit(BATCH)
        ).all()
    for redaction, medium, wrapped in waiting:
        sealed = _processed(store, medium, wrapped, redaction.boxes)
        columns = sealed.columns
        if sealed.made:
            columns |= {"copy_sha256": hashlib.sha256(sealed.made.copy).hexdigest()}
        _keep(store, medium, columns, sealed, redaction.number)
    return len(waiting)


def _processed(store: Store, medium: Medium, wrapped: bytes, boxes: Sequence[dict[str, Any]]) -> Sealed:
    try:
        return process(store, medium, wrapped, boxes)
    except BlobMissing:
        return Sealed({"problem": "the original is missing from the blob store"})


def _keep(store: Store, medium: Medium, columns: dict[str, Any], sealed: Sealed, redaction: int = 0) -> None:
    """Name the copies, unless the report was erased meanwhile: then they are forgotten again."""
    with store.write() as session:
        is_kept = _name(session, medium, columns | {"processed_at": store.clock()}, redaction)
        if is_kept:
            session.add_all(_pages(medium.crisis_id, medium.id, redaction, sealed.pages))
    if not is_kept:
        for name in sealed.blobs:
            store.blobs.delete(name)


def _name(session: Session, medium: Medium, columns: dict[str, Any], redaction: int) -> bool:
    """Write the columns to the medium's row, or to its redaction's; return whether that still waited."""
    mine = (Medium.crisis_id == medium.crisis_id, Medium.id == medium.id, Medium.blob.is_not(None))
    if not redaction:
        changed = session.execute(
            update(Medium).where(*mine, Medium.processed_at.is_(None)).values(**columns)
        )
    else:
        key = (Redaction.crisis_id == medium.crisis_id, Redaction.medium_id == medium.id)
        still = select(Medium.id).where(*mine).exists()
        where = (*key, Redaction.number == redaction, Redaction.processed_at.is_(None), still)
        changed = session.execute(update(Redaction).where(*where).values(**columns))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _pages(crisis_id: int, medium_id: uuid.UUID, redaction: int, blobs: Sequence[str]) -> list[MediumPage]:
    """Return the rows of the pages after the first, which is the copy itself."""
    return [
        MediumPage(crisis_id=crisis_id, medium_id=medium_id, redaction=redaction, page=number, blob=blob)
        for number, blob in enumerate(blobs, start=2)
    ]
