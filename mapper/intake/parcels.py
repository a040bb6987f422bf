"""Parcels: a batch of a file's rows, read, sealed and bound for the driver, ready for one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mapper.files.batches import Batch, Table
from mapper.intake.bulk_reading import BatchReader, Errors, Name, ReadColumns
from mapper.intake.bulk_writing import BulkWriter


@dataclass
class Parcel:
    """What became of a batch's rows before the write; the lists about new ones are all of one length.

    `statements` are the four tables' inserts with their rows as the driver takes them.
    """

    read: int
    refused: list[tuple[int, Errors]]  # line, errors
    duplicates: int
    keys: list[str] = field(default_factory=list)
    names: list[Name | None] = field(default_factory=list)  # the sender's own ids
    flags: list[str | None] = field(default_factory=list)
    is_placed: list[bool] = field(default_factory=list)
    unread: list[Sequence[str]] = field(default_factory=list)
    statements: list[tuple[str, list[Any]]] = field(default_factory=list)

    def without(self, known: set[int]) -> None:
        """Take out new rows that another process wrote meanwhile, by their place."""
        stay = [place for place in range(len(self.keys)) if place not in known]
        self.duplicates += len(known)
        for name in ("keys", "names", "flags", "is_placed", "unread"):
            values = getattr(self, name)
            setattr(self, name, [values[place] for place in stay])
        self.statements = [(sql, [rows[place] for place in stay]) for sql, rows in self.statements]


class Packer:
    """Packs a file's batches, and knows rows again that came before in the store or the file."""

    def __init__(self, reader: BatchReader, writer: BulkWriter, *, keeps: bool = True) -> None:
        self._reader, self._writer, self._keeps = reader, writer, keeps
        # Of the last parcel, which may not be written yet; without `keeps` of the whole file.
        self._keys: set[str] = set()
        self._names: set[Name] = set()

    def parcels(self, table: Table) -> Iterator[Parcel]:
        """Yield a parcel for each batch; without `keeps` they hold nothing to write."""
        return self.parcels_of(table.batches())

    def parcels_of(self, batches: Iterable[Batch]) -> Iterator[Parcel]:
        """The same of some batches that follow each other."""
        for batch in batches:
            read = self._reader.read(batch)
            refused = [(batch.lines[index], read.refused[index]) for index in sorted(read.refused)]
            candidates = [index for index in range(len(batch)) if index not in read.refused]
            rows = self._new_rows(read, candidates)
            parcel = Parcel(len(batch), refused, len(candidates) - len(rows))
            if rows:
                self._describe(parcel, read, rows)
                if self._keeps:
                    parcel.statements = self._writer.statements(read, rows)
            yield parcel

    def _new_rows(self, read: ReadColumns, candidates: Sequence[int]) -> list[int]:
        keys = [read.identities[index] for index in candidates]
        names = [read.name_of(index) for index in candidates]
        known = self._writer.known(keys, names)
        new_keys: set[str] = set()
        new_names: set[Name] = set()
        rows = []
        for place, (index, key, name) in enumerate(zip(candidates, keys, names, strict=True)):
            came = key in self._keys or key in new_keys or name in self._names or name in new_names
            if came or place in known:
                continue
            rows.append(index)
            new_keys.add(key)
            if name is not None:
                new_names.add(name)
        self._keys = new_keys if self._keeps else self._keys | new_keys
        self._names = new_names if self._keeps else self._names | new_names
        return rows

    @staticmethod
    def _describe(parcel: Parcel, read: ReadColumns, rows: Sequence[int]) -> None:
        parcel.keys = [read.identities[row] for row in rows]
        parcel.names = [read.name_of(row) for row in rows]
        parcel.flags = [read.fields["position_flag"][row] for row in rows]
        parcel.is_placed = np.isfinite(read.longitude[list(rows)]).tolist()
        parcel.unread = [read.unread.get(row, ()) for row in rows] if read.unread else [()] * len(rows)
