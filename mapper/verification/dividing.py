"""Dividing: a report that tells of several places becomes several claims, each a report of its own.

A claim holds the words it stands on, sealed under its own key, and keeps its report's sender, time of
receipt and fingerprints: however many incidents it is spread over, it is one source and one origin.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.fusion import service as fusion
from mapper.fusion.fields import CONCLUDED
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.preparing import prepare
from mapper.store.bulk import insert_rows
from mapper.store.contents import ReportContent, open_contents
from mapper.store.keys import Keyring
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, IncidentReport, LedgerEntry, Report, ReportKey
from mapper.verification.refusals import DoesNotFit, FieldError, Invalid
from mapper.verification.schemas import WRONG_INPUT, Order
from mapper.verification.situations import report_ids
from mapper.vocabulary.text import N_


def with_spans(session: Session, keys: Keyring, incident: Incident, order: Order) -> Order:
    """Return an order to divide with each claim's words as their place in the report's text.

    Decisions are kept in the clear, so no words of a report may stand in them. Raises Invalid.
    """
    report = _report_in(session, incident, order)
    if report.claim_of is not None:
        raise _invalid("/report", N_("This is a claim already; put its report together again first."))
    said = open_contents(session, keys, [report]).get(report.id)
    if said is None:
        raise _invalid("/report", N_("This report was erased."))
    claims = []
    for claim in order.content["claims"]:
        start, end = _span(said.text, claim["words"])
        rest = {name: value for name, value in claim.items() if name != "words"}
        claims.append(rest | {"start": start, "end": end})
    return replace(order, content=order.content | {"claims": claims})


def check_whole(session: Session, incident: Incident, order: Order) -> None:
    """Check that a report was divided, that this incident holds one of its claims and none is concluded."""
    crisis_id, whole = incident.crisis_id, uuid.UUID(order.content["report"])
    claims = fusion.claims_of(session, crisis_id, whole)
    if not set(claims) & set(report_ids(session, crisis_id, incident.id)):
        raise _invalid("/report", N_("Name a report whose claim is in this incident."))
    seat = (Incident.crisis_id == IncidentReport.crisis_id) & (Incident.id == IncidentReport.incident_id)
    query = select(Incident.status).join(IncidentReport, seat)
    elsewhere = (IncidentReport.report_id.in_(claims), Incident.id != incident.id)
    states = session.scalars(query.where(IncidentReport.crisis_id == crisis_id, *elsewhere))
    if any(state in CONCLUDED for state in states):
        raise DoesNotFit(N_("A claim of this report is in an incident that is concluded; reopen that first."))


def divide(
    store: Store,
    session: Session,
    incident: Incident,
    content: dict[str, Any],
    decision_id: uuid.UUID,
    at: datetime,
) -> dict[str, Any]:
    """Make the claims and seat them; return the ids of their reports and incidents."""
    crisis = session.get_one(Crisis, incident.crisis_id)
    report = session.get_one(Report, (crisis.id, uuid.UUID(content["report"])))
    said = open_contents(session, store.keys, [report])[report.id]
    claims = [_made(store, session, crisis, report, said, claim) for claim in content["claims"]]
    session.expire_all()  # rows were added beside the session
    found = fusion.divide(session, store.keys, crisis.id, incident.id, report.id, claims, decision_id, at)
    return {"claim_reports": list(map(str, claims)), "claim_incidents": list(map(str, found))}


def _made(
    store: Store,
    session: Session,
    crisis: Crisis,
    report: Report,
    said: ReportContent,
    claim: dict[str, Any],
) -> uuid.UUID:
    observed = datetime.fromisoformat(claim["observed_at"]) if claim["observed_at"] else None
    draft = ReportDraft(
        text=said.text[claim["start"] : claim["end"]],
        source_url=said.source_url,
        contact=said.contact,
        raw={"claim_of": str(report.id), "start": claim["start"], "end": claim["end"]},
        observed_at=observed or report.observed_at,
        observed_until=None if observed else report.observed_until,
        channel=report.channel,
        longitude=claim["longitude"],
        latitude=claim["latitude"],
        position_accuracy_m=claim["position_accuracy_m"],
        category=claim["asset"],
        damage_low=claim["damage_low"],
        damage_high=claim["damage_high"],
        language=report.language,
        consent=report.consent,
        received_at=report.received_at,
    )
    made = prepare(store, crisis, draft, Sender(report.sender_key, report.sender_user_id))
    row = made.report | {"claim_of": report.id, "text_fingerprint": report.text_fingerprint}
    connection = session.connection()
    for table, rows in ((Report, row), (ReportKey, made.key), (LedgerEntry, made.entry)):
        insert_rows(connection, table, [rows])
    return uuid.UUID(str(row["id"]))


def _report_in(session: Session, incident: Incident, order: Order) -> Report:
    wanted = uuid.UUID(order.content["report"])
    if wanted not in report_ids(session, incident.crisis_id, incident.id):
        raise _invalid("/report", N_("Name only reports that are in this incident."))
    return session.get_one(Report, (incident.crisis_id, wanted))


def _span(text: str, words: str) -> tuple[int, int]:
    """Return where the words stand in the text, however the white space between them was typed."""
    found = re.search(r"\s+".join(map(re.escape, words.split())), text)
    if found is None:
        raise _invalid("/claims", N_("Copy the words of each claim from the report as they stand there."))
    return found.span()


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(WRONG_INPUT, [FieldError(pointer, message)])
