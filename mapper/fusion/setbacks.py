"""Setbacks: a report that cannot be fused is set aside where operators see it, and tried again later.

It keeps waiting (`fused_at` null) and is shown without an incident; what failed is kept without a word of
what the report says. Troubles of the store or the program as a whole are not a report's, and stop the batch.
"""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from mapper.fusion.writing import Overtaken
from mapper.store.store import Store
from mapper.store.tables import Report, SetAside

NOT_THE_REPORTS = (Overtaken, OperationalError, InterfaceError, OSError, MemoryError)
FIRST_WAIT = timedelta(minutes=1)  # doubled with every attempt ...
LONGEST_WAIT = timedelta(hours=6)  # ... up to this
MOST_DOUBLINGS = 12

log = structlog.get_logger()


def is_ready(at: datetime) -> ColumnElement[bool]:
    """A condition on reports: not set aside, or due to be tried again."""
    here = (SetAside.crisis_id == Report.crisis_id, SetAside.report_id == Report.id)
    return ~select(SetAside.report_id).where(*here, SetAside.retry_at > at).exists()


def set_aside(store: Store, crisis_id: int, report_id: uuid.UUID, error: Exception) -> None:
    """Note that a report could not be fused, and when it is tried again."""
    log.error("report set aside", crisis=crisis_id, report=str(report_id), problem=_problem(error))
    with store.write() as session:
        at = store.clock()
        row = session.get(SetAside, (crisis_id, report_id))
        if row is None:
            key = {"crisis_id": crisis_id, "report_id": report_id}
            row = SetAside(**key, problem="", attempts=0, since=at, retry_at=at)
            session.add(row)
        row.problem = _problem(error)
        row.retry_at = at + min(FIRST_WAIT * 2 ** min(row.attempts, MOST_DOUBLINGS), LONGEST_WAIT)
        row.attempts += 1


def let_go(store: Store, crisis_id: int, reports: Sequence[uuid.UUID]) -> None:
    """Forget the setbacks of reports that have been fused."""
    here = (SetAside.crisis_id == crisis_id, SetAside.report_id.in_(reports))
    with store.read() as session:
        if session.scalars(select(SetAside.report_id).where(*here).limit(1)).first() is None:
            return
    with store.write() as session:
        session.execute(delete(SetAside).where(*here))


def setbacks(session: Session, crisis_id: int) -> Sequence[SetAside]:
    """Return the reports that are set aside, the longest first."""
    query = select(SetAside).where(SetAside.crisis_id == crisis_id)
    return session.scalars(query.order_by(SetAside.since, SetAside.report_id)).all()


def _problem(error: Exception) -> str:
    """Return the kind of error and where it arose; its message might quote the report."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}"
