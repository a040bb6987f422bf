"""Rebuilding: fuse a crisis anew from its reports and what people decided, for instance with new weights.

Unchanged weights give the same incidents under the same ids. Reports that people hold keep their seats.
Done in portions: readers see the old incidents until the new ones take over, and an interrupted rebuild
is finished by the workers like any backlog.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from mapper.fusion.seats import incidents_of, seats_in
from mapper.fusion.work import alone, fuse
from mapper.store.store import Store
from mapper.store.tables import Incident, IncidentIdentity, IncidentReport, LinkageKey, Report

PORTION = 300


def rebuild(store: Store, crisis_id: int, progress: Callable[[int, int], None] | None = None) -> int:
    """Fuse every report of a crisis again; return how many. `progress` gets done and total."""
    with alone(store, crisis_id):
        total = _unseat_all(store, crisis_id)
    done = 0
    while count := fuse(store, crisis_id):
        done += count
        if progress:
            progress(done, total)
    _leave_empty(store, crisis_id)
    return done


def _unseat_all(store: Store, crisis_id: int) -> int:
    """Take their seats from all reports that nobody holds, and let all be fused anew."""
    total = 0
    while True:
        with store.write() as session:
            here = (Report.crisis_id == crisis_id, Report.fused_at.is_not(None), Report.divided_by.is_(None))
            query = select(Report.id).where(*here)
            ids = session.scalars(query.limit(PORTION)).all()
            if not ids:
                return total
            _unseat(session, crisis_id, ids)
            total += len(ids)


def _unseat(session: Session, crisis_id: int, ids: Sequence[uuid.UUID]) -> None:
    seats = seats_in(session, crisis_id, incidents_of(session, crisis_id, ids))
    free = [one for one in ids if one in seats and not seats[one].is_held]
    table = IncidentReport
    session.execute(delete(table).where(table.crisis_id == crisis_id, table.report_id.in_(free)))
    keys = (LinkageKey.crisis_id == crisis_id, LinkageKey.report_id.in_(ids))
    session.execute(delete(LinkageKey).where(*keys))
    here = (Report.crisis_id == crisis_id, Report.id.in_(ids))
    session.execute(update(Report).where(*here).values(fused_at=None))


def _leave_empty(store: Store, crisis_id: int) -> None:
    """Turn incidents that nobody sits in any more into signposts to where their founder sits now."""
    at = store.clock()
    seated = exists().where(
        IncidentReport.crisis_id == Incident.crisis_id, IncidentReport.incident_id == Incident.id
    )
    empty = select(Incident).where(Incident.crisis_id == crisis_id, Incident.merged_into.is_(None), ~seated)
    with store.write() as session:
        for incident in session.scalars(empty).all():
            incident.merged_into = _seat_of_founder(session, incident)
            incident.reports = incident.sources = incident.origins = 0
            incident.version += 1
            incident.changed_at = at


def _seat_of_founder(session: Session, incident: Incident) -> uuid.UUID | None:
    return session.scalars(
        select(IncidentReport.incident_id)
        .join(
            IncidentIdentity,
            (IncidentIdentity.crisis_id == IncidentReport.crisis_id)
            & (IncidentIdentity.report_id == IncidentReport.report_id),
        )
        .where(IncidentIdentity.crisis_id == incident.crisis_id, IncidentIdentity.incident_id == incident.id)
    ).first()
