"""Saved views: a verifier's own filters under names, beside the ones that everybody has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from mapper.store.store import Store
from mapper.store.tables import SavedView
from mapper.verification.filters import Filters, read_filters
from mapper.verification.refusals import DoesNotFit
from mapper.vocabulary.text import N_

LONGEST_NAME = 60
MOST_VIEWS = 30  # of one person in one crisis


@dataclass(frozen=True)
class View:
    """A filter of the queue under a name."""

    name: str
    filters: Filters


EVERYBODYS: tuple[View, ...] = (
    View(N_("What waits"), Filters()),
    View(N_("Second person wanted"), Filters(state="in_review")),
    View(N_("New reports since verified"), Filters(flag="new_reports")),
    View(N_("Reports disagree"), Filters(flag="conflict")),
    View(N_("No position yet"), Filters(flag="no_position")),
    View(N_("Oldest first"), Filters(order="oldest")),
    View(N_("Claimed by me"), Filters(whose="mine")),
    View(N_("Overrides to confirm"), Filters(state="override")),
)


def own_views(store: Store, crisis_id: int, user_id: int) -> Sequence[View]:
    """Return a person's views by name."""
    query = select(SavedView).where(SavedView.crisis_id == crisis_id, SavedView.user_id == user_id)
    with store.read() as session:
        rows = session.scalars(query.order_by(SavedView.name)).all()
    return [View(row.name, read_filters(row.filters)) for row in rows]


def save_view(store: Store, crisis_id: int, user_id: int, name: str, filters: Filters) -> None:
    """Keep filters under a name; the same name again replaces them. Raises DoesNotFit."""
    name = " ".join(name.replace("\0", "").split())[:LONGEST_NAME]
    if not name:
        raise DoesNotFit(N_("Give the view a name."))
    with store.write() as session:
        mine = (SavedView.crisis_id == crisis_id, SavedView.user_id == user_id)
        held = session.scalar(select(func.count()).select_from(SavedView).where(*mine)) or 0
        if held >= MOST_VIEWS and session.get(SavedView, (crisis_id, user_id, name)) is None:
            raise DoesNotFit(N_("You have %(count)s views. Remove one first."), count=held)
        session.merge(
            SavedView(
                crisis_id=crisis_id,
                user_id=user_id,
                name=name,
                filters=filters.values(),
                saved_at=store.clock(),
            )
        )


def forget_view(store: Store, crisis_id: int, user_id: int, name: str) -> None:
    """Remove a view of one's own."""
    with store.write() as session:
        session.execute(
            delete(SavedView).where(
                SavedView.crisis_id == crisis_id, SavedView.user_id == user_id, SavedView.name == name
            )
        )
