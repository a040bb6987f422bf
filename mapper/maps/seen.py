"""What an audience may see of a crisis now: its newest snapshot, and nothing beside it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from flask_babel import gettext as _

from mapper.accounts.access import principal
from mapper.store.snapshot_format import INTERNAL, PUBLIC_AREAS, PUBLIC_ROWS
from mapper.store.snapshots import latest, open_areas, open_table
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from mapper.web.errors import Problem


@dataclass(frozen=True)
class Seen:
    """The rows an audience may see. Without a snapshot they are empty and `version` is 0."""

    audience: str  # public | partner | internal
    snapshot: Snapshot | None
    rows: pa.Table

    @property
    def is_public(self) -> bool:
        """Whether the rows are those of the release, not incidents."""
        return self.audience == "public"

    @property
    def version(self) -> int:
        """The snapshot's version."""
        return self.snapshot.version if self.snapshot else 0


def seen(store: Store, crisis: Crisis) -> Seen:
    """Return what the asker may see of `crisis`; a 404 problem where its public pages are switched off."""
    audience = principal().audience(crisis.id)
    if audience == "partner":
        audience = "public"  # no snapshot of their own yet: what everybody may see is never too much
    if audience == "public" and crisis.blanked_at is not None:
        raise Problem(404, detail=_("The public map of this crisis is switched off at the moment."))
    with store.read() as session:
        snapshot = latest(session, crisis.id, audience)
    if snapshot is None:
        schema = PUBLIC_ROWS if audience == "public" else INTERNAL
        return Seen(audience, None, schema.empty_table())
    return Seen(audience, snapshot, open_table(store, snapshot))


def release_areas(store: Store, release: Seen) -> pa.Table:
    """Return the areas of a public release."""
    return open_areas(store, release.snapshot) if release.snapshot else PUBLIC_AREAS.empty_table()
