"""Bitmaps of a snapshot's rows: one bit a row for each thing that maps filter by.

Filters are then vector operations on 64 rows at a time, and how many rows of a range match is a sum of
bits. Moments are cut into 256 classes of about equal size, whose number stands in eight bitmaps
(bit-sliced, after O'Neil and Quass, "Improved query performance with variant indexes", SIGMOD 1997); only
the rows of the class in which an end of the asked range falls are compared themselves. What has no
bitmap (a box, areas, a CQL2 filter) is evaluated on the rows in question.

The words of a range of rows begin at a whole word: bit `b` of word `w` is row `(first // 64 + w) * 64 + b`.
Nothing here is written to after it was built, so that any number of threads may read it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapper.publication.selection import (
    CLOCK_COLUMNS,
    Mask,
    Selection,
    as_microseconds,
    clock_values,
    matches,
)

WORD = 64
CODES = ("sector", "status", "service_state")
GRADES = ("damage_low", "damage_high")
HIGHEST_GRADE = 5
SLICES = 8  # bitmaps of a moment's class
CLASSES = 1 << SLICES
SCHEMA = pa.schema([("name", pa.string()), ("bits", pa.large_binary())])

Words = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Range:
    """Rows `first` up to but not including `last`, and the words that hold them."""

    first: int
    last: int

    @property
    def words(self) -> slice:
        """Which words of a whole bitmap."""
        return slice(self.first // WORD, -(-self.last // WORD))

    @property
    def start(self) -> int:
        """The row of the first word's lowest bit."""
        return self.first // WORD * WORD

    def all_rows(self) -> Words:
        """Return words with a bit for every row of the range."""
        count = self.words.stop - self.words.start
        words = np.full(count, np.iinfo(np.uint64).max, np.uint64)
        if count:
            words[0] &= ~np.uint64(0) << np.uint64(self.first % WORD)
            words[-1] &= ~np.uint64(0) >> np.uint64(-self.last % WORD)
        return words


@dataclass(frozen=True)
class Index:
    """A snapshot's rows (`snapshot_format.INTERNAL`, sorted by cell key) with their bitmaps.

    What changed since they were written may stand beside them: `gone` has a bit for each of these rows that
    no longer holds, `delta` the rows as they are now. Whoever counts or lists goes through all `parts`.
    """

    rows: pa.Table
    bitmaps: Mapping[str, Words]
    gone: Words | None = None
    delta: Index | None = None

    @property
    def parts(self) -> tuple[Index, ...]:
        """The indexes whose chosen rows together are all that are chosen, each row in one of them."""
        return (self,) if self.delta is None else (self, self.delta)

    @classmethod
    def of(cls, rows: pa.Table) -> Index:
        """Make the bitmaps of rows that have none on file."""
        rows = rows.combine_chunks()
        return cls.opened(rows, built(rows))

    @classmethod
    def opened(cls, rows: pa.Table, file: pa.Table) -> Index:
        """Take the bitmaps that `built` made and a file kept, without copying them."""
        names = file["name"].to_pylist()
        return cls(rows, dict(zip(names, map(_read_only, file["bits"]), strict=True)))

    def keys(self) -> Integers:
        """Return the rows' cell keys, ascending."""
        keys: Integers = self.rows.column("cell_key").chunk(0).to_numpy() if self.rows.num_rows else NO_KEYS
        return keys

    def between(self, low: int, high: int) -> Range:
        """Return the rows whose cell key is at least `low` and below `high`."""
        first, last = np.searchsorted(self.keys(), [low, high])
        return Range(int(first), int(last))

    def everything(self) -> Range:
        """Return all rows, those without a position too."""
        return Range(0, self.rows.num_rows)

    def holds(self, row: int) -> bool:
        """Whether a row still holds, or no longer does as it changed since."""
        return self.gone is None or not int(self.gone[row // WORD]) >> row % WORD & 1

    def all_before(self, key: int) -> Words:
        """Return words over everything with a bit for each row whose cell key is below `key`."""
        before = Range(0, int(np.searchsorted(self.keys(), key)))
        words = np.zeros(self.everything().words.stop, np.uint64)
        words[before.words] = before.all_rows()
        return words

    def chosen(self, selection: Selection, among: Range) -> Words:
        """Return the words of a range with a bit for each row that matches."""
        words = among.all_rows()
        if self.gone is not None:
            words &= ~self.gone[among.words]
        for name, codes in (("sector", selection.sectors), ("status", selection.statuses)):
            if codes:
                words &= self._one_of(name, codes, among)
        if selection.min_grade is not None:
            words &= self.bits(f"damage_low>={selection.min_grade}", among)
        self._keep_in_time(words, selection, among)
        rest = _without_bitmaps(selection)
        return words & self._evaluated(rest, among) if rest else words

    def bits(self, name: str, among: Range) -> Words:
        """Return a bitmap's words of a range; none where no row of the snapshot has such a value.

        Bits beyond the range may be set: combine them with what is chosen.
        """
        found = self.bitmaps.get(name)
        words = among.words
        return found[words] if found is not None else np.zeros(words.stop - words.start, np.uint64)

    def _one_of(self, name: str, codes: Collection[str], among: Range) -> Words:
        found = [self.bits(f"{name}={code}", among) for code in sorted(codes)]
        return np.bitwise_or.reduce(found, axis=0) if len(found) > 1 else found[0]

    def _keep_in_time(self, words: Words, selection: Selection, among: Range) -> None:
        """Keep what is in the range of time: it starts by `until`, and has not ended before `since`."""
        start, end = CLOCK_COLUMNS[selection.clock]
        if selection.until is not None:
            words &= self._before(f"{start}..{start}", as_microseconds(selection.until) + 1, words, among)
        if selection.since is not None:
            words &= self.bits(f"{start}..{end}/known", among)
            words &= ~self._before(f"{start}..{end}", as_microseconds(selection.since), words, among)

    def _before(self, name: str, moment: int, candidates: Words, among: Range) -> Words:
        """Return which candidates have a moment before another, in microseconds since 1970."""
        edges = self.bitmaps.get(f"{name}/edges")
        less = np.zeros_like(candidates)
        if edges is None:
            return less
        found = int(np.searchsorted(edges.view(np.int64), moment, side="right")) - 1
        if found < 0:
            return less
        equal = candidates & self.bits(f"{name}/known", among)
        for place in reversed(range(SLICES)):
            both = equal & self.bits(f"{name}/{place}", among)
            equal ^= both  # those without the bit
            if found >> place & 1:
                less |= equal
                equal = both
        less |= self._compared(name, moment, equal, among)
        return less

    def _compared(self, name: str, moment: int, words: Words, among: Range) -> Words:
        """Of the rows of one class, those before the moment."""
        rows = rows_of(words, among)
        start, end = name.split("..")
        values, _known = clock_values(self.rows.select([*{start, end}]).take(rows), start, end)
        return words_of(rows[values < moment], among)

    def _evaluated(self, selection: Selection, among: Range) -> Words:
        rows = self.rows.slice(among.first, among.last - among.first)
        return _packed(matches(rows, selection), among.first % WORD)


def built(rows: pa.Table) -> pa.Table:
    """Return the bitmaps of a snapshot's rows as a table of `SCHEMA`, to be kept beside them."""
    rows = rows.combine_chunks()
    made = {**_code_bitmaps(rows), **_grade_bitmaps(rows), **_time_bitmaps(rows)}
    bits = pa.array([words.tobytes() for words in made.values()], pa.large_binary())
    return pa.table([pa.array(list(made), pa.string()), bits], schema=SCHEMA)


def count(words: Words) -> int:
    """Return how many rows are chosen."""
    return int(np.bitwise_count(words).sum(dtype=np.int64))


def counts(words: Words, among: Range, edges: Integers) -> Integers:
    """Return how many rows are chosen between neighbouring `edges`, ascending row numbers of the range."""
    before = np.zeros(len(words) + 1, np.int64)
    np.cumsum(np.bitwise_count(words), dtype=np.int64, out=before[1:])
    word, bit = np.divmod(edges - among.start, WORD)
    padded = np.append(words, np.uint64(0))
    below = padded[word] & ((np.uint64(1) << bit.astype(np.uint64)) - np.uint64(1))
    return np.diff(before[word] + np.bitwise_count(below))


def rows_of(words: Words, among: Range) -> Integers:
    """Return the numbers of the rows that are chosen, ascending."""
    some = np.flatnonzero(words)
    places = np.flatnonzero(np.unpackbits(words[some].view(np.uint8), bitorder="little"))
    return among.start + some[places // WORD] * WORD + places % WORD


def words_of(rows: Integers, among: Range) -> Words:
    """Return the words that choose some rows of a range."""
    words = np.zeros(among.words.stop - among.words.start, np.uint64)
    word, bit = np.divmod(rows - among.start, WORD)
    np.bitwise_or.at(words, word, np.uint64(1) << bit.astype(np.uint64))
    return words


def _read_only(bits: pa.LargeBinaryScalar) -> Words:
    words = np.frombuffer(bits.as_buffer(), np.uint64)
    words.flags.writeable = False
    return words


NO_KEYS: Integers = np.array([], np.int64)


def _without_bitmaps(selection: Selection) -> Selection | None:
    """Return what of a selection has no bitmaps, or None."""
    rest = replace(Selection(), bbox=selection.bbox, areas=selection.areas, condition=selection.condition)
    return None if rest == Selection() else rest


def _packed(mask: Mask, offset: int) -> Words:
    """Return a mask as words, its first value at bit `offset`."""
    length = -(-(offset + len(mask)) // WORD) * WORD
    padded = np.zeros(length, np.bool_)
    padded[offset : offset + len(mask)] = mask
    return np.packbits(padded, bitorder="little").view(np.uint64)


def _code_bitmaps(rows: pa.Table) -> dict[str, Words]:
    made = {}
    for name in CODES:
        column = rows[name].combine_chunks()
        if len(column) == 0:
            continue
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        for place, code in enumerate(column.dictionary.to_pylist()):
            made[f"{name}={code}"] = _packed(indices == place, 0)
    return made


def _grade_bitmaps(rows: pa.Table) -> dict[str, Words]:
    made = {}
    for name in GRADES:
        grades = rows[name].fill_null(-1).to_numpy()
        for grade in range(HIGHEST_GRADE + 1):
            made[f"{name}>={grade}"] = _packed(grades >= grade, 0)
    return made


def _time_bitmaps(rows: pa.Table) -> dict[str, Words]:
    made: dict[str, Words] = {}
    pairs = {pair for start, end in CLOCK_COLUMNS.values() for pair in ((start, start), (start, end))}
    for start, end in sorted(pairs):
        values, known = clock_values(rows, start, end)
        if known.any():
            made |= _sliced(f"{start}..{end}", values, known)
    return made


def _sliced(name: str, values: Integers, known: Mask) -> dict[str, Words]:
    """Return the class of each moment in bit slices, and where each class begins."""
    shares = np.arange(CLASSES) / CLASSES
    edges = np.unique(np.quantile(values[known], shares, method="lower").astype(np.int64))
    classes = np.maximum(np.searchsorted(edges, values, side="right") - 1, 0)
    slices = {
        f"{name}/{place}": _packed(known & (classes >> place & 1).astype(np.bool_), 0)
        for place in range(SLICES)
    }
    return {f"{name}/known": _packed(known, 0), f"{name}/edges": edges.view(np.uint64)} | slices
