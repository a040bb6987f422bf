"""Checks what a decision names (another incident, reports, a time) against the store."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from mapper.store.keys import Keyring
from mapper.store.tables import Incident
from mapper.verification.dividing import check_whole, with_spans
from mapper.verification.refusals import DoesNotFit, FieldError, Invalid
from mapper.verification.schemas import WRONG_INPUT, Order
from mapper.verification.situations import report_ids
from mapper.vocabulary.states import Kind, State
from mapper.vocabulary.text import N_

CLOSED = frozenset({State.FALSE, State.RETRACTED})


def check_references(
    session: Session, keys: Keyring, incident: Incident, order: Order, at: datetime
) -> Order:
    """Return the order with what it leaves open filled in; raises Invalid or DoesNotFit."""
    match order.kind:
        case Kind.MERGE:
            _check_target(session, incident, uuid.UUID(order.content["into"]))
        case Kind.KEEP_APART:
            _check_other(session, incident, uuid.UUID(order.content["other"]))
        case Kind.SPLIT:
            _check_reports(session, incident, order.content["reports"], may_be_all=False)
        case Kind.DIVIDE:
            return with_spans(session, keys, incident, order)
        case Kind.REJOIN:
            check_whole(session, incident, order)
        case Kind.REDACT:
            return _with_reports(session, incident, order)
        case Kind.REPAIR:
            _check_repaired(order, at)
        case _:
            pass
    return order


def _check_target(session: Session, incident: Incident, into: uuid.UUID) -> None:
    if into == incident.id:
        raise _invalid("/into", N_("An incident cannot be merged into itself."))
    target = session.get(Incident, (incident.crisis_id, into))
    if target is None:
        raise _invalid("/into", N_("There is no such incident in this crisis."))
    if target.merged_into is not None:
        raise _invalid("/into", N_("That incident was itself merged into another; name that one."))
    if State(target.status) in CLOSED:
        raise DoesNotFit(N_("The other incident was rejected or retracted; nothing can be merged into it."))


def _check_other(session: Session, incident: Incident, other_id: uuid.UUID) -> None:
    if other_id == incident.id:
        raise _invalid("/other", N_("An incident cannot be kept apart from itself."))
    other = session.get(Incident, (incident.crisis_id, other_id))
    if other is None:
        raise _invalid("/other", N_("There is no such incident in this crisis."))
    if other.merged_into is not None:
        raise _invalid("/other", N_("That incident was itself merged into another; name that one."))


def _check_reports(session: Session, incident: Incident, named: list[str], *, may_be_all: bool) -> None:
    held = {str(report_id) for report_id in report_ids(session, incident.crisis_id, incident.id)}
    if not held.issuperset(named):
        raise _invalid("/reports", N_("Name only reports that are in this incident."))
    if not may_be_all and held == set(named):
        raise _invalid("/reports", N_("Leave at least one report in the incident."))


def _with_reports(session: Session, incident: Incident, order: Order) -> Order:
    named = order.content["reports"]
    if named is None:
        named = sorted(map(str, report_ids(session, incident.crisis_id, incident.id)))
        return replace(order, content=order.content | {"reports": named})
    _check_reports(session, incident, named, may_be_all=True)
    return order


def _check_repaired(order: Order, at: datetime) -> None:
    repaired_at = order.content.get("repaired_at")
    if repaired_at is not None and datetime.fromisoformat(repaired_at) > at:
        raise _invalid("/repaired_at", N_("A repair in the future has not happened yet."))


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(WRONG_INPUT, [FieldError(pointer, message)])
