"""CSV as people really send it: any encoding, delimiter and line ending, with honest line numbers.

A damaged record never takes its neighbours with it: a quote that is never closed, or a record beyond
the limits, is reported and reading goes on at the next line.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from mapper.files.charsets import Charset, charset_of
from mapper.files.limits import DEFAULT_LIMITS, Limits, checked_file
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.vocabulary.text import N_

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_RECORDS = 200
HEADER_SEARCH = 25  # records in which an HXL tag row may stand
HEAD = 65_536
NO_TEXT = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))  # control characters that tables do not hold
MOST_CONTROLS, MOST_SHARE = 64, 0.02  # a few stray ones are a fault in a table, not another kind of file
BINARY = (b"PK\x03\x04", b"%PDF", b"SQLite format 3", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")
HXL_TAG = re.compile(r"#[a-z][a-z0-9_]*(\s*[+][a-z0-9_]+)*", re.IGNORECASE)
EXCEL_HINT = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class CsvRecord:
    """One record: the line it starts on (1 is the file's first line), and its values or its problem.

    `values` are one per column where `problem` is None; else whatever could be made out.
    """

    line: int
    values: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True)
class CsvFile:
    """An opened table. `columns` are unique; `tags` holds a column's HXL tag where the file has a tag row."""

    path: Path
    charset: Charset
    delimiter: str
    columns: tuple[str, ...]
    tags: dict[str, str]
    first_record: int  # records before this one are headings
    limits: Limits

    def records(self) -> Iterator[CsvRecord]:
        """Yield the records below the headings, in flat memory. Blank records are skipped.

        Raises FileTooLarge when there are more records than the limits allow.
        """
        with open_text(self.path, self.charset) as file:
            body = islice(records_of(file, self.delimiter, self.limits), self.first_record, None)
            for count, record in enumerate(body, 1):
                check_count(count, self.limits)
                yield fitted(record, len(self.columns))


def check_count(rows: int, limits: Limits) -> None:
    """Raise FileTooLarge where there are more rows than the limits allow."""
    if rows > limits.rows:
        raise FileTooLarge(N_("The file has more than %(limit)d rows."), limit=limits.rows)


def open_csv(path: Path, limits: Limits = DEFAULT_LIMITS) -> CsvFile:
    """Recognise encoding, delimiter and headings. Raises FileRefused for what is no table."""
    with checked_file(path, limits).open("rb") as binary:
        start = binary.read(HEAD)
    charset = charset_of(path)
    if start.startswith(BINARY) or _is_binary(start, charset):
        raise FileRefused(N_("This is not a text file; save the table as CSV and try again."))
    with open_text(path, charset) as file:
        sample = [line for line, _ in zip(_lines(file, limits), range(2_000), strict=False)]
    if not sample or sample[0].lstrip().startswith("<"):
        raise FileRefused(N_("This is HTML or XML, not a table."))
    delimiter = _delimiter(sample)
    skipped = 1 if EXCEL_HINT.fullmatch(sample[0]) else 0
    with open_text(path, charset) as file:
        records = list(islice(records_of(file, delimiter, limits), skipped, HEADER_SEARCH))
    headings, names, tags = headings_of(records)
    if len(names) > limits.columns:
        raise FileTooLarge(N_("The file has more than %(limit)d columns."), limit=limits.columns)
    columns = unique_names(names)
    return CsvFile(
        path,
        charset,
        delimiter,
        columns,
        dict(zip(columns, tags, strict=False)),
        skipped + headings,
        limits,
    )


def _is_binary(start: bytes, charset: Charset) -> bool:
    """Whether bytes are no text: a program or an archive is full of control characters."""
    if charset.name.startswith(("utf-16", "utf-32")):
        return False
    return len(start) - len(start.translate(None, NO_TEXT)) > max(MOST_CONTROLS, MOST_SHARE * len(start))


def unique_names(names: list[str]) -> tuple[str, ...]:
    """Return the headings with blanks named and repetitions numbered: `name`, `name (2)`."""
    taken: set[str] = set()
    result = []
    for position, given in enumerate(names, 1):
        base = " ".join(given.split()) or f"column {position}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base} ({number})", number + 1
        taken.add(name)
        result.append(name)
    return tuple(result)


@contextmanager
def open_text(path: Path, charset: Charset) -> Iterator[TextIO]:
    """Open a text with its line ends as they are."""
    # newline="" keeps the endings: the csv module needs them inside quotes, and CR alone ends a line too.
    with path.open(encoding=charset.name, errors=charset.errors, newline="") as file:
        yield file


def _lines(file: TextIO, limits: Limits) -> Iterator[str]:
    """Yield lines without NUL characters; one beyond the limit arrives cut, with its rest thrown away."""
    limit = limits.record_characters + 1
    while line := file.readline(limit):
        rest = line
        while len(rest) == limit and not rest.endswith(("\n", "\r")):
            rest = file.readline(limit)
        yield line.replace("\0", "")


class _Numbered:
    """Lines with their numbers, which can be given back to be read again."""

    def __init__(self, lines: Iterator[str], limit: int) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self._limit = limit
        self.number = 0  # of the last line given out
        self.taken: list[str] = []  # lines of the present record
        self._size = 0

    def __iter__(self) -> _Numbered:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > self._limit:
            raise csv.Error("too long")
        return line

    def start_record(self) -> None:
        """Forget the lines of the last record."""
        self.taken, self._size = [], 0

    def give_back_all_but_first(self) -> None:
        """Let the next record start on the second line of this one."""
        self._returned.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def records_of(file: TextIO, delimiter: str, limits: Limits) -> Iterator[CsvRecord]:
    """Yield every record that is not blank, headings too; damage is reported and reading goes on."""
    lines = _Numbered(_lines(file, limits), limits.record_characters)
    while True:
        reader = csv.reader(lines, delimiter=delimiter)
        for record in _until_damage(reader, lines, delimiter):
            if any(value.strip() for value in record.values) or record.problem:
                yield record
        if not lines.taken:
            return
        lines.give_back_all_but_first()


def _until_damage(reader: Iterator[list[str]], lines: _Numbered, delimiter: str) -> Iterator[CsvRecord]:
    """Yield records until the file ends (nothing taken) or one is damaged (its lines are still taken)."""
    while True:
        lines.start_record()
        start = lines.number + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield CsvRecord(start, (), "a field is longer than allowed, or its quote is never closed")
            return
        if _is_unclosed(lines.taken, delimiter) or _swallows_lines(lines.taken, delimiter):
            yield CsvRecord(start, tuple(values[:1]), "a quote is opened and never closed")
            return
        yield CsvRecord(start, tuple(values))


def _is_unclosed(taken: list[str], delimiter: str) -> bool:
    """Whether a record ends inside quotes, which only the end of the file can bring about."""
    if sum(line.count('"') for line in taken) % 2 == 0:
        return False
    try:
        for _ in csv.reader(taken, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _swallows_lines(taken: list[str], delimiter: str) -> bool:
    """Whether a record runs over lines only because a quote of its first is closed by one of another's."""
    if len(taken) == 1:
        return False  # quotes that are not doubled inside one line harm nobody else
    try:
        for _ in csv.reader(taken, delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return True
    return False


def fitted(record: CsvRecord, width: int) -> CsvRecord:
    """Return a record that is as wide as the headings, or says why it is not."""
    if record.problem:
        return record
    values = record.values
    if len(values) == width:
        return record
    if len(values) > width and not any(value.strip() for value in values[width:]):
        return CsvRecord(record.line, values[:width])
    return CsvRecord(record.line, values, f"the row has {len(values)} fields where the headings have {width}")


def _delimiter(sample: list[str]) -> str:
    hint = EXCEL_HINT.fullmatch(sample[0])
    if hint:
        return hint.group(1)
    return max(DELIMITERS, key=lambda candidate: _consistency(sample, candidate))


def _consistency(sample: list[str], delimiter: str) -> tuple[float, int]:
    """How well a delimiter explains the sample: the share of records as wide as most, then that width."""
    try:
        widths = [len(row) for row in islice(csv.reader(sample, delimiter=delimiter), SAMPLE_RECORDS) if row]
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = Counter(widths).most_common(1)[0]
    if width < 2 or widths[0] < 2:
        return 0.0, width
    return round(count / len(widths), 1), width


def headings_of(head: list[CsvRecord]) -> tuple[int, list[str], list[str]]:
    """Return how many records are headings, the columns' names and their HXL tags (if any)."""
    for index, record in enumerate(head):
        if _is_tag_row(record.values):
            above = list(head[index - 1].values) if index else list(record.values)
            names = above + [""] * (len(record.values) - len(above))
            return index + 1, names, list(record.values)
    if not head:
        raise FileRefused(N_("The file holds no table."))
    titles = _title_rows(head)
    return titles + 1, list(head[titles].values), []


def _title_rows(head: list[CsvRecord]) -> int:
    """Return how many rows stand above the headings: a sheet's title, its date, each alone in its row."""
    for index, record in enumerate(head):
        if sum(map(bool, map(str.strip, record.values))) > 1:
            return index
    return 0


def _is_tag_row(values: tuple[str, ...]) -> bool:
    given = [value.strip() for value in values if value.strip()]
    return len(given) >= 2 and all(HXL_TAG.fullmatch(value) for value in given)
