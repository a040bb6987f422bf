"""Withdrawing: reports that their sender took back, or whose import was undone, leave their incidents.

Such a report waits like a new one (`fused_at` null, `withdrawn_at` set). What people concluded stays: from
a verified, overridden, rejected or retracted incident nothing is taken away, nor the last reports from one
that anybody decided about. Those are flagged for people to look at again. An incident that nobody touched
and that loses its last report is retracted, and the ledger says so.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from mapper.fusion.fields import CONCLUDED
from mapper.fusion.service import recompute
from mapper.fusion.work import alone
from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import (
    Crisis,
    Decision,
    Incident,
    IncidentIdentity,
    IncidentReport,
    LinkageKey,
    Report,
)
from mapper.vocabulary.states import State

BATCH = 100  # keeps the write transaction short: each incident's fields are derived again
CLOSED = frozenset({State.FALSE, State.RETRACTED})  # nothing in them counts, so nothing is left to look at


def work(store: Store) -> int:
    """Take one batch of withdrawn reports out of each crisis' incidents; return how many were handled."""
    with store.read() as session:
        here = Report.crisis_id == Crisis.id
        query = select(Report.id).where(here, *_waiting()).order_by(Report.withdrawn_at).limit(1)
        crises = session.scalars(select(Crisis.id).where(query.exists())).all()
    return sum(_withdraw(store, crisis_id) for crisis_id in crises)


def _waiting() -> tuple[Any, ...]:
    """A report that another replaces waits until that one is fused, and can have taken its place."""
    newer = aliased(Report)
    is_coming = select(newer.id).where(
        newer.crisis_id == Report.crisis_id,
        newer.supersedes == Report.id,
        newer.withdrawn_at.is_(None),
        newer.fused_at.is_(None),
    )
    return Report.fused_at.is_(None), Report.withdrawn_at.is_not(None), ~is_coming.exists()


def _withdraw(store: Store, crisis_id: int) -> int:
    with alone(store, crisis_id), store.write() as session:
        at = store.clock()
        query = select(Report.id).where(Report.crisis_id == crisis_id, *_waiting())
        reports = session.scalars(query.order_by(Report.withdrawn_at).limit(BATCH)).all()
        for incident_id, leaving in _seats(session, crisis_id, reports).items():
            _leave(store, session, crisis_id, incident_id, leaving, at)
        keys = (LinkageKey.crisis_id == crisis_id, LinkageKey.report_id.in_(reports))
        session.execute(delete(LinkageKey).where(*keys))
        done = update(Report).where(Report.crisis_id == crisis_id, Report.id.in_(reports))
        session.execute(done.values(fused_at=at))
        return len(reports)


def _seats(
    session: Session, crisis_id: int, reports: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[uuid.UUID]]:
    seat = IncidentReport
    query = select(seat.incident_id, seat.report_id).where(
        seat.crisis_id == crisis_id, seat.report_id.in_(reports)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for incident_id, report_id in session.execute(query):
        found[incident_id].append(report_id)
    return dict(found)


def _leave(
    store: Store,
    session: Session,
    crisis_id: int,
    incident_id: uuid.UUID,
    leaving: Sequence[uuid.UUID],
    at: datetime,
) -> None:
    incident = session.get_one(Incident, (crisis_id, incident_id), with_for_update=True)
    staying = _staying(session, crisis_id, incident_id, leaving)
    if incident.status in CONCLUDED or (not staying and _is_decided(session, crisis_id, incident_id)):
        if incident.status not in CLOSED:
            incident.needs_review = True
        _touch(incident, at)
        return
    seat = IncidentReport
    session.execute(delete(seat).where(seat.crisis_id == crisis_id, seat.report_id.in_(leaving)))
    _hand_on_identity(session, crisis_id, incident_id, leaving, staying)
    session.flush()
    if staying:
        recompute(session, store.keys, crisis_id, incident_id, at)
        return
    incident.status, incident.reports, incident.sources, incident.origins = State.RETRACTED, 0, 0, 0
    _touch(incident, at)
    payload = {"incident": str(incident_id), "reports": sorted(map(str, leaving))}
    ledger.append(session, crisis_id, "retraction", str(incident_id), payload, at)


def _staying(
    session: Session, crisis_id: int, incident_id: uuid.UUID, leaving: Sequence[uuid.UUID]
) -> list[uuid.UUID]:
    """Return the incident's other reports that still stand, the first to join first."""
    same = (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id)
    here = (IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == incident_id)
    query = select(Report.id).join(IncidentReport, same).where(*here, Report.withdrawn_at.is_(None))
    others = session.scalars(query.order_by(Report.received_at, Report.id)).all()
    return [report for report in others if report not in set(leaving)]


def _is_decided(session: Session, crisis_id: int, incident_id: uuid.UUID) -> bool:
    decided = select(Decision.id).where(Decision.crisis_id == crisis_id, Decision.incident_id == incident_id)
    held = select(IncidentReport.report_id).where(
        IncidentReport.crisis_id == crisis_id,
        IncidentReport.incident_id == incident_id,
        IncidentReport.decision_id.is_not(None),
    )
    return any(session.execute(query.limit(1)).first() for query in (decided, held))


def _hand_on_identity(
    session: Session,
    crisis_id: int,
    incident_id: uuid.UUID,
    leaving: Sequence[uuid.UUID],
    staying: Sequence[uuid.UUID],
) -> None:
    """Where the report leaves that founded the incident, another one stands for its id after a rebuild."""
    table = IncidentIdentity
    gone = (table.crisis_id == crisis_id, table.incident_id == incident_id, table.report_id.in_(leaving))
    if not session.scalars(select(table.report_id).where(*gone)).all():
        return
    session.execute(delete(table).where(*gone))
    founders = set(
        session.scalars(
            select(table.report_id).where(table.crisis_id == crisis_id, table.report_id.in_(staying[:500]))
        )
    )
    heir = next((report for report in staying[:500] if report not in founders), None)
    if heir is not None:
        session.add(table(crisis_id=crisis_id, report_id=heir, incident_id=incident_id))


def _touch(incident: Incident, at: datetime) -> None:
    incident.version += 1
    incident.changed_at = at
