"""A CSV file's rows in batches, at the speed of the csv module wherever the file is sound.

A piece of whole records is parsed in one go. Where the csv module finds a quote that it cannot place, the
careful reader (`csvs`), which knows how to get over damage, goes on from that line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import TextIO

from mapper.files.batches import BATCH_ROWS, Batch
from mapper.files.csvs import CsvFile, CsvRecord, check_count, fitted, open_text, records_of
from mapper.files.limits import Limits

PIECE = 1 << 21  # characters that are parsed in one go: some 15,000 rows, which are kept together
FURTHEST_BACK = 2_000  # lines in which a record is sought that begins before a piece ends


class Damaged(Exception):
    """The csv module cannot read on; `line` is where the careful reader has to begin."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def csv_batches(file: CsvFile) -> Iterator[Batch]:
    """Yield the records below the headings; blank ones are skipped.

    Raises FileTooLarge when there are more records than the limits allow.
    """
    count = 0
    for group in _groups(file):
        count += len(group)
        check_count(count, file.limits)
        if not group:
            continue
        if isinstance(group, _Plain):
            yield _batch(file.columns, group.lines, group.rows, group.rows, {})
        else:
            yield batch_of(file.columns, group)


def batch_of(columns: tuple[str, ...], records: list[CsvRecord]) -> Batch:
    """Return records, each as wide as the headings or with its problem, as a batch."""
    problems = {index: record.problem for index, record in enumerate(records) if record.problem}
    empty = ("",) * len(columns)
    values = [empty if record.problem else record.values for record in records] if problems else None
    raws = [record.values for record in records]
    return _batch(columns, [record.line for record in records], values or raws, raws, problems)


Values = Sequence[Sequence[str]]


@dataclass(frozen=True)
class _Plain:
    """Rows as the csv module gave them, each on one line and as wide as the headings."""

    lines: range
    rows: Values

    def __len__(self) -> int:
        return len(self.rows)


def _batch(
    columns: tuple[str, ...], lines: Sequence[int], rows: Values, raws: Values, problems: dict[int, str]
) -> Batch:
    places = {column: place for place, column in enumerate(columns)}
    return Batch(
        lines,
        columns,
        lambda column: list(map(itemgetter(places[column]), rows)),
        lambda: [dict(zip(columns, values, strict=False)) for values in raws],
        problems,
    )


def _groups(file: CsvFile) -> Iterator[list[CsvRecord] | _Plain]:
    headings = file.first_record
    try:
        with open_text(file.path, file.charset) as text:
            for group in _quick(text, file.delimiter, file.limits, len(file.columns)):
                if isinstance(group, _Plain):
                    skipped, headings = headings, max(0, headings - len(group))
                    yield _Plain(group.lines[skipped:], group.rows[skipped:])
                    continue
                body = group[headings:]
                headings -= len(group) - len(body)
                yield [fitted(record, len(file.columns)) for record in body]
    except Damaged as damage:
        yield from _careful(file, damage.line, headings)


def _careful(file: CsvFile, line: int, headings: int) -> Iterator[list[CsvRecord]]:
    with open_text(file.path, file.charset) as text:
        records = (r for r in records_of(text, file.delimiter, file.limits) if r.line >= line)
        body = (fitted(record, len(file.columns)) for record in islice(records, headings, None))
        while group := list(islice(body, BATCH_ROWS)):
            yield group


def _quick(file: TextIO, delimiter: str, limits: Limits, width: int) -> Iterator[list[CsvRecord] | _Plain]:
    """Yield groups of records that are not blank; raises Damaged."""
    for first, piece in _pieces(file, limits):
        reader = csv.reader(io.StringIO(piece, newline=""), delimiter=delimiter, strict=True)
        try:
            rows = list(reader)
        except csv.Error:
            raise Damaged(first) from None
        is_plain = set(map(len, rows)) == {width} and reader.line_num == len(rows)
        if is_plain and all(map(str.strip, map("".join, rows))):
            yield _Plain(range(first, first + len(rows)), rows)
        else:
            yield list(_numbered(piece, delimiter, first))


def _numbered(piece: str, delimiter: str, first: int) -> Iterator[CsvRecord]:
    line = first
    reader = csv.reader(io.StringIO(piece, newline=""), delimiter=delimiter, strict=True)
    for values in reader:
        if any(values) and "".join(values).strip():
            yield CsvRecord(line, tuple(values))
        line = first + reader.line_num


def _pieces(file: TextIO, limits: Limits) -> Iterator[tuple[int, str]]:
    """Yield the number of its first line and the text of each piece of whole records."""
    line, rest = 1, ""
    while block := file.read(PIECE):
        text = rest + block
        cut = _cut(text)
        if "\0" in block or (not cut and len(text) > limits.record_characters):
            raise Damaged(line)
        if cut:
            yield line, text[:cut]
            line += _lines_in(text[:cut])
        rest = text[cut:]
    if rest:
        yield line, rest


def _cut(text: str) -> int:
    """Return where the last whole record ends, so far as quotes tell; 0 where nothing does."""
    quotes = text.count('"')
    end = len(text)
    for _ in range(FURTHEST_BACK):
        start = _line_end_before(text, end)
        quotes -= text.count('"', start, end)
        if not start or quotes % 2 == 0:
            return start
        end = start
    return 0


def _line_end_before(text: str, end: int) -> int:
    """Return the position after the last line end before `end`; a CR at the very end may be half of CRLF."""
    found = text.rfind("\n", 0, end - 1)
    return (found if found >= 0 else text.rfind("\r", 0, end - 1)) + 1


def _lines_in(text: str) -> int:
    """Return how many lines end in a text, by LF, CRLF or CR alone."""
    returns = text.count("\r")
    return text.count("\n") + (returns - text.count("\r\n") if returns else 0)
