"""Which columns people chose for a sender's files: remembered for the next file with the same headings."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.store import Store
from mapper.store.tables import ImportRun, SavedMapping


def saved_mapping(session: Session, crisis_id: int, sender: str, headings: str) -> SavedMapping | None:
    """Return what was chosen for files of a sender with these headings.

    Where nobody said whose file it is, a mapping counts that only one sender has for these headings.
    """
    fits = (SavedMapping.crisis_id == crisis_id, SavedMapping.headings == headings)
    found = session.scalars(select(SavedMapping).where(*fits)).all()
    own = [mapping for mapping in found if mapping.sender == sender.casefold()]
    if own:
        return own[0]
    return found[0] if len(found) == 1 and not sender else None


def save_mapping(store: Store, run: ImportRun) -> None:
    """Remember an import's choices for its sender; they replace what was chosen before."""
    name = {"crisis_id": run.crisis_id, "sender": run.sender.casefold(), "headings": run.headings}
    with store.write() as session:
        session.merge(SavedMapping(**name, chosen=run.chosen, saved_at=store.clock()))
