"""Erasure: a person's report is destroyed by destroying its key; the chain stays valid."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, null, select, update
from sqlalchemy.orm import Session

from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import (
    CustodyEvent,
    IdempotencyKey,
    Incident,
    IncidentReport,
    LinkageKey,
    LinkArchive,
    Medium,
    MediumPage,
    Redaction,
    Report,
    ReportKey,
)
from mapper.vocabulary.needs import NEEDS

LOG_NAME = "erasures.jsonl"


class NoSuchReport(Exception):
    """There is no report of that id."""


def erase(store: Store, report_id: uuid.UUID, data: Path) -> bool:
    """Destroy contact, text, raw payload and media of a report; return False where it was erased before.

    What remains is what the incident needs: times, position, graded damage. `data` is the deployment's
    folder: the erasure is noted there too, beside the database, so that a restored backup can repeat it.
    """
    with store.write() as session:
        report = session.scalars(select(Report).where(Report.id == report_id)).first()
        if report is None:
            raise NoSuchReport(str(report_id))
        if report.erased_at is not None:
            return False
        blobs = [
            name for one in _family(session, report) for name in _erase(session, one, data, store.clock())
        ]
    for name in blobs:
        store.blobs.delete(name)
    _truncate_log(store)
    return True


def _family(session: Session, report: Report) -> Sequence[Report]:
    """Return a report with all that says the same person's words: its claims, and what it is a claim of."""
    whole = report.claim_of or report.id
    said = (Report.id == whole) | (Report.claim_of == whole)
    here = (Report.crisis_id == report.crisis_id, said, Report.erased_at.is_(None))
    return session.scalars(select(Report).where(*here).order_by(Report.id)).all()


def _erase(session: Session, report: Report, data: Path, at: datetime) -> list[str]:
    _note(data, report)
    blobs = _forget(session, report)
    _forget_own_words(session, report, at)
    report.erased_at = at
    ledger.append(session, report.crisis_id, "erasure", str(report.id), {}, at)
    return blobs


def _forget(session: Session, report: Report) -> list[str]:
    crisis_id = report.crisis_id
    mine = (Medium.crisis_id == crisis_id, Medium.report_id == report.id)
    rows = session.execute(select(Medium.blob, Medium.copy_blob, Medium.thumbnail_blob).where(*mine))
    blobs = [name for row in rows for name in row if name] + _forget_derived(session, report)
    names = ("blob", "copy_blob", "thumbnail_blob", "sha256", "perceptual_hash", "stamp")
    empty = dict.fromkeys(names, null())
    session.execute(update(Medium).where(*mine).values(**empty))
    session.execute(
        delete(ReportKey).where(ReportKey.crisis_id == crisis_id, ReportKey.report_id == report.id)
    )
    session.execute(
        delete(LinkageKey).where(LinkageKey.crisis_id == crisis_id, LinkageKey.report_id == report.id)
    )
    named = (IdempotencyKey.crisis_id == crisis_id, IdempotencyKey.report_id == report.id)
    session.execute(update(IdempotencyKey).where(*named).values(content_hash=""))
    report.content = report.text_fingerprint = report.contact_fingerprint = None
    report.category = report.damage_value = report.damage_scale = None
    return blobs


def _forget_derived(session: Session, report: Report) -> list[str]:
    """Forget redacted copies, pages and reasons; what happened to the media, and when, stays in custody."""
    crisis_id = report.crisis_id
    media = select(Medium.id).where(Medium.crisis_id == crisis_id, Medium.report_id == report.id)
    of_redactions = (Redaction.crisis_id == crisis_id, Redaction.medium_id.in_(media))
    of_pages = (MediumPage.crisis_id == crisis_id, MediumPage.medium_id.in_(media))
    rows = session.execute(select(Redaction.copy_blob, Redaction.thumbnail_blob).where(*of_redactions))
    blobs = [name for row in rows for name in row if name]
    blobs += session.scalars(select(MediumPage.blob).where(*of_pages))
    session.execute(delete(MediumPage).where(*of_pages))
    nothing = {"copy_blob": None, "thumbnail_blob": None, "copy_sha256": None, "reason": None}
    session.execute(update(Redaction).where(*of_redactions).values(boxes=[], **nothing))
    custody = (CustodyEvent.crisis_id == crisis_id, CustodyEvent.report_id == report.id)
    session.execute(update(CustodyEvent).where(*custody).values(reason=None, salt=None))
    links = (LinkArchive.crisis_id == crisis_id, LinkArchive.report_id == report.id)
    session.execute(update(LinkArchive).where(*links).values(reason=None, problem=None))
    return blobs


def _forget_own_words(session: Session, report: Report, at: datetime) -> None:
    """Leave the needs that are codes: what the sender wrote instead may name a person."""
    crisis_id, own = report.crisis_id, set(report.needs) - NEEDS.keys()
    report.needs = [need for need in report.needs if need not in own]
    membership = session.get(IncidentReport, (crisis_id, report.id))
    if not own or membership is None:
        return
    same = (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id)
    told = session.scalars(
        select(Report.needs)
        .join(IncidentReport, same)
        .where(IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == membership.incident_id)
        .where(Report.id != report.id)
    )
    others = {need for needs in told for need in needs}
    incident = session.get_one(Incident, (crisis_id, membership.incident_id))
    incident.needs = [need for need in incident.needs if need not in own - others]
    incident.version += 1
    incident.changed_at = at  # the next snapshot holds it without those words


def _note(data: Path, report: Report) -> None:
    data.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"crisis_id": report.crisis_id, "report_id": str(report.id)}) + "\n"
    handle = os.open(data / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _truncate_log(store: Store) -> None:
    """SQLite's write-ahead log still holds the old pages until it is truncated."""
    if not store.is_postgresql:
        connection = store.engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
