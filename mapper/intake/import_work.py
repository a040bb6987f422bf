"""What a worker does with imports: take one batch of rows of the file that has waited longest.

How far an import is stands in its row, so that it goes on after a crash. A batch that was kept but not
counted is read again, and the door knows its rows: nothing is taken twice, and the counts are put right
from the reports themselves at the end.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from mapper.files.batches import Row, Table, batches_from, rows_of
from mapper.files.refusals import FileRefused
from mapper.intake.bulk_reading import BatchReader
from mapper.intake.bulk_taking import count_parcel, without_collector, write_parcel
from mapper.intake.bulk_writing import BulkWriter
from mapper.intake.drafts import Sender
from mapper.intake.import_files import laid_out
from mapper.intake.import_runs import LOCK, State, end, named
from mapper.intake.import_summary import Refuse, Summary
from mapper.intake.import_undo import undo_batch
from mapper.intake.import_versions import door_of, settle
from mapper.intake.importing import BATCH, FileDoor, Taking, reader_of
from mapper.intake.parcels import Packer, Parcel
from mapper.intake.tables import open_table
from mapper.intake.understanding import Understanding
from mapper.store.blobs import BlobMissing
from mapper.store.keys import SealBroken
from mapper.store.locks import alone
from mapper.store.store import Store
from mapper.store.tables import Crisis, ImportReject, ImportRun, Report

LARGE = 5_000  # rows, from which on a file is taken by columns
GOING = (State.WAITING, State.RUNNING)
PREVIEW_KEPT = timedelta(days=7)  # a file that was looked at and never started


def work(store: Store) -> int:
    """Take or undo one batch of each crisis' oldest import; return how many rows were handled."""
    with store.read() as session:
        going = session.scalars(
            select(ImportRun)
            .where(
                or_(
                    and_(ImportRun.state.in_(GOING), ImportRun.blob.is_not(None)),
                    ImportRun.state == State.UNDOING,
                )
            )
            .order_by(ImportRun.created_at, ImportRun.id)
        ).all()
    first = {run.crisis_id: run for run in reversed(going)}
    return sum(_work_crisis(store, run) for run in first.values()) + _forget_previews(store)


def _work_crisis(store: Store, run: ImportRun) -> int:
    with alone(store, LOCK, run.crisis_id) as is_mine:
        if not is_mine:
            return 0
        with store.read() as session:
            run = session.get_one(ImportRun, (run.crisis_id, run.id))
        if run.state == State.UNDOING:
            return undo_batch(store, run)
        if run.state not in GOING:
            return 0
        try:
            return _take_batch(store, run)
        except (FileRefused, BlobMissing, SealBroken) as error:
            _close(run)
            end(store, run, State.FAILED, _counted(store, run, _summary_of(run)), str(error))
            return 1


@dataclass
class _UnderWay:
    """An import that this process reads: where it is in the file, and what holds the file.

    `take` takes the next rows and returns how many there were, 0 at the end.
    """

    take: Callable[[], int]
    summary: Summary
    files: ExitStack
    position: int
    refused: list[dict[str, Any]]


_under_way: dict[uuid.UUID, _UnderWay] = {}


def _take_batch(store: Store, run: ImportRun) -> int:
    here = _under_way.get(run.id)
    if here is None or here.position != run.rows_read:
        _close(run)
        here = _under_way[run.id] = _open(store, run)
    try:
        count = here.take()
        here.position += count
        goes_on = not count or _write_progress(store, run, here)
    except BaseException:
        _close(run)  # these rows were read and are not accounted for: the next round reads them again
        raise
    if not count:
        versions = _settle_versions(store, run)
        _close(run)
        end(store, run, State.DONE, _counted(store, run, here.summary) | versions)
    elif not goes_on:
        _close(run)
        _count_stopped(store, run, here.summary)
    return count or 1


def _open(store: Store, run: ImportRun) -> _UnderWay:
    with ExitStack() as files:
        table = open_table(files.enter_context(laid_out(store, run)), run.kind, run.layer)
        with store.read() as session:
            crisis = session.get_one(Crisis, run.crisis_id)
        refused: list[dict[str, Any]] = []
        summary = _summary_of(run)

        def refuse(row: Row, errors: Sequence[tuple[str, str]]) -> None:
            refused.extend(_rejects(summary.rejected, row, errors))

        steps = _quick_steps(store, crisis, run, table, summary, refuse)
        steps = steps or _steps(store, crisis, run, table, summary, refuse)
        return _UnderWay(lambda: next(steps, 0), summary, files.pop_all(), run.rows_read, refused)


def _steps(
    store: Store, crisis: Crisis, run: ImportRun, table: Table, summary: Summary, refuse: Refuse
) -> Iterator[int]:
    """Take the rows that are left one by one, a batch a step."""
    rows = islice(rows_of(table), run.rows_read, None)
    found = Understanding.from_json(run.found or {})
    reader = reader_of(crisis, found, store.clock(), run.id)
    taking = Taking(found, reader, door_of(store, crisis, run), refuse, summary)
    while batch := list(islice(rows, BATCH)):
        taking.take(batch)
        yield len(batch)


def _quick_steps(
    store: Store, crisis: Crisis, run: ImportRun, table: Table, summary: Summary, refuse: Refuse
) -> Iterator[int] | None:
    """Take the rows that are left by columns; None where the file is small, or asks for more than that."""
    batches = batches_from(table, run.rows_read) if (run.total or 0) >= LARGE else None
    if batches is None or not isinstance(door_of(store, crisis, run), FileDoor):
        return None
    found = Understanding.from_json(run.found or {})
    reader = BatchReader(reader_of(crisis, found, store.clock(), run.id), found.columns)
    writer = BulkWriter(store, crisis, Sender.of_file(run.sender), run.id)
    return _parcel_steps(Packer(reader, writer).parcels_of(batches), writer, summary, refuse)


def _parcel_steps(
    parcels: Iterator[Parcel], writer: BulkWriter, summary: Summary, refuse: Refuse
) -> Iterator[int]:
    while True:
        with without_collector():
            parcel = next(parcels, None)
            if parcel is None:
                return
            write_parcel(writer, parcel)
            count_parcel(summary, parcel, refuse)
        yield parcel.read


def _settle_versions(store: Store, run: ImportRun) -> dict[str, Any]:
    """Withdraw what the file has no more, where that was chosen, and count what it changed."""
    if not run.choices.get("comparison"):
        return {}
    with store.read() as session:
        crisis = session.get_one(Crisis, run.crisis_id)
    with laid_out(store, run) as path:
        table = open_table(path, run.kind, run.layer)
        return {"versions": settle(store, crisis, run, table, Understanding.from_json(run.found or {}))}


def _close(run: ImportRun) -> None:
    here = _under_way.pop(run.id, None)
    if here is not None:
        here.files.close()


def _rejects(number: int, row: Row, errors: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"number": number, "line": row.line, "position": position, "field": pointer[:64], "reason": reason}
        for position, (pointer, reason) in enumerate(errors)
    ]


def _write_progress(store: Store, run: ImportRun, here: _UnderWay) -> bool:
    """Write how far it is and what was refused; False where it goes on no longer."""
    owner = {"crisis_id": run.crisis_id, "import_id": run.id}
    values = {"state": State.RUNNING, "rows_read": here.position, "summary": here.summary.as_json()}
    values["started_at"] = run.started_at or store.clock()
    with store.write() as session:
        rejects = [owner | row for row in here.refused]
        if rejects:
            session.execute(insert(ImportReject), rejects)
        here.refused.clear()
        still = (ImportRun.state.in_(GOING), ImportRun.rows_read == run.rows_read)
        done = session.execute(update(ImportRun).where(*named(run), *still).values(**values))
        return bool(done.rowcount)  # type: ignore[attr-defined]


def _count_stopped(store: Store, run: ImportRun, summary: Summary) -> None:
    """Somebody stopped it while a batch was being taken: what the batch brought counts too."""
    values = {"summary": _counted(store, run, summary), "rows_read": summary.read}
    with store.write() as session:
        stopped = (*named(run), ImportRun.state == State.CANCELLED)
        session.execute(update(ImportRun).where(*stopped).values(**values))


def _summary_of(run: ImportRun) -> Summary:
    kept = run.summary or {}
    counts: dict[str, Any] = {name: kept.get(name, 0) for name in Summary().counts()}
    counters: dict[str, Any] = {name: Counter(kept.get(name, {})) for name in ("reasons", "unread", "flags")}
    return Summary(**counts, **counters)


def _counted(store: Store, run: ImportRun, summary: Summary) -> dict[str, Any]:
    """Return the summary with the counts that the reports themselves tell."""
    mine = (Report.crisis_id == run.crisis_id, Report.import_id == run.id)
    with store.read() as session:
        accepted, placed = session.execute(select(func.count(), func.count(Report.lon_e7)).where(*mine)).one()
    summary.accepted, summary.needs_location = accepted, accepted - placed
    summary.duplicates = summary.read - accepted - summary.rejected
    return summary.as_json()


def _forget_previews(store: Store) -> int:
    """Forget files that were looked at and never started."""
    with store.read() as session:
        old = session.scalars(
            select(ImportRun)
            .where(ImportRun.state == State.PREVIEW, ImportRun.created_at < store.clock() - PREVIEW_KEPT)
            .limit(20)
        ).all()
    for run in old:
        discard(store, run)
    return len(old)


def discard(store: Store, run: ImportRun) -> None:
    """Forget a file that was only looked at."""
    with store.write() as session:
        session.execute(delete(ImportRun).where(*named(run), ImportRun.state == State.PREVIEW))
    if run.blob:
        store.blobs.delete(run.blob)
