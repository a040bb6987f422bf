"""Undoing a whole import: its reports are withdrawn, and what they had replaced stands again.

Nothing is deleted. The ledger holds which reports were withdrawn and by whom; fusion takes them out of
incidents that nobody has concluded (`fusion/withdrawing.py`). Rows of the file are forgotten, so that the
file can be imported again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from mapper.intake.drafts import IMPORT_SENDER
from mapper.intake.import_runs import ENDED, NOT_NOW, NotNow, State, named, record_withdrawal
from mapper.intake.rows import identity_of
from mapper.store import ledger
from mapper.store.contents import open_contents
from mapper.store.store import Store
from mapper.store.tables import Decision, IdempotencyKey, ImportRun, Incident, IncidentReport, Report
from mapper.vocabulary.states import State as IncidentState

BATCH = 500
MOST_SHOWN = 50
CONCLUDED = (IncidentState.VERIFIED, IncidentState.OVERRIDE, IncidentState.FALSE, IncidentState.RETRACTED)


@dataclass(frozen=True)
class Staying:
    """An incident that keeps its reports of the import, because people concluded or decided something."""

    incident_id: uuid.UUID
    status: str
    reports: int


@dataclass(frozen=True)
class Effect:
    """What undoing an import does: reports withdrawn, reports that stand again, incidents that stay."""

    withdrawn: int
    restored: int
    incidents: int
    staying: Sequence[Staying]  # MOST_SHOWN at most
    staying_count: int


def effect_of(session: Session, run: ImportRun) -> Effect:
    """Return what undoing an import would do, or has left standing."""
    mine = (Report.crisis_id == run.crisis_id, Report.import_id == run.id)
    standing = select(func.count()).select_from(Report).where(*mine, Report.withdrawn_at.is_(None))
    replaced = select(func.count()).select_from(Report).where(*_replaced(run))
    seat = IncidentReport
    seated = (Report.crisis_id == seat.crisis_id) & (Report.id == seat.report_id)
    touched = select(func.count(seat.incident_id.distinct())).join(Report, seated).where(*mine)
    staying = [
        Staying(row.id, row.status, row.reports)
        for row in session.execute(_touched_by_people(run, seated).where(*mine))
        if row.status in CONCLUDED or row.reports >= row.all
    ]
    return Effect(
        session.scalar(standing) or 0,
        session.scalar(replaced) or 0,
        session.scalar(touched) or 0,
        staying[:MOST_SHOWN],
        len(staying),
    )


def _touched_by_people(run: ImportRun, seated: ColumnElement[bool]) -> Select[uuid.UUID, str, int, int]:
    """Incidents with reports of the import that people concluded or decided about.

    One that was only decided about keeps its reports where it has no others.
    """
    seat = IncidentReport
    decided = exists().where(Decision.crisis_id == run.crisis_id, Decision.incident_id == Incident.id)
    held = (Incident.crisis_id == seat.crisis_id) & (Incident.id == seat.incident_id)
    return (
        select(Incident.id, Incident.status, Incident.reports.label("all"), func.count().label("reports"))
        .join(seat, held)
        .join(Report, seated)
        .where(or_(Incident.status.in_(CONCLUDED), decided))
        .group_by(Incident.id, Incident.status, Incident.reports)
        .order_by(Incident.id)
    )


def ask_undo(store: Store, run: ImportRun, user_id: int | None, reason: str) -> None:
    """Let the workers undo an import. Raises NotNow unless it has ended."""
    at = store.clock()
    values = {"state": State.UNDOING, "choices": run.choices | {"undo_reason": reason}}
    with store.write() as session:
        done = session.execute(
            update(ImportRun).where(*named(run), ImportRun.state.in_(ENDED)).values(**values)
        )
        if not done.rowcount:  # type: ignore[attr-defined]
            raise NotNow(NOT_NOW)
        payload = {"state": str(State.UNDOING), "actor": user_id}
        ledger.append(session, run.crisis_id, "import", str(run.id), payload, at)


def undo_batch(store: Store, run: ImportRun) -> int:
    """Undo one batch; return how many reports were handled, at least 1 until the import is undone."""
    with store.read() as session:
        reports = session.scalars(select(Report).where(*_own(run)).order_by(Report.id).limit(BATCH)).all()
        keys = _keys_of(store, session, run, reports)
    if reports:
        _withdraw(store, run, reports, keys)
        return len(reports)
    restored = _restore(store, run)
    if restored:
        return restored
    with store.write() as session:
        values = {"state": State.UNDONE, "finished_at": store.clock()}
        session.execute(update(ImportRun).where(*named(run)).values(**values))
        payload = {"state": str(State.UNDONE)}
        ledger.append(session, run.crisis_id, "import", str(run.id), payload, store.clock())
    return 1


def _own(run: ImportRun) -> tuple[Any, ...]:
    """Reports of the import that were not withdrawn by undoing it."""
    mine = (Report.crisis_id == run.crisis_id, Report.import_id == run.id)
    return *mine, or_(Report.withdrawn_by.is_(None), Report.withdrawn_by != run.id)


def _replaced(run: ImportRun) -> tuple[Any, ...]:
    """Reports that the import replaced or withdrew."""
    by_it = (Report.crisis_id == run.crisis_id, Report.withdrawn_by == run.id)
    return *by_it, or_(Report.import_id.is_(None), Report.import_id != run.id)


def _keys_of(store: Store, session: Session, run: ImportRun, reports: Sequence[Report]) -> list[str]:
    """Return the keys under which the rows are known; an erased row stays known, and never comes back."""
    contents = open_contents(session, store.keys, reports)
    keys = [f"row:{identity_of(content.raw)}" for content in contents.values()]
    return keys + [f"{key}@{run.id}" for key in keys]  # see ReplacingDoor for the second form


def _withdraw(store: Store, run: ImportRun, reports: Sequence[Report], keys: Sequence[str]) -> None:
    at = store.clock()
    standing = [report.id for report in reports if report.withdrawn_at is None]
    with store.write() as session:
        here = (Report.crisis_id == run.crisis_id, Report.id.in_([report.id for report in reports]))
        fresh = Report.withdrawn_at.is_(None)
        new = {"withdrawn_at": at, "withdrawn_by": run.id, "fused_at": None}
        session.execute(update(Report).where(*here, fresh).values(**new))
        session.execute(update(Report).where(*here).values(withdrawn_by=run.id))
        known = IdempotencyKey
        mine = (known.crisis_id == run.crisis_id, known.sender_key == IMPORT_SENDER.key)
        ids = [report.id for report in reports]
        session.execute(delete(known).where(*mine, known.key.in_(keys), known.report_id.in_(ids)))
        if standing:
            record_withdrawal(session, run.crisis_id, run.id, "withdrawal", standing, at)


def _restore(store: Store, run: ImportRun) -> int:
    """Let what the import replaced stand again, unless a later import has replaced it too."""
    at = store.clock()
    with store.write() as session:
        reports = session.scalars(select(Report).where(*_replaced(run)).limit(BATCH)).all()
        back = []
        for report in reports:
            successor = _successor(session, report)
            if successor is not None:
                report.withdrawn_by = successor
                continue
            report.withdrawn_at = report.withdrawn_by = None
            if not _is_seated(session, report):
                report.fused_at = None
            back.append(report.id)
            session.flush()  # the next look-up of a successor must see it
        if back:
            record_withdrawal(session, run.crisis_id, run.id, "reinstatement", back, at)
        return len(reports)


def _successor(session: Session, report: Report) -> uuid.UUID | None:
    """Return the import of the report that now stands under the same sender's id."""
    if report.source_id is None:
        return None
    same = (
        Report.crisis_id == report.crisis_id,
        Report.sender_key == report.sender_key,
        Report.channel == report.channel,
        Report.source_id == report.source_id,
    )
    return session.scalars(select(Report.import_id).where(*same, Report.withdrawn_at.is_(None))).first()


def _is_seated(session: Session, report: Report) -> bool:
    seat = IncidentReport
    query = exists().where(seat.crisis_id == report.crisis_id, seat.report_id == report.id)
    return bool(session.scalar(select(query)))
