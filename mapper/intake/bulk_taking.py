"""A whole file through the door: the next parcel is packed in another process while one is written."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from mapper.files.batches import Row, Table
from mapper.intake.ahead import ahead, is_possible
from mapper.intake.bulk_reading import BatchReader
from mapper.intake.bulk_writing import BulkWriter
from mapper.intake.import_summary import Refuse, Summary
from mapper.intake.parcels import Packer, Parcel
from mapper.intake.service import TRIES

MANY = 50_000  # rows, from which on another process pays


def take_file(
    table: Table,
    rows: int,
    reader: BatchReader,
    writer: BulkWriter,
    summary: Summary,
    refuse: Refuse | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    keeps: bool = True,
) -> None:
    """Take a file of `rows` rows in and add to `summary`; each parcel is one transaction.

    Without `keeps` nothing is written, and the summary tells what would happen.
    """
    with without_collector():
        for parcel in _parcels(table, rows, reader, writer, keeps):
            if keeps:
                write_parcel(writer, parcel)
            count_parcel(summary, parcel, refuse)
            if progress:
                progress(summary.read)


@contextmanager
def without_collector() -> Iterator[None]:
    """Rows hold no cycles, and looking for some among a million of them takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _parcels(
    table: Table, rows: int, reader: BatchReader, writer: BulkWriter, keeps: bool
) -> Iterator[Parcel]:
    def pack() -> Iterator[Parcel]:
        return Packer(reader, writer, keeps=keeps).parcels(table)

    def pack_apart() -> Iterator[Parcel]:
        writer.store.engine.dispose(close=False)  # its connections belong to the process that began it
        return pack()

    return ahead(pack_apart) if rows >= MANY and is_possible() else pack()


def write_parcel(writer: BulkWriter, parcel: Parcel) -> None:
    """Write a parcel; where another process wrote rows of it meanwhile, the rest."""
    for attempt in range(TRIES):
        if not parcel.keys:
            return
        try:
            writer.write(parcel.statements)
            return
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
        parcel.without(writer.known(parcel.keys, parcel.names))


def count_parcel(summary: Summary, parcel: Parcel, refuse: Refuse | None) -> None:
    """Add what became of a parcel's rows to the summary, and tell of those that are refused."""
    summary.read += parcel.read
    summary.duplicates += parcel.duplicates
    summary.accepted += len(parcel.keys)
    summary.needs_location += parcel.is_placed.count(False)
    summary.flags.update(flag for flag in parcel.flags if flag)
    for names in parcel.unread:
        summary.unread.update(names)
    for line, errors in parcel.refused:
        summary.refuse(errors)
        if refuse:
            refuse(Row(line, {}, {}), errors)
