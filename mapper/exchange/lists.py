"""Pages of a list, in order of id, so that a page stays where it was while incidents come and go."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapper.exchange.features import public_key
from mapper.publication.selection import PublicSelection, Selection, matches, select_public_rows

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Page:
    """The rows of one page, how many match altogether, and the key after which the next page starts."""

    rows: Rows
    matched: int
    next_after: str | None


def page_of_incidents(table: pa.Table, selection: Selection, limit: int, after: str | None) -> Page:
    """Return a page of an internal snapshot's incidents whose ids follow `after`."""
    by_id = table["by_id"].to_numpy().astype(np.int64)
    found = by_id[matches(table, selection)[by_id]]
    return _page(found, _Ids(table, found), limit, after)


def page_of_public_rows(table: pa.Table, selection: PublicSelection, limit: int, after: str | None) -> Page:
    """Return a page of a release's rows whose keys follow `after`."""
    rows = select_public_rows(table, selection)
    keyed = sorted(zip(map(public_key, table.take(rows).to_pylist()), rows.tolist(), strict=True))
    return _page(np.array([row for _, row in keyed], dtype=np.int64), [key for key, _ in keyed], limit, after)


class _Ids(Sequence[str]):
    """The ids of rows, looked up one by one as a binary search asks for them."""

    def __init__(self, table: pa.Table, rows: Rows) -> None:
        self._ids = table["id"]
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: Any) -> Any:
        return self._ids[int(self._rows[place])].as_py()


def _page(found: Rows, keys: Sequence[str], limit: int, after: str | None) -> Page:
    start = bisect_right(keys, after) if after is not None else 0
    rows = found[start : start + limit]
    is_last = start + limit >= len(found)
    return Page(rows, len(found), None if is_last else keys[start + limit - 1])
