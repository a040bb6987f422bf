"""`mapper import`: a file of reports through the door, every row accounted for."""

from __future__ import annotations

import csv
import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import select

from mapper.files.columns import SAMPLE, Guess, apply_overrides, guess_columns, split_pair
from mapper.files.dates import day_stands_first
from mapper.files.numbers import parse_degrees
from mapper.intake.drafts import IMPORT_SENDER, Fate, NotAccepted, ReportDraft
from mapper.intake.rows import Position, RowReader
from mapper.intake.service import accept
from mapper.intake.tables import Row, Table
from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import Crisis, IdempotencyKey, ImportRun

BATCH = 2_000
MOST_GIVEN_INSIDE = 0.2  # with more than this share inside the box as given, the axes are not swapped


@dataclass(frozen=True)
class Understanding:
    """How a file will be read: shown before anything is written, and overridable."""

    columns: dict[str, Guess]
    day_first: bool
    axes_swapped: bool

    def sentences(self) -> Iterator[str]:
        """Yield one line a finding."""
        for name, guess in self.columns.items():
            yield f"{name} <- {guess.column} ({guess.reason})"
        if "observed_at" in self.columns:
            yield "dates with numbers only are read " + ("day first" if self.day_first else "month first")
        if self.axes_swapped:
            yield "longitude and latitude are swapped in this file (the crisis' box tells): put right"


@dataclass
class Summary:
    """What became of the rows: read = accepted + duplicates + rejected."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    needs_location: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """Return the five counts of the contract."""
        names = ("read", "accepted", "duplicates", "rejected", "needs_location")
        return {name: getattr(self, name) for name in names}


def understand(table: Table, crisis: Crisis, overrides: Mapping[str, str]) -> Understanding:
    """Guess from headings and a sample of rows; raises UnknownColumn for an override that fits nothing."""
    sample = [row for row in islice(table.rows(), SAMPLE) if row.problem is None]
    values = [dict(row.values) for row in sample]
    columns = apply_overrides(guess_columns(table.columns, values, table.tags), overrides, table.columns)
    dates = [row.get(columns["observed_at"].column, "") for row in values] if "observed_at" in columns else []
    return Understanding(columns, day_stands_first(dates), _axes_swapped(sample, columns, crisis))


def run_import(
    store: Store,
    crisis: Crisis,
    path: Path,
    table: Table,
    found: Understanding,
    rejects: IO[str] | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Take a file's rows in, in batches; each batch is kept whole. Stopped halfway, run it again: what
    was accepted is then a duplicate."""
    run = _start(store, crisis, path, found)
    reader = RowReader(crisis, found.day_first, found.axes_swapped, run.id)
    rejected = _Rejects(rejects)
    summary = Summary()
    door = _DryDoor(store, crisis) if dry_run else _Door(store, crisis)
    rows = table.rows()
    while batch := list(islice(rows, BATCH)):
        _take(batch, reader, found, door, summary, rejected)
        if progress:
            progress(summary.read)
    if not dry_run:
        _finish(store, crisis, run, summary)
    return summary


def _take(
    batch: Sequence[Row],
    reader: RowReader,
    found: Understanding,
    door: _Door | _DryDoor,
    summary: Summary,
    rejected: _Rejects,
) -> None:
    drafts: list[ReportDraft] = []
    for row in batch:
        summary.read += 1
        try:
            drafts.append(_draft(row, reader, found))
        except NotAccepted as refusal:
            summary.rejected += 1
            for pointer, detail in refusal.errors:
                summary.reasons[f"{pointer}: {detail}" if pointer else detail] += 1
                rejected.write(row.line, detail, pointer)
    for draft, fate in zip(drafts, door.take(drafts), strict=True):
        if fate is Fate.ACCEPTED:
            summary.accepted += 1
            summary.needs_location += draft.longitude is None or draft.longitude == draft.latitude == 0
        else:
            summary.duplicates += 1


def _draft(row: Row, reader: RowReader, found: Understanding) -> ReportDraft:
    if row.problem is not None:
        raise NotAccepted([("", row.problem)])
    values = {name: row.values.get(guess.column, "") for name, guess in found.columns.items()}
    position = None
    if row.position is not None:
        position = reader.place(*row.position)
    elif row.has_geometry:
        position = Position(flag="unusable")
    return reader.draft(values, row.raw, position)


class _Door:
    """The real door."""

    def __init__(self, store: Store, crisis: Crisis) -> None:
        self._store, self._crisis = store, crisis

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        return [outcome.fate for outcome in accept(self._store, self._crisis, drafts, IMPORT_SENDER)]


class _DryDoor:
    """Tells what the door would say, and keeps nothing."""

    def __init__(self, store: Store, crisis: Crisis) -> None:
        self._store, self._crisis = store, crisis
        self._seen: set[str | None] = set()

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        known = self._seen | self._kept([draft.idempotency_key for draft in drafts])
        fates = []
        for draft in drafts:
            fates.append(Fate.DUPLICATE if draft.idempotency_key in known else Fate.ACCEPTED)
            known.add(draft.idempotency_key)
        self._seen = known
        return fates

    def _kept(self, names: list[str | None]) -> set[str | None]:
        table = IdempotencyKey
        mine = (table.crisis_id == self._crisis.id, table.sender_key == IMPORT_SENDER.key)
        found: set[str | None] = set()
        with self._store.read() as session:
            for start in range(0, len(names), 500):
                part = names[start : start + 500]
                found |= set(session.scalars(select(table.key).where(*mine, table.key.in_(part))))
        return found


class _Rejects:
    """The file of rejected rows: line, reason, field."""

    def __init__(self, file: IO[str] | None) -> None:
        self._writer = csv.writer(file) if file else None
        if self._writer:
            self._writer.writerow(("line", "reason", "field"))

    def write(self, line: int, reason: str, pointer: str) -> None:
        if self._writer:
            self._writer.writerow((line, reason, pointer))


def _axes_swapped(sample: Sequence[Row], columns: Mapping[str, Guess], crisis: Crisis) -> bool:
    given = swapped = total = 0
    for row in sample:
        position = row.position or _degrees(row.values, columns)
        if position is None:
            continue
        total += 1
        longitude, latitude = position
        given += crisis.west <= longitude <= crisis.east and crisis.south <= latitude <= crisis.north
        swapped += crisis.west <= latitude <= crisis.east and crisis.south <= longitude <= crisis.north
    return swapped > given and given <= MOST_GIVEN_INSIDE * total


def _degrees(values: Mapping[str, str], columns: Mapping[str, Guess]) -> tuple[float, float] | None:
    cells = {
        name: values.get(columns[name].column, "") if name in columns else ""
        for name in ("longitude", "latitude", "position")
    }
    if pair := split_pair(cells["position"]):
        return pair[1], pair[0]
    longitude, latitude = parse_degrees(cells["longitude"]), parse_degrees(cells["latitude"])
    return None if longitude is None or latitude is None else (longitude, latitude)


def _start(store: Store, crisis: Crisis, path: Path, found: Understanding) -> ImportRun:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ImportRun(
        crisis_id=crisis.id,
        id=uuid.uuid4(),
        file_name=path.name[:200],
        sha256=digest,
        started_at=store.clock(),
        mapping={name: guess.column for name, guess in found.columns.items()},
    )


def _finish(store: Store, crisis: Crisis, run: ImportRun, summary: Summary) -> None:
    run.finished_at = store.clock()
    run.summary = summary.counts()
    payload: dict[str, Any] = {"sha256": run.sha256, **summary.counts()}
    with store.write() as session:
        session.add(run)
        ledger.append(session, crisis.id, "import", str(run.id), payload, store.clock())
