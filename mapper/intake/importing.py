"""`mapper import`: a file of reports through the door, every row accounted for."""

from __future__ import annotations

import csv
import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol

from sqlalchemy import select, update

from mapper.intake.drafts import IMPORT_SENDER, Fate, NotAccepted, ReportDraft
from mapper.intake.rows import ReadRow, RowReader
from mapper.intake.service import accept
from mapper.intake.tables import Row, Table
from mapper.intake.understanding import Understanding
from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import Crisis, IdempotencyKey, ImportRun, Report

BATCH = 2_000
CONFLICT = "the sender's id of this row came before with other content"


@dataclass
class Summary:
    """What became of the rows: read = accepted + duplicates + rejected.

    `reasons` counts why rows were rejected; of accepted rows, `unread` counts the fields that could not be
    read and `flags` what is odd about positions.
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    needs_location: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """Return the five counts of the contract."""
        names = ("read", "accepted", "duplicates", "rejected", "needs_location")
        return {name: getattr(self, name) for name in names}


class Door(Protocol):
    """Takes drafts and tells what became of each."""

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        """Return one fate a draft, in order."""
        ...


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
    run = None if dry_run else _start(store, crisis, path, found)
    reader = RowReader(
        crisis,
        store.clock(),
        run.id if run else uuid.uuid4(),
        found.day_first,
        found.axes_swapped,
        found.strict,
        found.damage_scale,
    )
    taking = _Taking(found, reader, _DryDoor(store, crisis) if dry_run else _Door(store, crisis), rejects)
    rows = table.rows()
    while batch := list(islice(rows, BATCH)):
        taking.take(batch)
        if progress:
            progress(taking.summary.read)
    if run is not None:
        _finish(store, crisis, run, taking.summary)
    return taking.summary


class _Taking:
    """One import under way."""

    def __init__(self, found: Understanding, reader: RowReader, door: Door, rejects: IO[str] | None) -> None:
        self.summary = Summary()
        self._found, self._reader, self._door = found, reader, door
        self._rejects = csv.writer(rejects) if rejects else None
        if self._rejects:
            self._rejects.writerow(("line", "reason", "field"))

    def take(self, batch: Sequence[Row]) -> None:
        read: list[tuple[Row, ReportDraft, list[str]]] = []
        for row in batch:
            self.summary.read += 1
            try:
                found = self._read(row)
                read.append((row, found.draft, found.unread))
            except NotAccepted as refusal:
                self._refuse(row, refusal.errors)
        fates = self._door.take([draft for _, draft, _ in read])
        for (row, draft, unread), fate in zip(read, fates, strict=True):
            self._count(row, draft, unread, fate)

    def _read(self, row: Row) -> ReadRow:
        if row.problem is not None:
            raise NotAccepted([("", row.problem)])
        return self._reader.read(self._found.fields_of(row), row.raw, row.degrees, row.has_geometry)

    def _count(self, row: Row, draft: ReportDraft, unread: list[str], fate: Fate) -> None:
        if fate is Fate.CONFLICT:
            self._refuse(row, [("source_id", CONFLICT)])
        elif fate is Fate.DUPLICATE:
            self.summary.duplicates += 1
        else:
            self.summary.accepted += 1
            self.summary.needs_location += draft.longitude is None
            self.summary.unread.update(unread)
            if draft.position_flag:
                self.summary.flags[draft.position_flag] += 1

    def _refuse(self, row: Row, errors: list[tuple[str, str]]) -> None:
        self.summary.rejected += 1
        for pointer, detail in errors:
            self.summary.reasons[f"{pointer} {detail}" if pointer else detail] += 1
            if self._rejects:
                self._rejects.writerow((row.line, detail, pointer))


class _Door:
    """The real door."""

    def __init__(self, store: Store, crisis: Crisis) -> None:
        self._store, self._crisis = store, crisis

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        return [outcome.fate for outcome in accept(self._store, self._crisis, drafts, IMPORT_SENDER)]


class _DryDoor:
    """Tells what the door would say, and keeps nothing but the names it has seen."""

    def __init__(self, store: Store, crisis: Crisis) -> None:
        self._store, self._crisis = store, crisis
        self._seen: set[tuple[str, ...]] = set()

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        self._seen |= self._kept(drafts)
        fates = []
        for draft in drafts:
            names = _names_of(draft)
            fates.append(Fate.DUPLICATE if names & self._seen else Fate.ACCEPTED)
            self._seen |= names
        return fates

    def _kept(self, drafts: Sequence[ReportDraft]) -> set[tuple[str, ...]]:
        keys = [draft.idempotency_key for draft in drafts if draft.idempotency_key]
        ids = [draft.source_id for draft in drafts if draft.source_id]
        mine = (IdempotencyKey.crisis_id == self._crisis.id, IdempotencyKey.sender_key == IMPORT_SENDER.key)
        known = (Report.crisis_id == self._crisis.id, Report.sender_key == IMPORT_SENDER.key)
        found: set[tuple[str, ...]] = set()
        with self._store.read() as session:
            for start in range(0, len(drafts), 500):
                part = slice(start, start + 500)
                query = select(IdempotencyKey.key).where(*mine, IdempotencyKey.key.in_(keys[part]))
                found |= {(key,) for key in session.scalars(query)}
                pairs = select(Report.channel, Report.source_id).where(
                    *known, Report.source_id.in_(ids[part])
                )
                found |= {(channel, str(name)) for channel, name in session.execute(pairs)}
        return found


def _names_of(draft: ReportDraft) -> set[tuple[str, ...]]:
    """Return what a report is recognised by: its row's key, and the sender's own id of it."""
    names: set[tuple[str, ...]] = {(draft.idempotency_key or "",)}
    return names | {(draft.channel, draft.source_id)} if draft.source_id else names


def _start(store: Store, crisis: Crisis, path: Path, found: Understanding) -> ImportRun:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    run = ImportRun(
        crisis_id=crisis.id,
        id=uuid.uuid4(),
        file_name=path.name[:200],
        sha256=digest,
        started_at=store.clock(),
        mapping={name: guess.column for name, guess in found.columns.items()},
    )
    with store.write() as session:
        session.add(run)
    return run


def _finish(store: Store, crisis: Crisis, run: ImportRun, summary: Summary) -> None:
    payload: dict[str, Any] = {"sha256": run.sha256, **summary.counts()}
    mine = (ImportRun.crisis_id == crisis.id, ImportRun.id == run.id)
    values = {"finished_at": store.clock(), "summary": summary.counts()}
    with store.write() as session:
        session.execute(update(ImportRun).where(*mine).values(**values))
        ledger.append(session, crisis.id, "import", str(run.id), payload, store.clock())
