"""A medium as its custody page shows it: which case it belongs to, and whose words wait."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from mapper.store.blindness import silent_assessors
from mapper.store.originals import readable_medium
from mapper.store.tables import IncidentReport, Medium
from mapper.verification.situations import decisions_of


@dataclass(frozen=True)
class Held:
    """A medium, its incident, and the people whose reasons the reader may not see yet."""

    medium: Medium
    incident_id: uuid.UUID | None
    silent: frozenset[int | None]


def held_medium(
    session: Session, crisis_id: int, medium_id: uuid.UUID, asker_user_id: int | None
) -> Held | None:
    """Return a medium for a reader; None where there is none, it is withheld, or it was erased."""
    medium = readable_medium(session, crisis_id, medium_id)
    if medium is None:
        return None
    member = session.get(IncidentReport, (crisis_id, medium.report_id))
    if member is None:
        return Held(medium, None, frozenset())
    decisions = decisions_of(session, crisis_id, member.incident_id)
    return Held(medium, member.incident_id, silent_assessors(decisions, asker_user_id))
