"""Extracts: the rows of one file that leaves, as an audience may see them and a filter chooses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapper.publication.conditions import INCIDENTS, RELEASE, parse_condition
from mapper.publication.gate import Seen, release_areas, seen
from mapper.store.snapshot_format import PUBLIC_AREAS
from mapper.store.store import Store
from mapper.store.tables import Crisis

BATCH = 10_000  # rows in memory at once
Advance = Callable[[int], None]  # told how many more rows are written


@dataclass(frozen=True)
class Extract:
    """What a file holds. Rows keep the snapshot's order: that of the map for incidents."""

    crisis: Crisis
    seen: Seen
    rows: npt.NDArray[np.int64]  # row numbers in the snapshot
    areas: pa.Table  # `snapshot_format.PUBLIC_AREAS` of a release; empty for incidents
    made_at: datetime
    store: Store

    @property
    def name(self) -> str:
        """What the rows are, for the name of a layer."""
        return "release" if self.seen.is_public else "incidents"

    @property
    def data_until(self) -> datetime | None:
        """How new the rows are; None before there is a snapshot."""
        return self.seen.snapshot.data_until if self.seen.snapshot else None

    def tables(self, size: int = BATCH) -> Iterator[pa.Table]:
        """Yield the rows, at most `size` at a time."""
        for start in range(0, len(self.rows), size):
            yield self.seen.rows.take(self.rows[start : start + size])


def extract(store: Store, crisis: Crisis, audience: str, where: str = "") -> Extract:
    """Return what an audience may take away of a crisis; `where` is CQL2 text, empty for all.

    Raises ConditionError for a filter that cannot be used, and a 404 problem while the public side of the
    crisis is blanked. Rows of the release can be chosen only by what contract.md names.
    """
    found = seen(store, crisis, audience)
    condition = parse_condition(where, RELEASE if found.is_public else INCIDENTS) if where.strip() else None
    rows = np.arange(found.rows.num_rows) if condition is None else np.flatnonzero(condition(found.rows))
    return extract_rows(store, crisis, found, rows)


def extract_rows(store: Store, crisis: Crisis, found: Seen, rows: npt.NDArray[np.int64]) -> Extract:
    """Return an extract of some rows of what somebody sees."""
    areas = release_areas(store, found) if found.is_public else PUBLIC_AREAS.empty_table()
    return Extract(crisis, found, rows, areas, store.clock(), store)
