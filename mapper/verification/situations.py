"""Reads from the store what the rules need to know of an incident, under its lock."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.tables import Decision, Incident, IncidentReport, Report, User
from mapper.verification.rules import Situation, Taken, organisation_key
from mapper.vocabulary.states import Effect, Kind, State

NOT_CONTENT = frozenset(
    {"salt", "agreed", "confirms", "moved", "created", "gate_unmet", "claim_reports", "claim_incidents"}
)  # added by the service


def locked_incidents(session: Session, crisis_id: int, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Incident]:
    """Return incidents of a crisis by id, locked in one order so that two writers never wait in a ring."""
    query = select(Incident).where(Incident.crisis_id == crisis_id, Incident.id.in_(ids))
    rows = session.scalars(query.order_by(Incident.id).with_for_update())
    return {item.id: item for item in rows}


def decisions_of(session: Session, crisis_id: int, incident_id: uuid.UUID) -> list[Decision]:
    """Return the incident's decisions, the first one first."""
    query = select(Decision).where(Decision.crisis_id == crisis_id, Decision.incident_id == incident_id)
    return list(session.scalars(query.order_by(Decision.number)))


def report_ids(session: Session, crisis_id: int, incident_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the ids of the reports in an incident."""
    query = select(IncidentReport.report_id).where(
        IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == incident_id
    )
    return list(session.scalars(query.order_by(IncidentReport.joined_at, IncidentReport.report_id)))


def situation_of(session: Session, incident: Incident, decisions: Sequence[Decision]) -> Situation:
    """Return what the rules need to know of an incident and its open round."""
    senders = _senders(session, incident)
    open_round = [item for item in decisions if item.round == current_round(decisions)]
    return Situation(
        state=State(incident.status),
        merged=incident.merged_into is not None,
        needs_review=incident.needs_review,
        senders=senders,
        organisations=_organisations(session, senders),
        assessments=_assessments(open_round),
        proposals=[_taken(item) for item in _waiting(open_round)],
    )


def current_round(decisions: Sequence[Decision]) -> int:
    """Return the number of the open round: reopening starts the next, and so does leaving `verified`."""
    return 1 + sum(_starts_round(item) for item in decisions if item.effect == Effect.APPLIED)


def _starts_round(item: Decision) -> bool:
    return item.kind == Kind.REOPEN or item.state_before == State.VERIFIED != item.state_after


def _assessments(open_round: Sequence[Decision]) -> list[Taken]:
    """Return the assessments that still wait for one that agrees; none once the round has ended."""
    if any(item.kind == Kind.VERIFY and item.effect == Effect.APPLIED for item in open_round):
        return []
    given = [item for item in open_round if item.effect == Effect.ASSESSMENT]
    superseded = {item.details.get("supersedes") for item in given}
    return [_taken(item) for item in given if item.number not in superseded]


def _waiting(decisions: Sequence[Decision]) -> list[Decision]:
    """Return the proposals that still wait: what was applied of a kind closes its earlier proposals."""
    waiting: list[Decision] = []
    for item in decisions:
        if item.effect == Effect.APPLIED:
            waiting = [other for other in waiting if other.kind != item.kind]
        elif item.effect == Effect.PROPOSED:
            waiting.append(item)
    return waiting


def _taken(item: Decision) -> Taken:
    content = {name: value for name, value in item.details.items() if name not in NOT_CONTENT}
    return Taken(item.id, Kind(item.kind), item.actor_user_id, content, item.number)


def _senders(session: Session, incident: Incident) -> frozenset[int]:
    query = (
        select(Report.sender_user_id)
        .join(
            IncidentReport,
            (IncidentReport.crisis_id == Report.crisis_id) & (IncidentReport.report_id == Report.id),
        )
        .where(
            IncidentReport.crisis_id == incident.crisis_id,
            IncidentReport.incident_id == incident.id,
            Report.sender_user_id.is_not(None),
        )
    )
    return frozenset(int(user_id) for user_id in session.scalars(query) if user_id is not None)


def _organisations(session: Session, user_ids: frozenset[int]) -> frozenset[str]:
    if not user_ids:
        return frozenset()
    names = session.scalars(select(User.organisation).where(User.id.in_(user_ids)))
    return frozenset(organisation_key(name) for name in names if name)
