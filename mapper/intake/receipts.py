"""What became of a report, for the person who holds its receipt code.

The answer is a function of the newest public release and of what was decided before it, so that asking
again and again between two releases never tells when somebody looked at a report.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.snapshots import latest
from mapper.store.store import Store
from mapper.store.tables import Crisis, Decision, IncidentReport, ReleaseMember, Report
from mapper.vocabulary.states import Effect, State

RECEIPT_DIGITS = 16
# How much later than its decision a report is called closed, where the release does not count it.
# In conflict no shorter than the longest embargo there (field notes, section 1, rule 1).
LONGEST_EMBARGO = timedelta(days=7)

FateState = Literal["received", "in_review", "closed"]
CLOSED = {State.VERIFIED, State.FALSE, State.UNVERIFIABLE, State.RETRACTED, State.OVERRIDE}


@dataclass(frozen=True)
class Fate:
    """What became of a report as of the newest release; `as_of` is None before the first one."""

    state: FateState
    crisis: Crisis
    as_of: datetime | None


def digits_of(text: str) -> str | None:
    """Return the 16 digits of a code however it was grouped or in whichever digits it was written."""
    digits = "".join(
        str(unicodedata.digit(sign)) for sign in text if unicodedata.digit(sign, None) is not None
    )
    strange = any(not sign.isspace() and sign not in "-–." and not sign.isdigit() for sign in text)
    return digits if len(digits) == RECEIPT_DIGITS and not strange else None


def fate_of(store: Store, receipt: str) -> Fate | None:
    """Return what became of the report of a receipt code; None where no report has it."""
    with store.read() as session:
        report = session.scalars(
            select(Report).where(Report.receipt_hash == store.keys.receipt_hash(receipt))
        ).first()
        if report is None:
            return None
        crisis = session.get_one(Crisis, report.crisis_id)
        release = latest(session, crisis.id, "public")
        if release is None or crisis.blanked_at is not None:
            return Fate("received", crisis, None)
        return Fate(_state(session, crisis, report, release.data_until), crisis, release.data_until)


def _state(session: Session, crisis: Crisis, report: Report, as_of: datetime) -> FateState:
    if report.received_at > as_of:
        return "received"
    incident_id = _incident_at(session, report, as_of)
    if incident_id is None:
        return "received"
    decisions = _decisions_until(session, crisis.id, incident_id, as_of)
    if not decisions:
        return "received"
    newest = decisions[-1]
    if newest.state_after not in CLOSED:
        return "in_review"
    is_counted = session.get(ReleaseMember, (crisis.id, incident_id)) is not None
    is_late_enough = newest.decided_at + _delay(crisis) <= as_of
    return "closed" if is_counted or is_late_enough else "in_review"


def _incident_at(session: Session, report: Report, as_of: datetime) -> uuid.UUID | None:
    """Return the incident that held the report then: what a person moved later had come from elsewhere."""
    row = session.get(IncidentReport, (report.crisis_id, report.id)) or _seat_of_claim(session, report)
    if row is None:
        return None
    if row.joined_at > as_of and row.decision_id is not None:
        decision = session.get(Decision, (report.crisis_id, row.decision_id))
        return decision.incident_id if decision else row.incident_id
    return row.incident_id


def _seat_of_claim(session: Session, report: Report) -> IncidentReport | None:
    """Return the seat of the first claim of a report that a person divided."""
    if report.divided_by is None:
        return None
    same = (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id)
    mine = (Report.crisis_id == report.crisis_id, Report.claim_of == report.id)
    return session.scalars(select(IncidentReport).join(Report, same).where(*mine).order_by(Report.id)).first()


def _decisions_until(
    session: Session, crisis_id: int, incident_id: uuid.UUID, as_of: datetime
) -> Sequence[Decision]:
    """Return what was decided, in order; a proposal that waits for a second person is not yet decided."""
    return session.scalars(
        select(Decision)
        .where(
            Decision.crisis_id == crisis_id,
            Decision.incident_id == incident_id,
            Decision.decided_at <= as_of,
            Decision.effect != Effect.PROPOSED,
        )
        .order_by(Decision.number)
    ).all()


def _delay(crisis: Crisis) -> timedelta:
    embargo = timedelta(hours=crisis.embargo_hours)
    return max(embargo, LONGEST_EMBARGO) if crisis.mode == "conflict" else embargo
