"""Translations: a report's words in another language, by a reader, sealed like the words themselves."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.keys import Keyring, seal, unseal
from mapper.store.redaction import redacted_parts
from mapper.store.store import Store
from mapper.store.tables import IncidentReport, ReportKey, Translation, User
from mapper.verification.refusals import DoesNotFit
from mapper.vocabulary.text import N_

LONGEST = 10_000


@dataclass(frozen=True)
class Translated:
    """A report's text in one language, and who wrote it."""

    language: str
    text: str
    author: str


def translate(
    store: Store,
    crisis_id: int,
    incident_id: uuid.UUID,
    report_id: uuid.UUID,
    language: str,
    text: str,
    user_id: int,
) -> None:
    """Keep a translation; another one into the same language replaces it. Raises DoesNotFit."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise DoesNotFit(N_("Write a translation of at most %(count)s characters."), count=LONGEST)
    with store.write() as session:
        member = session.get(IncidentReport, (crisis_id, report_id))
        key = session.get(ReportKey, (crisis_id, report_id))
        if member is None or member.incident_id != incident_id or key is None:
            raise DoesNotFit(N_("That report is not in this incident, or it was erased."))
        secret = store.keys.unwrap(report_id, key.wrapped)
        session.merge(
            Translation(
                crisis_id=crisis_id,
                report_id=report_id,
                language=language,
                content=seal(secret, text.encode(), report_id),
                author_user_id=user_id,
                written_at=store.clock(),
            )
        )


def translations_of(
    session: Session, keys: Keyring, crisis_id: int, report_ids: Collection[uuid.UUID]
) -> dict[str, list[Translated]]:
    """Return the translations of reports by their ids as text; none of an erased or withheld text."""
    same = (ReportKey.crisis_id == Translation.crisis_id) & (ReportKey.report_id == Translation.report_id)
    query = (
        select(Translation, ReportKey.wrapped, User.email)
        .join(ReportKey, same)
        .join(User, User.id == Translation.author_user_id, isouter=True)
        .where(Translation.crisis_id == crisis_id, Translation.report_id.in_(report_ids))
        .order_by(Translation.report_id, Translation.language)
    )
    found: dict[str, list[Translated]] = {}
    rows = session.execute(query).all()
    withheld = redacted_parts(session, crisis_id) if rows else {}
    for item, wrapped, email in rows:
        if "text" in withheld.get(item.report_id, ()):
            continue
        plain = unseal(keys.unwrap(item.report_id, wrapped), item.content, item.report_id)
        found.setdefault(str(item.report_id), []).append(
            Translated(item.language, plain.decode(), email or "")
        )
    return found
