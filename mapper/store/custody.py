"""Custody: who received, opened, exported, archived or redacted a medium, when and why.

After the Berkeley Protocol every custodian is logged. An event is written in the transaction of what it
records, with an entry in the ledger that holds no reason and no hash in the clear: it commits to both.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store import ledger
from mapper.store.tables import CustodyEvent, LedgerEntry, Medium, User
from mapper.vocabulary.text import N_

LONGEST_REASON = 500


class Act(StrEnum):
    """What was done with a medium."""

    RECEIVED = "received"
    OPENED = "opened"
    EXPORTED = "exported"
    REDACTED = "redacted"
    ARCHIVED = "archived"


ACTS: Mapping[str, str] = {
    Act.RECEIVED: N_("Received and sealed"),
    Act.OPENED: N_("Original opened"),
    Act.EXPORTED: N_("Original exported"),
    Act.REDACTED: N_("Copy redacted"),
    Act.ARCHIVED: N_("Link archived and sealed"),
}


@dataclass(frozen=True)
class Event:
    """One event as readers see it; `actor` is an e-mail address, None where nobody was signed in."""

    medium_id: uuid.UUID
    act: str
    actor: str | None
    at: datetime
    reason: str | None
    details: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as the API answers it."""
        return {
            "act": self.act,
            "actor": self.actor,
            "at": self.at.isoformat(),
            "reason": self.reason,
            "details": dict(self.details),
        }


def rows(
    medium: Mapping[str, Any],
    act: Act,
    actor_user_id: int | None,
    reason: str | None,
    at: datetime,
    details: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the row of an event and of its ledger entry, for bulk. `medium` are columns of its row."""
    salt = os.urandom(32).hex()
    payload = {
        "act": act.value,
        "actor": actor_user_id,
        "report": str(medium["report_id"]),
        "content": commitment(salt, medium["sha256"], reason, details),
    }
    entry = ledger.entry(medium["crisis_id"], "custody", str(medium["id"]), payload, at)
    row = {
        "crisis_id": medium["crisis_id"],
        "id": uuid.uuid4(),
        "medium_id": medium["id"],
        "report_id": medium["report_id"],
        "act": act.value,
        "actor_user_id": actor_user_id,
        "at": at,
        "reason": reason,
        "details": dict(details),
        "salt": salt,
        "ledger_id": entry["id"],
    }
    return row, entry


def record(
    session: Session,
    medium: Medium,
    act: Act,
    actor_user_id: int | None,
    reason: str | None,
    at: datetime,
    **details: Any,
) -> None:
    """Add an event and its ledger entry in the caller's transaction."""
    columns = {name: getattr(medium, name) for name in ("crisis_id", "id", "report_id", "sha256")}
    row, entry = rows(columns, act, actor_user_id, reason, at, details)
    session.add(CustodyEvent(**row))
    session.add(LedgerEntry(**entry))


def commitment(salt: str, sha256: str | None, reason: str | None, details: Mapping[str, Any]) -> str:
    """Return what the ledger holds of an event: SHA-256 over its salt and the RFC 8785 JSON of the rest."""
    return hashlib.sha256(bytes.fromhex(salt) + material_of(sha256, reason, details)).hexdigest()


def material_of(sha256: str | None, reason: str | None, details: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 bytes that an event's commitment is made of, after its salt."""
    return rfc8785.dumps({"details": dict(details), "reason": reason, "sha256": sha256})


def events_of(
    session: Session,
    crisis_id: int,
    media: Collection[uuid.UUID],
    silent: Collection[int | None] = frozenset(),
) -> dict[uuid.UUID, list[Event]]:
    """Return the events of media, the oldest first. A medium without any is absent.

    The reasons of `silent` people are kept back: they have assessed the case, and the asker could be second.
    """
    query = (
        select(CustodyEvent, User.email)
        .join(User, User.id == CustodyEvent.actor_user_id, isouter=True)
        .where(CustodyEvent.crisis_id == crisis_id, CustodyEvent.medium_id.in_(media))
        .order_by(CustodyEvent.at, CustodyEvent.act != Act.RECEIVED.value, CustodyEvent.id)
    )
    found: defaultdict[uuid.UUID, list[Event]] = defaultdict(list)
    events: Sequence[Any] = session.execute(query).all() if media else ()
    for row, email in events:
        reason = None if row.reason and row.actor_user_id in silent else row.reason
        event = Event(row.medium_id, row.act, email, row.at, reason, row.details)
        found[row.medium_id].append(event)
    return dict(found)
