"""Opening sealed media: the one place where an original or a copy is unsealed.

Nobody opens an original without a reason, and each opening is in the custody log before the bytes leave.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store import custody
from mapper.store.custody import Act
from mapper.store.keys import ReportSecret, unseal
from mapper.store.redaction import redacted_parts
from mapper.store.store import Store
from mapper.store.tables import Medium, ReportKey


@dataclass(frozen=True)
class Opened:
    """An original as it arrived, and the row that describes it."""

    medium: Medium
    data: bytes


def readable_medium(session: Session, crisis_id: int, medium_id: uuid.UUID) -> Medium | None:
    """Return a medium that may be read; None where there is none, it is withheld, or it was erased."""
    medium = session.get(Medium, (crisis_id, medium_id))
    if medium is None or medium.blob is None:
        return None
    return None if "media" in redacted_parts(session, crisis_id).get(medium.report_id, ()) else medium


def secret_of(store: Store, session: Session, crisis_id: int, report_id: uuid.UUID) -> ReportSecret | None:
    """Return the secret of a report; None where it was erased."""
    wrapped = session.scalar(
        select(ReportKey.wrapped).where(ReportKey.crisis_id == crisis_id, ReportKey.report_id == report_id)
    )
    return None if wrapped is None else store.keys.unwrap(report_id, wrapped)


def open_sealed(store: Store, session: Session, medium: Medium, blob: str | None) -> bytes | None:
    """Return the bytes of a blob of a medium; None where there is none or its report was erased."""
    secret = secret_of(store, session, medium.crisis_id, medium.report_id)
    if secret is None or blob is None:
        return None
    return unseal(secret, store.blobs.get(blob), medium.report_id)


def open_original(
    store: Store,
    crisis_id: int,
    medium_id: uuid.UUID,
    user_id: int | None,
    reason: str,
    act: Act = Act.OPENED,
) -> Opened | None:
    """Note who opens or exports an original and why, then open it; None if nobody may read it."""
    with store.write() as session:
        medium = readable_medium(session, crisis_id, medium_id)
        if medium is None or secret_of(store, session, crisis_id, medium.report_id) is None:
            return None
        custody.record(session, medium, act, user_id, reason, store.clock())
    with store.read() as session:
        data = open_sealed(store, session, medium, medium.blob)
    return None if data is None else Opened(medium, data)
