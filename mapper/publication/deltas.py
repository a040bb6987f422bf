"""What changed since a snapshot's rows were written, kept beside them until both are merged.

A version of the internal snapshot is a base, which took long to write, and, after changes, a delta: the rows
as they are now (`snapshot_format.INTERNAL`) and the numbers of the base's rows that no longer hold. Both
are read together as one `bitmaps.Index`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mapper.publication.bitmaps import Index, rows_of, words_of
from mapper.store.snapshot_format import INTERNAL
from mapper.store.snapshots import DELTA, GONE_ROWS, INDEX, ROWS, map_file

GONE = pa.schema([("row", pa.int64())])

Integers = npt.NDArray[np.int64]


def gone_from(base: pa.Table, ids: pa.Array) -> pa.Table:
    """Return the numbers of the base's rows with some ids (`GONE`); an id that it does not hold is new."""
    places = _places(base, ids)
    found = places < base.num_rows
    rows = _by_id(base)[places[found]]
    is_same = pc.equal(_column(base, "id").take(pa.array(rows)), ids.filter(pa.array(found)))
    return pa.table([pa.array(np.unique(rows[is_same.to_numpy(zero_copy_only=False)]))], schema=GONE)


def open_index(folder: Path) -> Index:
    """Return the index of a version's folder, mapped into memory; raises FileNotFoundError."""
    rows, bitmaps = map_file(folder / ROWS), folder / INDEX
    base = Index.opened(rows, map_file(bitmaps)) if bitmaps.exists() else Index.of(rows)
    if not (folder / DELTA).exists():
        return base
    return with_delta(base, map_file(folder / GONE_ROWS), map_file(folder / DELTA))


def with_delta(base: Index, gone: pa.Table, delta: pa.Table) -> Index:
    """Return a base's index with what changed since."""
    everywhere = base.everything()
    return replace(base, gone=words_of(gone["row"].to_numpy(), everywhere), delta=Index.of(delta))


def merged(index: Index) -> pa.Table:
    """Return the rows of an index as one table, by cell key; the same as if they were written anew."""
    if index.delta is None or index.gone is None:
        return index.rows
    base, delta = index.rows, index.delta.rows.combine_chunks()
    everywhere = index.everything()
    standing = rows_of(everywhere.all_rows() & ~index.gone, everywhere)
    places = np.searchsorted(index.keys()[standing], index.delta.keys(), side="right")
    order = np.insert(standing, places, base.num_rows + np.arange(delta.num_rows))
    new = np.empty(base.num_rows + delta.num_rows, np.int32)
    new[order] = np.arange(len(order))
    columns = {name: _taken(base, delta, name, order) for name in INTERNAL.names if name != "by_id"}
    columns["by_id"] = pa.array(new[_merged_by_id(base, standing, delta)])
    return pa.table([columns[name] for name in INTERNAL.names], schema=INTERNAL)


def _merged_by_id(base: pa.Table, standing: Integers, delta: pa.Table) -> Integers:
    """Return row numbers in order of id, those of the delta after those of the base."""
    by_id = _by_id(base)
    is_standing = np.zeros(base.num_rows, np.bool_)
    is_standing[standing] = True
    in_order = is_standing[by_id]
    before = np.concatenate([[0], np.cumsum(in_order)])  # of each place, how many standing rows precede it
    delta_order = pc.sort_indices(delta["id"]).to_numpy().astype(np.int64)
    places = _places(base, _column(delta, "id").take(pa.array(delta_order)))
    return np.insert(by_id[in_order].astype(np.int64), before[places], base.num_rows + delta_order)


def _taken(base: pa.Table, delta: pa.Table, name: str, order: Integers) -> pa.Array:
    both = pa.concat_arrays([_column(base, name), _column(delta, name)])
    return both.take(pa.array(order))


def _places(base: pa.Table, ids: pa.Array) -> Integers:
    """Return how many of the base's ids come before each id: a binary search along `by_id`."""
    by_id, known = _by_id(base), _column(base, "id")
    low, high = np.zeros(len(ids), np.int64), np.full(len(ids), base.num_rows)
    while (open_ := low < high).any():
        middle = np.where(open_, (low + high) // 2, 0)
        is_before = pc.less(known.take(pa.array(by_id[middle])), ids).to_numpy(zero_copy_only=False)
        low = np.where(open_ & is_before, middle + 1, low)
        high = np.where(open_ & ~is_before, middle, high)
    return low


def _by_id(rows: pa.Table) -> npt.NDArray[np.int32]:
    found: npt.NDArray[np.int32] = _column(rows, "by_id").to_numpy(zero_copy_only=False)
    return found


def _column(rows: pa.Table, name: str) -> pa.Array:
    column = rows[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
