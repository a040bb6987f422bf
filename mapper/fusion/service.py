"""What fusion does to incidents: derive their fields again, and carry out what people decide."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from mapper.fusion.aggregate import aggregate
from mapper.fusion.fields import fields_of
from mapper.fusion.links import FOLLOWED_BY, FOLLOWS, KEPT_APART, MAYBE_SAME
from mapper.fusion.members import Member, Members, portions, with_accuracy
from mapper.fusion.neighbourhood import Crowds
from mapper.fusion.seats import incidents_of
from mapper.store.keys import Keyring
from mapper.store.tables import (
    Decision,
    Incident,
    IncidentIdentity,
    IncidentLink,
    IncidentReport,
    LinkageKey,
    Report,
)

DECIDED: dict[str, Any] = {"kind": "decision"}


def recompute(session: Session, keys: Keyring, crisis_id: int, incident_id: uuid.UUID, at: datetime) -> None:
    """Derive an incident's fields again from its reports and from what people decided of it.

    A concluded incident only counts its reports anew and is flagged where there are more of them.
    """
    incident = session.get_one(Incident, (crisis_id, incident_id))
    members = Members(keys, crisis_id).read(session, _reports(session, crisis_id, incident_id))
    fields: dict[str, Any] = {"reports": 0, "sources": 0, "origins": 0}
    if members:
        fields = _fields(session, incident, members)
    for name, value in fields.items():
        setattr(incident, name, value)
    incident.version += 1
    incident.changed_at = at


def merge(
    session: Session,
    keys: Keyring,
    crisis_id: int,
    from_id: uuid.UUID,
    into_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> list[uuid.UUID]:
    """Move every report of one incident into another; the emptied one becomes a signpost to it.

    Returns the ids of the moved reports. All reports of both stay as the person put them.
    """
    moved = [report.id for report in _reports(session, crisis_id, from_id)]
    staying = [report.id for report in _reports(session, crisis_id, into_id)]
    _place(session, crisis_id, moved, into_id, decision_id, at)
    _hold(session, crisis_id, staying, decision_id)
    session.get_one(Incident, (crisis_id, from_id)).merged_into = into_id
    _forget_links(session, crisis_id, from_id)
    session.flush()
    look_again(session, crisis_id, into_id)
    recompute(session, keys, crisis_id, from_id, at)
    recompute(session, keys, crisis_id, into_id, at)
    return moved


def split(
    session: Session,
    keys: Keyring,
    crisis_id: int,
    incident_id: uuid.UUID,
    report_ids: Sequence[uuid.UUID],
    decision_id: uuid.UUID,
    at: datetime,
) -> uuid.UUID:
    """Move some reports of an incident into a new one and return its id; both stay as the person put them."""
    created = _new_incident(session, crisis_id, at)
    leaving = set(report_ids)
    staying = [one.id for one in _reports(session, crisis_id, incident_id) if one.id not in leaving]
    _place(session, crisis_id, report_ids, created, decision_id, at)
    _hold(session, crisis_id, staying, decision_id)
    _part(session, crisis_id, incident_id, created, decision_id, at)
    session.flush()
    for one in (incident_id, created):
        look_again(session, crisis_id, one)
        recompute(session, keys, crisis_id, one, at)
    return created


def divide(
    session: Session,
    keys: Keyring,
    crisis_id: int,
    incident_id: uuid.UUID,
    report_id: uuid.UUID,
    claims: Sequence[uuid.UUID],
    decision_id: uuid.UUID,
    at: datetime,
) -> list[uuid.UUID]:
    """Let claims speak for a report: the first takes its seat, each other one founds an incident.

    Returns the incidents in the claims' order. They are held apart, as the person said.
    """
    _unseat(session, crisis_id, [report_id])
    _inherit(session, crisis_id, report_id, claims[0])
    whole = session.get_one(Report, (crisis_id, report_id))
    whole.divided_by, whole.fused_at = decision_id, at
    found = [incident_id, *(_new_incident(session, crisis_id, at) for _ in claims[1:])]
    for claim, one in zip(claims, found, strict=True):
        _seat(session, crisis_id, claim, one, decision_id, at)
    for one, other in combinations(found, 2):
        _part(session, crisis_id, one, other, decision_id, at)
    session.flush()
    for one in found:
        look_again(session, crisis_id, one)
        recompute(session, keys, crisis_id, one, at)
    return found


def rejoin(
    session: Session,
    keys: Keyring,
    crisis_id: int,
    incident_id: uuid.UUID,
    report_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> None:
    """Undo `divide`: the whole report sits in the incident, its claims nowhere.

    An incident that loses its last report by it becomes a signpost to this one.
    """
    claims = claims_of(session, crisis_id, report_id)
    left = set(incidents_of(session, crisis_id, claims)) - {incident_id}
    _unseat(session, crisis_id, claims)
    here = (Report.crisis_id == crisis_id, Report.id.in_(claims))
    gone = {"withdrawn_at": at, "withdrawn_by": decision_id, "fused_at": at}
    session.execute(update(Report).where(*here).values(gone))
    for claim in claims:
        _inherit(session, crisis_id, claim, report_id, incident_id)
    whole = session.get_one(Report, (crisis_id, report_id))
    whole.divided_by = None
    _seat(session, crisis_id, report_id, incident_id, decision_id, at)
    for one in sorted(left):
        if not _reports(session, crisis_id, one):
            session.get_one(Incident, (crisis_id, one)).merged_into = incident_id
            _forget_links(session, crisis_id, one)
    session.flush()
    for one in (incident_id, *sorted(left)):
        look_again(session, crisis_id, one)
        recompute(session, keys, crisis_id, one, at)


def claims_of(session: Session, crisis_id: int, report_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the claims that speak for a report now."""
    here = (Report.crisis_id == crisis_id, Report.claim_of == report_id, Report.withdrawn_at.is_(None))
    return session.scalars(select(Report.id).where(*here).order_by(Report.id)).all()


def _unseat(session: Session, crisis_id: int, reports: Sequence[uuid.UUID]) -> None:
    for table in (IncidentReport, LinkageKey):
        here = (table.crisis_id == crisis_id, table.report_id.in_(reports))
        session.execute(delete(table).where(*here))


def _inherit(
    session: Session,
    crisis_id: int,
    from_id: uuid.UUID,
    heir: uuid.UUID,
    incident_id: uuid.UUID | None = None,
) -> None:
    """Let another report stand for the incident that one founded, so that a rebuild finds its id."""
    identity = session.get(IncidentIdentity, (crisis_id, from_id))
    if identity is None or (incident_id is not None and identity.incident_id != incident_id):
        return
    session.delete(identity)
    if session.get(IncidentIdentity, (crisis_id, heir)) is None:
        session.add(IncidentIdentity(crisis_id=crisis_id, report_id=heir, incident_id=identity.incident_id))
    session.flush()


def _seat(
    session: Session,
    crisis_id: int,
    report_id: uuid.UUID,
    incident_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> None:
    key = {"crisis_id": crisis_id, "report_id": report_id, "incident_id": incident_id}
    session.add(IncidentReport(**key, score=None, why=DECIDED, decision_id=decision_id, joined_at=at))


def keep_apart(
    session: Session,
    crisis_id: int,
    incident_id: uuid.UUID,
    other_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> None:
    """Hold two incidents apart: fusion neither joins them nor proposes them again."""
    for one in (incident_id, other_id):
        here = (IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == one)
        free = session.scalars(
            select(IncidentReport.report_id).where(*here, IncidentReport.decision_id.is_(None))
        )
        _hold(session, crisis_id, free.all(), decision_id)
        look_again(session, crisis_id, one)
    _part(session, crisis_id, incident_id, other_id, decision_id, at)


def look_again(session: Session, crisis_id: int, incident_id: uuid.UUID) -> None:
    """Let fusion look at an incident's reports again: what people decided may move their neighbours."""
    sitting = select(IncidentReport.report_id).where(
        IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == incident_id
    )
    mine = (LinkageKey.crisis_id == crisis_id, LinkageKey.report_id.in_(sitting))
    session.execute(delete(LinkageKey).where(*mine))
    here = (Report.crisis_id == crisis_id, Report.id.in_(sitting), Report.fused_at.is_not(None))
    session.execute(update(Report).where(*here).values(fused_at=None))


def _part(
    session: Session,
    crisis_id: int,
    incident_id: uuid.UUID,
    other_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> None:
    low, high = sorted((incident_id, other_id))
    key = {"crisis_id": crisis_id, "incident_id": low, "other_id": high}
    proposal = session.get(IncidentLink, (crisis_id, low, high, MAYBE_SAME))
    if proposal is not None:
        session.delete(proposal)
    if session.get(IncidentLink, (crisis_id, low, high, KEPT_APART)) is None:
        why = {"kind": KEPT_APART}
        session.add(IncidentLink(**key, kind=KEPT_APART, why=why, decision_id=decision_id, linked_at=at))


def _forget_links(session: Session, crisis_id: int, incident_id: uuid.UUID) -> None:
    either = or_(IncidentLink.incident_id == incident_id, IncidentLink.other_id == incident_id)
    derived = (IncidentLink.crisis_id == crisis_id, IncidentLink.kind != KEPT_APART)
    session.execute(delete(IncidentLink).where(*derived, either))


def _fields(session: Session, incident: Incident, members: Sequence[Member]) -> dict[str, Any]:
    crisis_id = incident.crisis_id
    accuracies = Crowds(session, crisis_id).around(members).accuracy_m.tolist()
    decisions = session.scalars(
        select(Decision).where(Decision.crisis_id == crisis_id, Decision.incident_id == incident.id)
    )
    return fields_of(aggregate(map(with_accuracy, members, accuracies)), incident, decisions.all())


def _new_incident(session: Session, crisis_id: int, at: datetime) -> uuid.UUID:
    """Add an incident that has no report yet and return its id."""
    times = {"first_reported_at": at, "last_reported_at": at, "changed_at": at}
    empty: dict[str, Any] = {"sector": "unknown", "needs": [], "version": 0, "reports": 0}
    incident = Incident(crisis_id=crisis_id, id=uuid.uuid4(), status="new", **times, **empty)
    session.add(incident)
    session.flush()
    return incident.id


def _reports(session: Session, crisis_id: int, incident_id: uuid.UUID) -> Sequence[Report]:
    same = (IncidentReport.crisis_id == Report.crisis_id) & (IncidentReport.report_id == Report.id)
    query = (
        select(Report)
        .join(IncidentReport, same)
        .where(IncidentReport.crisis_id == crisis_id, IncidentReport.incident_id == incident_id)
        .order_by(Report.received_at, Report.id)
    )
    return session.scalars(query).all()


def _place(
    session: Session,
    crisis_id: int,
    report_ids: Sequence[uuid.UUID],
    incident_id: uuid.UUID,
    decision_id: uuid.UUID,
    at: datetime,
) -> None:
    seat = {"incident_id": incident_id, "decision_id": decision_id, "joined_at": at}
    for some in portions(report_ids):
        here = (IncidentReport.crisis_id == crisis_id, IncidentReport.report_id.in_(some))
        session.execute(update(IncidentReport).where(*here).values(**seat, score=None, why=DECIDED))


def _hold(session: Session, crisis_id: int, report_ids: Sequence[uuid.UUID], decision_id: uuid.UUID) -> None:
    for some in portions(report_ids):
        here = (IncidentReport.crisis_id == crisis_id, IncidentReport.report_id.in_(some))
        session.execute(update(IncidentReport).where(*here).values(decision_id=decision_id))


@dataclass(frozen=True)
class Link:
    """What joins an incident to another one.

    `kind`: `maybe_same` (judge whether both are one), `follows` (a later strike at the place of the other),
    `followed_by`, or `kept_apart` (a person said that they are two).
    """

    kind: str
    incident_id: uuid.UUID  # the other one
    probability: float | None  # mean over their reports, that both are the same damage
    why: dict[str, Any]


def links(session: Session, crisis_id: int, incident_id: uuid.UUID) -> list[Link]:
    """Return what joins an incident to others, the likeliest to be the same first."""
    either = or_(IncidentLink.incident_id == incident_id, IncidentLink.other_id == incident_id)
    rows = session.scalars(select(IncidentLink).where(IncidentLink.crisis_id == crisis_id, either)).all()
    found = [_link_of(row, incident_id) for row in rows]
    return sorted(found, key=lambda link: (-(link.probability or 0.0), link.kind, link.incident_id))


def proposals(session: Session, crisis_id: int, incident_id: uuid.UUID) -> list[Link]:
    """Return the incidents of which a verifier should say whether they are the same damage as this one.

    `merge` joins the two, `keep_apart` answers that they are two.
    """
    return [link for link in links(session, crisis_id, incident_id) if link.kind == MAYBE_SAME]


def count_proposals(session: Session, crisis_id: int) -> dict[uuid.UUID, int]:
    """Return how many proposals wait, by incident; each counts with both of its incidents."""
    here = (IncidentLink.crisis_id == crisis_id, IncidentLink.kind == MAYBE_SAME)
    pairs = session.execute(select(IncidentLink.incident_id, IncidentLink.other_id).where(*here))
    return dict(Counter(one for pair in pairs for one in pair))


def _link_of(row: IncidentLink, incident_id: uuid.UUID) -> Link:
    is_first = row.incident_id == incident_id
    kind = FOLLOWED_BY if row.kind == FOLLOWS and not is_first else row.kind
    return Link(kind, row.other_id if is_first else row.incident_id, row.probability, row.why)
