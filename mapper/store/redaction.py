"""Redaction: parts of reports that a decision withholds from every reader.

The sealed content stays, so the chain and later inquiries keep it; `mapper report erase` destroys it.
A redaction follows the report, whichever incident the report is in later.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.contents import ReportContent
from mapper.store.tables import Decision
from mapper.vocabulary.states import Effect, Kind

Part = Literal["location_text", "media", "source_url", "text"]
PARTS: tuple[Part, ...] = get_args(Part)


def redacted_parts(session: Session, crisis_id: int) -> Mapping[uuid.UUID, frozenset[str]]:
    """Return which of PARTS are withheld of each redacted report of a crisis; others are absent."""
    rows = session.scalars(
        select(Decision.details).where(
            Decision.crisis_id == crisis_id,
            Decision.kind == Kind.REDACT.value,
            Decision.effect == Effect.APPLIED.value,
        )
    )
    found: defaultdict[uuid.UUID, frozenset[str]] = defaultdict(frozenset)
    for details in rows:
        for report_id in details["reports"]:
            found[uuid.UUID(report_id)] |= frozenset(details["parts"])
    return dict(found)


def redacted(content: ReportContent, parts: Collection[str]) -> ReportContent:
    """Return a content as readers get it: without the withheld parts, and then without the raw payload."""
    if not parts:
        return content
    return ReportContent(
        text="" if "text" in parts else content.text,
        location_text=None if "location_text" in parts else content.location_text,
        source_url=None if "source_url" in parts else content.source_url,
        contact=content.contact,
    )
