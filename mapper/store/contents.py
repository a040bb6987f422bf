"""What is sealed of a report, and how it is opened again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.keys import Keyring, ReportSecret, seal, unseal
from mapper.store.tables import Report, ReportKey


@dataclass(frozen=True)
class ReportContent:
    """The part of a report that may name or reveal a person."""

    text: str = ""
    location_text: str | None = None
    source_url: str | None = None
    contact: str | None = None
    raw: dict[str, Any] = field(default_factory=dict)  # the payload as it arrived


def seal_content(secret: ReportSecret, report_id: uuid.UUID, content: ReportContent) -> bytes:
    """Return the content sealed under the report's key."""
    return seal(secret, orjson.dumps(asdict(content)), report_id)


def open_contents(
    session: Session, keys: Keyring, reports: Iterable[Report]
) -> dict[uuid.UUID, ReportContent]:
    """Return the contents of reports of one crisis by id. An erased report is absent."""
    wanted = {report.id: report for report in reports if report.content is not None}
    if not wanted:
        return {}
    crisis_id = next(iter(wanted.values())).crisis_id
    found: dict[uuid.UUID, ReportContent] = {}
    ids = list(wanted)
    for start in range(0, len(ids), 500):
        rows = session.execute(
            select(ReportKey.report_id, ReportKey.wrapped).where(
                ReportKey.crisis_id == crisis_id, ReportKey.report_id.in_(ids[start : start + 500])
            )
        )
        for report_id, wrapped in rows:
            plain = unseal(keys.unwrap(report_id, wrapped), wanted[report_id].content or b"", report_id)
            found[report_id] = ReportContent(**orjson.loads(plain))
    return found
