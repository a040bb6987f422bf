"""The gate itself: which snapshot an audience's answers are made from. Maps, lists and feeds all ask here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
from flask_babel import gettext as _

from mapper.publication.bitmaps import Index
from mapper.publication.deltas import merged, open_index
from mapper.store.snapshot_format import INTERNAL, PUBLIC_AREAS, PUBLIC_ROWS
from mapper.store.snapshots import INDEX, latest, open_areas, open_table, opened
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot
from mapper.web.errors import Problem

Audience = Literal["public", "internal"]


@dataclass(frozen=True)
class Seen:
    """The rows an audience may see of a crisis. Before there is any snapshot they are empty."""

    audience: Audience
    snapshot: Snapshot | None
    _rows: Callable[[], pa.Table]
    index: Index | None = None  # of the internal snapshot: its rows, and what changed since, with bitmaps

    @property
    def rows(self) -> pa.Table:
        """The rows as one table: `snapshot_format.INTERNAL`, or `PUBLIC_ROWS` for the public.

        Where a delta stands beside the base, the first to ask merges them: what can use `index` should.
        """
        return self._rows()

    @property
    def is_public(self) -> bool:
        """Whether the rows are those of the release, not incidents."""
        return self.audience == "public"

    @property
    def version(self) -> int:
        """The snapshot's version; 0 without one."""
        return self.snapshot.version if self.snapshot else 0


def audience_seen(audience: str) -> Audience:
    """Return whose snapshot an audience sees.

    Partners have none of their own yet: what everybody may see is never too much for them.
    """
    return "internal" if audience == "internal" else "public"


def seen(store: Store, crisis: Crisis, audience: str) -> Seen:
    """Return what an audience may see of a crisis now; a 404 problem while its public side is blanked.

    The crisis must be read for this request: that is what makes the kill switch work at once.
    """
    whose = audience_seen(audience)
    if whose == "public" and crisis.blanked_at is not None:
        raise Problem(404, detail=_("What is public of this crisis is switched off at the moment."))
    try:
        return _newest(store, crisis, whose)
    except FileNotFoundError:  # superseded and deleted between finding and opening it: there is a newer one
        return _newest(store, crisis, whose)


def _newest(store: Store, crisis: Crisis, whose: Audience) -> Seen:
    with store.read() as session:
        snapshot = latest(session, crisis.id, whose)
    if whose == "public":
        table = open_table(store, snapshot) if snapshot else PUBLIC_ROWS.empty_table()
        return Seen(whose, snapshot, lambda: table)
    if snapshot is None:
        return Seen(whose, None, INTERNAL.empty_table, Index.of(INTERNAL.empty_table()))
    index = opened(store, snapshot, INDEX, lambda path: open_index(path.parent))
    return Seen(whose, snapshot, lambda: _whole(store, snapshot, index), index)


_MERGING = threading.Lock()  # a merged table is large: threads that need it wait for one


def _whole(store: Store, snapshot: Snapshot, index: Index) -> pa.Table:
    if index.delta is None:
        return index.rows
    with _MERGING:
        return opened(store, snapshot, "merged", lambda _path: merged(index))


def release_areas(store: Store, release: Seen) -> pa.Table:
    """Return the areas of a public release (`snapshot_format.PUBLIC_AREAS`)."""
    return open_areas(store, release.snapshot) if release.snapshot else PUBLIC_AREAS.empty_table()


def index_of(_store: Store, seen: Seen) -> Index:
    """Return the incidents that are seen with their bitmaps. The public release has none to see."""
    return seen.index if seen.index is not None else Index.of(INTERNAL.empty_table())
