"""One incident in full, from the tables, so that people read what they wrote. Internal readers only."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.exchange.features import PROPERTIES, incident_feature, point
from mapper.exchange.stamps import stamp_of
from mapper.fusion.explain import in_words
from mapper.fusion.provenance import given_by
from mapper.fusion.service import links
from mapper.store.blindness import (
    hidden_assessments,
    shown_details,
    silent_assessors,
    visible_decisions,
    withheld_reasons,
)
from mapper.store.contents import ReportContent, open_contents
from mapper.store.custody import events_of
from mapper.store.keys import Keyring
from mapper.store.redaction import redacted, redacted_parts
from mapper.store.tables import Decision, Incident, IncidentReport, Medium, Redaction, Report, User

SAID = (  # what a report says apart from its sealed part
    "channel",
    "category",
    "sector",
    "asset",
    "damage_low",
    "damage_high",
    "damage_scale",
    "damage_value",
    "service_state",
    "needs",
    "people_affected",
    "language",
    "position_accuracy_m",
)


def incident_detail(
    session: Session, keys: Keyring, crisis_id: int, incident_id: uuid.UUID, asker_user_id: int | None
) -> dict[str, Any] | None:
    """Return an incident as a GeoJSON feature with its reports, evidence and history; None if there is none.

    `asker_user_id` is who reads it: an open round's assessments are shown to their authors alone. Contacts
    are never in it.
    """
    incident = session.get(Incident, (crisis_id, incident_id))
    if incident is None:
        return None
    feature = incident_feature(_values(incident))
    members = _members(session, crisis_id, incident_id)
    withheld = redacted_parts(session, crisis_id) if members else {}
    decisions = _decisions(session, crisis_id, incident_id)
    feature["properties"] |= {
        "damage_conflict": incident.damage_conflict,
        "repaired_at": _time(incident.repaired_at),
        "merged_into": str(incident.merged_into) if incident.merged_into else None,
        "conflicts": _conflicts(incident, members),
        "given_by": given_by(incident, [report for report, _ in members]),
        "linked": _linked(session, crisis_id, incident_id),
        "report_list": _reports(session, keys, members, withheld),
        "evidence": _evidence(session, members, withheld, silent_assessors(decisions, asker_user_id)),
        "history": _history(session, decisions, asker_user_id),
        "hidden_assessments": hidden_assessments(decisions, asker_user_id),
    }
    return feature


def _values(incident: Incident) -> dict[str, Any]:
    values = {name: getattr(incident, name) for name in (*PROPERTIES, "lon_e7", "lat_e7")}
    return values | {"id": str(incident.id), "area_codes": incident.area_codes or {}}


def _members(
    session: Session, crisis_id: int, incident_id: uuid.UUID
) -> Sequence[tuple[Report, IncidentReport]]:
    """Return the incident's reports, the oldest first, each with why it is here."""
    same = (Report.crisis_id == IncidentReport.crisis_id) & (Report.id == IncidentReport.report_id)
    query = (
        select(Report, IncidentReport)
        .join(IncidentReport, same)
        .where(IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == incident_id)
        .order_by(Report.received_at, Report.id)
    )
    return [(report, member) for report, member in session.execute(query)]


def _reports(
    session: Session,
    keys: Keyring,
    members: Sequence[tuple[Report, IncidentReport]],
    withheld: Mapping[uuid.UUID, frozenset[str]],
) -> list[dict[str, Any]]:
    contents = open_contents(session, keys, [report for report, _ in members])
    return [
        _report(report, contents.get(report.id, ReportContent()), withheld.get(report.id, frozenset()))
        | {"score": member.score, "why": member.why, "joined_at": _time(member.joined_at)}
        | {"why_in_words": in_words(member.why, report.asset, report.sector)}
        for report, member in members
    ]


def _report(report: Report, content: ReportContent, withheld: frozenset[str]) -> dict[str, Any]:
    shown = redacted(content, withheld)
    return {
        "id": str(report.id),
        "received_at": _time(report.received_at),
        "observed_at": _time(report.observed_at),
        "observed_until": _time(report.observed_until),
        **{name: getattr(report, name) for name in SAID},
        "position": point(report.lon_e7, report.lat_e7),
        "position_flag": report.position_flag,
        "text": shown.text,
        "location_text": shown.location_text,
        "source_url": shown.source_url,
        "claim_of": str(report.claim_of) if report.claim_of else None,
        "is_erased": report.erased_at is not None,
        "is_withdrawn": report.withdrawn_at is not None,
        "withheld": sorted(withheld),
    }


def _conflicts(incident: Incident, members: Sequence[tuple[Report, IncidentReport]]) -> list[dict[str, Any]]:
    """Return the fields whose reported values do not fit together, with what each report says."""
    if not incident.damage_conflict:
        return []
    values = [
        {"report": str(report.id), "damage_low": report.damage_low, "damage_high": report.damage_high}
        for report, _ in members
        if report.damage_low is not None
    ]
    return [{"field": "damage", "values": values}]


def _linked(session: Session, crisis_id: int, incident_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the incidents that may be the same, were struck at the same place, or are kept apart."""
    return [
        {
            "kind": link.kind,
            "incident": str(link.incident_id),
            "probability": link.probability,
            "why": link.why,
            "why_in_words": in_words(link.why),
        }
        for link in links(session, crisis_id, incident_id)
    ]


def _evidence(
    session: Session,
    members: Sequence[tuple[Report, IncidentReport]],
    withheld: Mapping[uuid.UUID, frozenset[str]],
    silent: Collection[int | None],
) -> list[dict[str, Any]]:
    if not members:
        return []
    crisis_id = members[0][0].crisis_id
    shown: dict[uuid.UUID, Report] = {}
    for report, _ in members:  # a claim shows what came with the report it was divided from
        owners = {report.id, report.claim_of or report.id}
        if not any("media" in withheld.get(owner, frozenset()) for owner in owners):
            shown |= dict.fromkeys(owners, report)
    media = session.scalars(
        select(Medium)
        .where(Medium.crisis_id == crisis_id, Medium.report_id.in_(shown))
        .order_by(Medium.report_id, Medium.position)
    ).all()
    redactions = _redactions(session, crisis_id, [medium.id for medium in media])
    custody = events_of(session, crisis_id, [medium.id for medium in media], silent)
    return [
        {
            "id": str(medium.id),
            "report": str(medium.report_id),
            "content_type": medium.content_type,
            "size": medium.size,
            "sha256": medium.sha256,
            "copy_type": medium.copy_type,
            "pages": medium.pages,
            "copy_is_cut": medium.copy_is_cut,
            **_copy(medium, redactions.get(medium.id)),
            "stamp": stamp_of(medium.stamp, shown[medium.report_id]),
            "custody": [event.as_json() for event in custody.get(medium.id, ())],
        }
        for medium in media
    ]


def _copy(medium: Medium, redaction: Redaction | None) -> dict[str, Any]:
    """Return how far the copy is that is shown: the latest redaction's, else the medium's own."""
    row: Medium | Redaction = redaction or medium
    return {
        "redaction": redaction.number if redaction else 0,
        "is_processed": row.processed_at is not None,
        "has_copy": row.copy_blob is not None,
        "problem": row.problem,
    }


def _redactions(session: Session, crisis_id: int, media: Collection[uuid.UUID]) -> dict[uuid.UUID, Redaction]:
    """Return each redacted medium's latest redaction, whose copy is the one that is shown."""
    if not media:
        return {}
    query = select(Redaction).where(Redaction.crisis_id == crisis_id, Redaction.medium_id.in_(media))
    return {item.medium_id: item for item in session.scalars(query.order_by(Redaction.number))}


def _decisions(session: Session, crisis_id: int, incident_id: uuid.UUID) -> Sequence[Decision]:
    query = select(Decision).where(Decision.crisis_id == crisis_id, Decision.incident_id == incident_id)
    return session.scalars(query.order_by(Decision.number)).all()


def _history(
    session: Session, decisions: Sequence[Decision], asker_user_id: int | None
) -> list[dict[str, Any]]:
    shown = visible_decisions(decisions, asker_user_id)
    waits = withheld_reasons(decisions, asker_user_id)
    people = {decision.actor_user_id for decision in shown}
    users = session.execute(select(User.id, User.email).where(User.id.in_(people)))
    emails = {user.id: user.email for user in users}
    return [
        {
            "number": decision.number,
            "kind": decision.kind,
            "effect": decision.effect,
            "decided_at": _time(decision.decided_at),
            "actor": emails.get(decision.actor_user_id),
            "reason": None if decision.number in waits else decision.reason,
            "state_before": decision.state_before,
            "state_after": decision.state_after,
            "details": shown_details(decision),
        }
        for decision in shown
    ]


def _time(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
