"""Pages of a list, in order of id, so that a page stays where it was while incidents come and go."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapper.exchange.features import public_key
from mapper.publication.selection import PublicSelection, Selection, matches, select_public_rows

Rows = npt.NDArray[Any]  # row numbers, whole


@dataclass(frozen=True)
class Page:
    """The rows of one page, how many match altogether, and the key after which the next page starts."""

    rows: Rows
    matched: int
    next_after: str | None


def page_of_incidents(
    table: pa.Table, selection: Selection, limit: int, after: str | None, key: Hashable = None
) -> Page:
    """Return a page of an internal snapshot's incidents whose ids follow `after`.

    With a `key` (the snapshot and the filters), what a filter chose is remembered for the pages that
    follow: a program that reads millions of incidents asks for thousands of pages.
    """
    by_id = table["by_id"].to_numpy()
    if selection == Selection():
        found = by_id
    elif (remembered := _CHOSEN.get(key)) is not None:
        found = remembered
    else:
        found = by_id[matches(table, selection)[by_id]]
        _CHOSEN.put(key, found)
    return _page(found, _Ids(table, found), limit, after)


class _Remembered:
    """The newest few choices of this process, within a budget of memory."""

    def __init__(self, most_bytes: int) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._most = most_bytes
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """Return what was remembered; None where nothing was."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key) if key is not None else None

    def put(self, key: Hashable, found: npt.NDArray[Any]) -> None:
        """Remember an array, and forget the oldest ones that no longer fit."""
        if key is None or found.nbytes > self._most:
            return
        with self._lock:
            self._kept[key] = found
            while sum(array.nbytes for array in self._kept.values()) > self._most:
                self._kept.popitem(last=False)


_CHOSEN = _Remembered(64_000_000)


def row_of_incident(table: pa.Table, incident_id: str) -> int | None:
    """Return the row number of an incident, or None where there is none."""
    by_id = table["by_id"].to_numpy()
    place = bisect_left(_Ids(table, by_id), incident_id)
    if place == len(by_id) or table["id"][int(by_id[place])].as_py() != incident_id:
        return None
    return int(by_id[place])


def page_of_public_rows(table: pa.Table, selection: PublicSelection, limit: int, after: str | None) -> Page:
    """Return a page of a release's rows whose keys follow `after`."""
    rows = select_public_rows(table, selection)
    keyed = sorted(zip(map(public_key, table.take(rows).to_pylist()), rows.tolist(), strict=True))
    return _page(np.array([row for _, row in keyed], dtype=np.int64), [key for key, _ in keyed], limit, after)


def page_of_keys(keys: Sequence[str], limit: int, after: str | None) -> Page:
    """Return a page of things whose keys, in order, are given; its rows are places among them."""
    return _page(np.arange(len(keys)), keys, limit, after)


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
