"""A verifier adds evidence to a case: sealed under the key of one of its reports, received like any other."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapper.intake.drafts import DraftMedium
from mapper.store import custody
from mapper.store.custody import Act
from mapper.store.keys import seal
from mapper.store.originals import secret_of
from mapper.store.store import Store
from mapper.store.tables import IncidentReport, Medium
from mapper.verification.refusals import NoSuchIncident
from mapper.vocabulary.text import N_

NO_REPORT = N_("That report is not of this incident, or was erased.")


def add_evidence(
    store: Store,
    crisis_id: int,
    incident_id: uuid.UUID,
    report_id: uuid.UUID,
    media: Sequence[DraftMedium],
    user_id: int,
    reason: str,
) -> list[uuid.UUID]:
    """Seal media beside a report's own; return their ids. A report's commitment stays that of its sender.

    Raises NoSuchIncident where the report is not of the incident or was erased. Erasing it erases these too.
    """
    with store.read() as session:
        _check(session, crisis_id, incident_id, report_id)
        secret = secret_of(store, session, crisis_id, report_id)
    if secret is None:
        raise NoSuchIncident(NO_REPORT)
    blobs = [store.blobs.put(seal(secret, medium.data, report_id)) for medium in media]
    with store.write() as session:
        _check(session, crisis_id, incident_id, report_id)
        is_erased = secret_of(store, session, crisis_id, report_id) is None
        first = _next_position(session, crisis_id, report_id)
        rows = [
            Medium(
                crisis_id=crisis_id,
                id=uuid.uuid4(),
                report_id=report_id,
                position=first + number,
                sha256=medium.sha256,
                content_type=medium.content_type,
                size=len(medium.data),
                blob=blob,
                stamp=medium.stamp.as_json() if medium.stamp else None,
                added_by=user_id,
            )
            for number, (medium, blob) in enumerate(zip(media, blobs, strict=True))
        ]
        for row in [] if is_erased else rows:
            session.add(row)
            custody.record(session, row, Act.RECEIVED, user_id, reason, store.clock(), channel="desk")
    if is_erased:
        for blob in blobs:
            store.blobs.delete(blob)
        raise NoSuchIncident(NO_REPORT)
    return [row.id for row in rows]


def _check(session: Session, crisis_id: int, incident_id: uuid.UUID, report_id: uuid.UUID) -> None:
    member = session.get(IncidentReport, (crisis_id, report_id))
    if member is None or member.incident_id != incident_id:
        raise NoSuchIncident(NO_REPORT)


def _next_position(session: Session, crisis_id: int, report_id: uuid.UUID) -> int:
    mine = (Medium.crisis_id == crisis_id, Medium.report_id == report_id)
    last = session.scalar(select(func.max(Medium.position)).where(*mine))
    return 0 if last is None else last + 1
