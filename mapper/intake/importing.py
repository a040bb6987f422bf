"""`mapper import`: a file of reports through the door, every row accounted for."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import IO, Protocol

from sqlalchemy import select

from mapper.files.batches import Row, Table, rows_of
from mapper.intake.bulk_reading import BatchReader
from mapper.intake.bulk_taking import take_file
from mapper.intake.bulk_writing import BulkWriter
from mapper.intake.drafts import IMPORT_SENDER, Fate, NotAccepted, ReportDraft, Sender
from mapper.intake.import_runs import State, begin, end
from mapper.intake.import_summary import Refuse, Summary
from mapper.intake.rows import ReadRow, RowReader
from mapper.intake.service import accept
from mapper.intake.understanding import Understanding
from mapper.store.store import Store
from mapper.store.tables import Crisis, IdempotencyKey, ImportRun, Report
from mapper.vocabulary.text import N_

BATCH = 2_000
CONFLICT = N_("the sender's id of this row came before with other content")


class Door(Protocol):
    """Takes drafts and tells what became of each."""

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        """Return one fate a draft, in order."""
        ...


def run_import(
    store: Store,
    crisis: Crisis,
    table: Table,
    found: Understanding,
    run: ImportRun | None,
    rejects: IO[str] | None = None,
    *,
    sender: str = "",
    door: Door | None = None,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Take a file's rows in, in batches; each batch is kept whole. Stopped halfway, run it again: what
    was accepted is then a duplicate. Without a `run` it only tells what would happen. `door` is another
    than the file's own."""
    import_id = run.id if run else uuid.uuid4()
    reader = reader_of(crisis, found, store.clock(), import_id)
    summary, refuse = Summary(), _writer(rejects)
    if door is None or isinstance(door, FileDoor):
        writer = BulkWriter(store, crisis, Sender.of_file(sender), import_id)
        batches = BatchReader(reader, found.columns)
        take = partial(take_file, table, found.rows, batches, writer, summary, refuse, progress)
    else:
        take = partial(_take_all, table, Taking(found, reader, door, refuse, summary), progress)
    if run is None:
        take(keeps=False)
        return summary
    begin(store, run)
    try:
        take()
    except BaseException as error:
        state = State.CANCELLED if isinstance(error, KeyboardInterrupt) else State.FAILED
        end(store, run, state, summary.as_json(), str(error))
        raise
    end(store, run, State.DONE, summary.as_json())
    return summary


def _take_all(table: Table, taking: Taking, progress: Callable[[int], None] | None) -> None:
    rows = rows_of(table)
    while batch := list(islice(rows, BATCH)):
        taking.take(batch)
        if progress:
            progress(taking.summary.read)


def reader_of(crisis: Crisis, found: Understanding, now: datetime, import_id: uuid.UUID) -> RowReader:
    """Return how a file's rows are read, as what was found of it tells."""
    return RowReader(
        crisis,
        now,
        import_id,
        found.day_first,
        found.axes_swapped,
        found.strict,
        found.damage_scale,
        found.is_utc,
    )


def _writer(rejects: IO[str] | None) -> Refuse | None:
    if rejects is None:
        return None
    writer = csv.writer(rejects)
    writer.writerow(("line", "reason", "field"))

    def write(row: Row, errors: Sequence[tuple[str, str]]) -> None:
        writer.writerows((row.line, detail, pointer) for pointer, detail in errors)

    return write


class Taking:
    """One import under way: rows go in, and the summary grows."""

    def __init__(
        self,
        found: Understanding,
        reader: RowReader,
        door: Door,
        refuse: Refuse | None = None,
        summary: Summary | None = None,
    ) -> None:
        self.summary = Summary() if summary is None else summary
        self.tell = refuse
        self._found, self._reader, self._door = found, reader, door

    def take(self, batch: Sequence[Row]) -> None:
        """Take some rows through the door; what it keeps is kept together."""
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
        self.summary.refuse(errors)
        if self.tell:
            self.tell(row, errors)


class FileDoor:
    """The real door."""

    def __init__(self, store: Store, crisis: Crisis, sender: str = "") -> None:
        self._store, self._crisis, self._sender = store, crisis, Sender.of_file(sender)

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        """See Door."""
        return [outcome.fate for outcome in accept(self._store, self._crisis, drafts, self._sender)]


class DryDoor:
    """Tells what the door would say, and keeps nothing but the names it has seen."""

    def __init__(self, store: Store, crisis: Crisis, sender: str = "") -> None:
        self._store, self._crisis, self._sender = store, crisis, Sender.of_file(sender)
        self._seen: set[tuple[str, ...]] = set()

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        """See Door."""
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
        known = (
            Report.crisis_id == self._crisis.id,
            Report.sender_key == self._sender.key,
            Report.withdrawn_at.is_(None),
        )
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
