"""What the asker may see of a crisis now, as the gate says."""

from __future__ import annotations

from mapper.accounts.access import principal
from mapper.publication import gate
from mapper.publication.gate import Seen, index_of, release_areas
from mapper.store.store import Store
from mapper.store.tables import Crisis

__all__ = ["Seen", "index_of", "release_areas", "seen"]


def seen(store: Store, crisis: Crisis) -> Seen:
    """Return what the asker may see of `crisis`; a 404 problem where its public pages are switched off."""
    return gate.seen(store, crisis, principal().audience(crisis.id))
