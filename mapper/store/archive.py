"""Backups: the whole deployment in one file, taken while it runs, and put back on either engine.

A ZIP with every table as JSON lines, all of one moment; the blobs and snapshots that the tables name; the
log of erasures; and, last, a manifest. Keys are never in it: without MAPPER_KEY_ENCRYPTION_KEY what is sealed
stays sealed.
"""

from __future__ import annotations

import base64
import os
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Column, Connection, LargeBinary, Table, Uuid, delete, insert, select, text

from mapper.store.blobs import BlobMissing, sync_folder, write_durably
from mapper.store.keys import SealBroken
from mapper.store.migrate import revision
from mapper.store.store import Store
from mapper.store.tables import Base, Report, ReportKey, Snapshot
from mapper.store.types import UtcDateTime

FORMAT = 1
MANIFEST, ERASURES = "manifest.json", "erasures.jsonl"
ROWS_AT_ONCE = 5_000

Progress = Callable[[str], None]
Erasure = tuple[int, str]  # crisis id, report id


class BackupRefused(Exception):
    """The file cannot be restored here; the message says why and what to do."""


@dataclass(frozen=True)
class Contents:
    """What a backup holds."""

    made_at: datetime
    revision: str
    rows: dict[str, int]
    blobs: int
    snapshots: int

    def as_json(self) -> dict[str, Any]:
        """Return what the manifest says."""
        return {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "revision": self.revision,
            "rows": self.rows,
            "blobs": self.blobs,
            "snapshots": self.snapshots,
        }


def back_up(store: Store, path: Path, erasures: str, progress: Progress) -> Contents:
    """Write a backup, readable by its owner alone; it is seen whole or not at all.

    `erasures` is the log of erasures so far. What is erased while it is written may or may not be in it,
    which is why restoring repeats erasures.
    """
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                contents = _write(store, archive, erasures, progress)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return contents


def read_contents(path: Path) -> Contents:
    """Return what a backup says that it holds. Raises BackupRefused."""
    with _opened(path) as archive:
        return _contents(archive)


def restore(store: Store, path: Path, progress: Progress) -> tuple[Contents, set[Erasure]]:
    """Replace everything in the store with a backup; return its contents and every erasure known.

    Those of the backup's own log and those that the store itself held before are returned for the caller
    to repeat. Raises BackupRefused before anything is changed.
    """
    with _opened(path) as archive:
        contents = _contents(archive)
        _check(store, archive, contents)
        erased = _erasures_in(archive) | _erasures_of(store)
        _put_files_back(store, archive, progress)
        with store.writing() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for table in Base.metadata.sorted_tables:
                _load(connection, table, archive)
                progress(table.name)
            _forget_lost_snapshots(store, connection)
            _number_on(store, connection)
    return contents, erased


def read_erasures(lines: str) -> set[Erasure]:
    """Return the erasures of a log."""
    found = (orjson.loads(line) for line in lines.splitlines() if line.strip())
    return {(item["crisis_id"], item["report_id"]) for item in found}


def _write(store: Store, archive: zipfile.ZipFile, erasures: str, progress: Progress) -> Contents:
    archive.writestr(ERASURES, erasures)
    rows: dict[str, int] = {}
    blobs: set[str] = set()
    snapshots: list[str] = []
    with _one_moment(store) as connection:
        made_at, version = store.clock(), revision(connection)
        for table in Base.metadata.sorted_tables:
            rows[str(table.name)] = _dump(connection, table, archive, blobs, snapshots)
            progress(table.name)
    kept = sum(_keep_blob(store, archive, name) for name in sorted(blobs))
    progress("blobs")
    folders = sum(_keep_snapshot(store, archive, place) for place in snapshots)
    progress("snapshots")
    contents = Contents(made_at, version, rows, kept, folders)
    archive.writestr(MANIFEST, orjson.dumps(contents.as_json()))
    return contents


@contextmanager
def _one_moment(store: Store) -> Iterator[Connection]:
    """A connection whose reads all see the store as it was at the first of them."""
    engine = store.engine
    if store.is_postgresql:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def _dump(
    connection: Connection, table: Table, archive: zipfile.ZipFile, blobs: set[str], snapshots: list[str]
) -> int:
    columns = _stored(table)
    named = [number for number, column in enumerate(columns) if column.name.split("_")[-1] == "blob"]
    count = 0
    query = select(*columns).execution_options(yield_per=ROWS_AT_ONCE)
    with archive.open(_member(table), "w", force_zip64=True) as file:
        for row in connection.execute(query):
            count += 1
            blobs.update(row[number] for number in named if row[number])
            if table.name == Snapshot.__tablename__:
                snapshots.append(row.path)
            file.write(orjson.dumps([_plain(value) for value in row]) + b"\n")
    return count


def _load(connection: Connection, table: Table, archive: zipfile.ZipFile) -> None:
    columns = _stored(table)
    readers = [_reader(column) for column in columns]
    names = [column.name for column in columns]
    with archive.open(_member(table)) as file:
        for lines in _in_groups(file):
            rows = [
                {name: read(value) for name, read, value in zip(names, readers, row, strict=True)}
                for row in map(orjson.loads, lines)
            ]
            connection.execute(insert(table), rows)


def _in_groups(file: IO[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    for line in file:
        group.append(line)
        if len(group) == ROWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _stored(table: Table) -> list[Column[Any]]:
    """The columns that are written; what the database works out by itself is left to it."""
    return [column for column in table.columns if column.computed is None]


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    """Return what makes a column's value of a JSON one."""
    by_type: tuple[tuple[type, Callable[[Any], Any]], ...] = (
        (UtcDateTime, datetime.fromisoformat),
        (Uuid, uuid.UUID),
        (LargeBinary, base64.b64decode),
    )
    for kind, convert in by_type:
        if isinstance(column.type, kind):
            return lambda value: None if value is None else convert(value)
    return lambda value: value


def _member(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def _keep_blob(store: Store, archive: zipfile.ZipFile, name: str) -> bool:
    try:
        data = store.blobs.get(name)
    except BlobMissing:  # erased since the tables were read
        return False
    archive.writestr(zipfile.ZipInfo(f"blobs/{name}"), data)  # sealed: it does not get smaller
    return True


def _keep_snapshot(store: Store, archive: zipfile.ZipFile, place: str) -> bool:
    """Keep every file of a version's folder; one that was pruned since the tables were read is gone."""
    folder = (store.snapshots / place).parent
    try:
        files = {item.name: item.read_bytes() for item in sorted(folder.iterdir())}
    except FileNotFoundError:
        return False
    for name, data in files.items():
        archive.writestr(f"snapshots/{Path(place).parent.as_posix()}/{name}", data)
    return True


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error) as error:
        raise BackupRefused(f"{path.name} is no whole backup: {error}") from error


def _contents(archive: zipfile.ZipFile) -> Contents:
    try:
        found = orjson.loads(archive.read(MANIFEST))
    except (KeyError, ValueError) as error:
        raise BackupRefused("it is no backup of this program: it has no manifest") from error
    if found.get("format") != FORMAT:
        raise BackupRefused("it was made by a newer program: restore it with that one")
    made_at = datetime.fromisoformat(found["made_at"])
    return Contents(made_at, found["revision"], found["rows"], found["blobs"], found["snapshots"])


def _check(store: Store, archive: zipfile.ZipFile, contents: Contents) -> None:
    damaged = archive.testzip()
    if damaged is not None:
        raise BackupRefused(f"the backup is damaged in {damaged}")
    with store.engine.connect() as connection:
        here = revision(connection)
    if contents.revision != here:
        raise BackupRefused(
            f"it holds tables of version {contents.revision}, this program has {here}: restore it with the "
            "program that made it, then upgrade"
        )
    key = _first(archive, ReportKey.__table__)  # type: ignore[arg-type]
    if key is not None:
        try:
            store.keys.unwrap(key["report_id"], key["wrapped"])
        except SealBroken as error:
            raise BackupRefused(
                "it was made under another MAPPER_KEY_ENCRYPTION_KEY: set the key that belongs to it"
            ) from error


def _first(archive: zipfile.ZipFile, table: Table) -> dict[str, Any] | None:
    with archive.open(_member(table)) as file:
        line = file.readline()
    if not line:
        return None
    columns = _stored(table)
    return {
        column.name: _reader(column)(value) for column, value in zip(columns, orjson.loads(line), strict=True)
    }


def _erasures_in(archive: zipfile.ZipFile) -> set[Erasure]:
    return read_erasures(archive.read(ERASURES).decode())


def _erasures_of(store: Store) -> set[Erasure]:
    """Return what has been erased in the store as it is, whatever its log says."""
    with store.read() as session:
        query = select(Report.crisis_id, Report.id).where(Report.erased_at.is_not(None))
        return {(crisis_id, str(report_id)) for crisis_id, report_id in session.execute(query)}


def _put_files_back(store: Store, archive: zipfile.ZipFile, progress: Progress) -> None:
    """Put blobs and snapshots where the tables will name them; those that are there already stay."""
    root = store.snapshots.resolve()
    for name in archive.namelist():
        kind, _slash, place = name.partition("/")
        if kind == "blobs" and store.blobs.put(archive.read(name)) != place:
            raise BackupRefused(f"the backup's blob {place} is not what its name says")
        if kind == "snapshots":
            target = (root / place).resolve()
            if not target.is_relative_to(root):
                raise BackupRefused(f"the backup names a file outside its folder: {place}")
            target.parent.mkdir(parents=True, exist_ok=True)
            write_durably(target, archive.read(name))
    progress("files")


def _forget_lost_snapshots(store: Store, connection: Connection) -> None:
    """Forget internal snapshots that were pruned while the backup was made: workers write a new one."""
    query = select(Snapshot.path).where(Snapshot.audience != "public")
    for path in connection.scalars(query).all():
        if not (store.snapshots / path).is_file():
            connection.execute(delete(Snapshot).where(Snapshot.path == path))


def _number_on(store: Store, connection: Connection) -> None:
    """Let PostgreSQL go on numbering after the ids that were put back; SQLite does so by itself."""
    if not store.is_postgresql:
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        # The names are our own schema's, quoted by nobody else.
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608
                f"GREATEST((SELECT max({column.name}) FROM {table.name}), 1), "
                f"(SELECT max({column.name}) FROM {table.name}) IS NOT NULL)"
            )
        )
