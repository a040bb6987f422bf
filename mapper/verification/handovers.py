"""Handover: what one shift leaves to the next, with the cases that are in hand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mapper.store.store import Store
from mapper.store.tables import Claim, Handover, User
from mapper.verification.claims import held_by
from mapper.verification.refusals import DoesNotFit
from mapper.vocabulary.text import N_

LONGEST = 4_000
SHOWN = 10


@dataclass(frozen=True)
class Left:
    """A handover as the next shift reads it."""

    author: str
    left_at: datetime
    note: str
    incidents: list[uuid.UUID]


def hand_over(store: Store, crisis_id: int, user_id: int, note: str) -> int:
    """Leave a note with the cases one holds, and release them; return how many. Raises DoesNotFit."""
    note = note.replace("\0", "").strip()
    if not 0 < len(note) <= LONGEST:
        raise DoesNotFit(N_("Write a note of at most %(count)s characters."), count=LONGEST)
    with store.write() as session:
        at = store.clock()
        held = held_by(session, crisis_id, user_id, at)
        session.execute(delete(Claim).where(Claim.crisis_id == crisis_id, Claim.user_id == user_id))
        session.add(
            Handover(
                crisis_id=crisis_id,
                id=uuid.uuid4(),
                author_user_id=user_id,
                left_at=at,
                note=note,
                incidents=[str(incident_id) for incident_id in held],
            )
        )
        return len(held)


def latest(session: Session, crisis_id: int) -> list[Left]:
    """Return the newest handovers."""
    query = (
        select(Handover, User.email)
        .join(User, User.id == Handover.author_user_id, isouter=True)
        .where(Handover.crisis_id == crisis_id)
        .order_by(Handover.left_at.desc(), Handover.id)
        .limit(SHOWN)
    )
    return [
        Left(email or "", item.left_at, item.note, [uuid.UUID(text) for text in item.incidents])
        for item, email in session.execute(query)
    ]
