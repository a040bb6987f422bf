"""Claims: who works on an incident just now, so that two people do not do the same work twice.

A claim is a lock with an end: after CLAIM_TIME it holds nothing, whether its owner came back or not. It
holds decisions of others off, except a redaction, which protects somebody and cannot wait.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mapper.store.store import Store
from mapper.store.tables import Claim, Incident, User
from mapper.verification.refusals import DoesNotFit, NoSuchIncident
from mapper.verification.rules import Actor
from mapper.verification.situations import locked_incidents
from mapper.vocabulary.states import Kind
from mapper.vocabulary.text import N_

CLAIM_TIME = timedelta(minutes=20)
MAY_FREE = frozenset({"coordinator", "admin"})  # may end somebody else's claim: it gives no right to decide
NOT_HELD_OFF = frozenset({Kind.REDACT})


@dataclass(frozen=True)
class Holder:
    """Who holds an incident until when."""

    user_id: int
    email: str
    until: datetime


def claim(store: Store, crisis_id: int, incident_id: uuid.UUID, user_id: int) -> datetime:
    """Claim an incident, perhaps anew; return when that ends. Raises DoesNotFit or NoSuchIncident."""
    with store.write() as session:
        at = store.clock()
        if incident_id not in locked_incidents(session, crisis_id, [incident_id]):
            raise NoSuchIncident(N_("There is no such incident in this crisis."))
        check_free(session, crisis_id, incident_id, user_id, at)
        until = at + CLAIM_TIME
        session.merge(
            Claim(
                crisis_id=crisis_id,
                incident_id=incident_id,
                user_id=user_id,
                claimed_at=at,
                expires_at=until,
            )
        )
        return until


def release(store: Store, crisis_id: int, incident_id: uuid.UUID, actor: Actor) -> None:
    """End a claim: one's own, or as a coordinator anybody's. Nothing happens where there is none."""
    with store.write() as session:
        gone = delete(Claim).where(Claim.crisis_id == crisis_id, Claim.incident_id == incident_id)
        if not actor.roles & MAY_FREE:
            gone = gone.where(Claim.user_id == actor.user_id)
        session.execute(gone)


def check_free(session: Session, crisis_id: int, incident_id: uuid.UUID, user_id: int, at: datetime) -> None:
    """Raise DoesNotFit where somebody else holds the incident."""
    found = holders(session, crisis_id, [incident_id], at).get(incident_id)
    if found is not None and found.user_id != user_id:
        raise DoesNotFit(
            N_("%(person)s has claimed it until %(time)s UTC. Wait, or ask them to release it."),
            person=found.email,
            time=found.until.strftime("%H:%M"),
        )


def settle(session: Session, incident: Incident, user_id: int) -> None:
    """End a person's claim on an incident that they have decided."""
    session.execute(
        delete(Claim).where(
            Claim.crisis_id == incident.crisis_id,
            Claim.incident_id == incident.id,
            Claim.user_id == user_id,
        )
    )


def holders(
    session: Session, crisis_id: int, incident_ids: Collection[uuid.UUID], at: datetime
) -> Mapping[uuid.UUID, Holder]:
    """Return who holds which of the incidents."""
    rows = session.execute(
        select(Claim.incident_id, Claim.user_id, User.email, Claim.expires_at)
        .join(User, User.id == Claim.user_id, isouter=True)
        .where(Claim.crisis_id == crisis_id, Claim.incident_id.in_(incident_ids), Claim.expires_at > at)
    )
    return {row.incident_id: Holder(row.user_id, row.email or "", row.expires_at) for row in rows}


def held_by(session: Session, crisis_id: int, user_id: int, at: datetime) -> list[uuid.UUID]:
    """Return the incidents a person holds, the one that ends first at the front."""
    query = select(Claim.incident_id).where(
        Claim.crisis_id == crisis_id, Claim.user_id == user_id, Claim.expires_at > at
    )
    return list(session.scalars(query.order_by(Claim.expires_at, Claim.incident_id)))
