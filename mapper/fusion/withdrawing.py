"""Withdrawing: reports that their sender took back, or whose import was undone, leave their incidents.

Such a report waits like a new one (`fused_at` null, `withdrawn_at` set). What people concluded stays: from
a verified, overridden, rejected or retracted incident nothing is taken away, nor the last reports from one
that anybody decided about. Those are flagged for people to look at again. An incident that nobody touched
and that loses its last report is retracted, and the ledger says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session, aliased

from mapper.fusion.fields import CONCLUDED
from mapper.fusion.members import portions
from mapper.fusion.seats import incidents_of
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
    """Withdrawn reports that have not left yet."""
    return Report.fused_at.is_(None), *_leaving()


def _leaving() -> tuple[Any, ...]:
    """A report that another replaces waits until that one is fused, and can have taken its place."""
    newer = aliased(Report)
    is_coming = select(newer.id).where(
        newer.crisis_id == Report.crisis_id,
        newer.supersedes == Report.id,
        newer.withdrawn_at.is_(None),
        newer.fused_at.is_(None),
    )
    return Report.withdrawn_at.is_not(None), ~is_coming.exists()


def _withdraw(store: Store, crisis_id: int) -> int:
    with alone(store, crisis_id), store.write() as session:
        at = store.clock()
        query = select(Report.id).where(Report.crisis_id == crisis_id, *_waiting())
        reports = session.scalars(query.order_by(Report.withdrawn_at).limit(BATCH)).all()
        reports = [*reports, *_claims_follow(session, crisis_id, reports, at)]
        for incident_id in incidents_of(session, crisis_id, reports):
            _leave(store, session, crisis_id, incident_id, at)
        keys = (LinkageKey.crisis_id == crisis_id, LinkageKey.report_id.in_(reports))
        session.execute(delete(LinkageKey).where(*keys))
        done = update(Report).where(Report.crisis_id == crisis_id, Report.id.in_(reports))
        session.execute(done.values(fused_at=at))
        return len(reports)


def _claims_follow(
    session: Session, crisis_id: int, reports: Sequence[uuid.UUID], at: datetime
) -> Sequence[uuid.UUID]:
    """Withdraw the claims of divided reports with them; return their ids."""
    here = (Report.crisis_id == crisis_id, Report.claim_of.in_(reports), Report.withdrawn_at.is_(None))
    claims = session.scalars(select(Report.id).where(*here)).all()
    mine = update(Report).where(Report.crisis_id == crisis_id, Report.id.in_(claims))
    session.execute(mine.values(withdrawn_at=at, fused_at=None))
    return claims


def _leave(
    store: Store,
    session: Session,
    crisis_id: int,
    incident_id: uuid.UUID,
    at: datetime,
) -> None:
    """Let every withdrawn report of an incident leave at once: what is left is what still stands."""
    incident = session.get_one(Incident, (crisis_id, incident_id), with_for_update=True)
    leaving, staying = _seated(session, crisis_id, incident_id)
    if incident.status in CONCLUDED or (not staying and _is_decided(session, crisis_id, incident_id)):
        if incident.status not in CLOSED:
            incident.needs_review = True
        _touch(incident, at)
        return
    seat = IncidentReport
    for some in portions(leaving):
        session.execute(delete(seat).where(seat.crisis_id == crisis_id, seat.report_id.in_(some)))
    _hand_on_identity(session, crisis_id, incident_id, leaving, staying)
    session.flush()
    if staying:
        recompute(session, store.keys, crisis_id, incident_id, at)
        return
    incident.status, incident.reports, incident.sources, incident.origins = State.RETRACTED, 0, 0, 0
    _touch(incident, at)
    payload = {"incident": str(incident_id), "reports": sorted(map(str, leaving))}
    ledger.append(session, crisis_id, "retraction", str(incident_id), payload, at)


def _seated(
    session: Session, crisis_id: int, incident_id: uuid.UUID
) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """Return the reports of an incident that leave, and those that stay, the first to come first."""
    same = (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id)
    here = (IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == incident_id)
    query = select(Report.id, and_(*_leaving()).label("leaves")).join(IncidentReport, same).where(*here)
    rows = session.execute(query.order_by(Report.received_at, Report.id)).all()
    return [row.id for row in rows if row.leaves], [row.id for row in rows if not row.leaves]


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
    founded = (table.crisis_id == crisis_id, table.incident_id == incident_id)
    gone = set(session.scalars(select(table.report_id).where(*founded))) & set(leaving)
    if not gone:
        return
    session.execute(delete(table).where(*founded, table.report_id.in_(gone)))
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
