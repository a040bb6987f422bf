"""Snapshots: immutable Arrow files beside one row each in the table, written whole or not at all.

A version is a folder, `CRISIS/AUDIENCE/VERSION-RANDOM/`, that holds `rows.arrow` and, for the public
release, `areas.arrow`, for the internal one `index.arrow`, and, where little changed since a base was
written, `delta.arrow` and `gone.arrow` beside the base's own files (hard links). It is written aside, synced
and renamed before its row is added, so a reader that finds the row finds the files. Files are uncompressed,
so that opening one is mapping it into memory.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mapper.store.blobs import sync_folder
from mapper.store.store import Store
from mapper.store.tables import Snapshot

ROWS = "rows.arrow"
AREAS = "areas.arrow"
INDEX = "index.arrow"  # the bitmaps of `rows.arrow`, as `publication/bitmaps.py` makes them
DELTA = "delta.arrow"  # the rows that changed since `rows.arrow` was written, as they are now
GONE_ROWS = "gone.arrow"  # the numbers of its rows that hold no longer
VERSIONS_KEPT = 3
HASHED_AT_ONCE = 1 << 20
READERS_MAY_TAKE = timedelta(minutes=2)  # from finding a version's row to opening its file
ABANDONED_AFTER = timedelta(hours=1)  # a folder without a row: its writer was killed


Opened = TypeVar("Opened")


class SnapshotConflict(Exception):
    """Another process wrote this version first; build again from what it left."""


@dataclass(frozen=True)
class Staged:
    """Files of a version that are durable but that no row names yet."""

    crisis_id: int
    audience: str
    version: int
    path: str  # of rows.arrow, below the snapshot folder
    sha256: str  # over the files in order of name
    rows: int


@dataclass(frozen=True)
class Base:
    """A written version that another one stands on."""

    folder: Path
    sha256: str
    rows: int  # of the new version: those of the base that still hold, and the changed ones


def latest(session: Session, crisis_id: int, audience: str) -> Snapshot | None:
    """Return the newest version that an audience may see of a crisis, if one was written."""
    return session.scalars(
        select(Snapshot)
        .where(Snapshot.crisis_id == crisis_id, Snapshot.audience == audience)
        .order_by(Snapshot.version.desc())
        .limit(1)
    ).first()


def write(
    store: Store,
    crisis_id: int,
    audience: str,
    files: Mapping[str, pa.Table],
    *,
    data_until: datetime,
    policy: dict[str, Any],
) -> Snapshot:
    """Write a new version with its row and return it; raises SnapshotConflict.

    `files` are tables by file name; `ROWS` is one of them.
    """
    with store.read() as session:
        newest = latest(session, crisis_id, audience)
    version = newest.version + 1 if newest else 1
    staged = stage(store, crisis_id, audience, version, files)
    with store.write() as session:
        return record(session, staged, data_until=data_until, created_at=store.clock(), policy=policy)


def stage(
    store: Store,
    crisis_id: int,
    audience: str,
    version: int,
    files: Mapping[str, pa.Table],
    base: Base | None = None,
) -> Staged:
    """Make the files of a version durable. Nobody sees them before `record` names them.

    With a base its files are linked, not copied; raises OSError where the file system cannot do that.
    """
    folder = store.snapshots / str(crisis_id) / audience / f"{version}-{uuid.uuid4().hex[:12]}"
    aside = folder.with_name(f".{folder.name}")
    aside.mkdir(parents=True)
    digest = hashlib.sha256(base.sha256.encode() if base else b"")
    for name in (ROWS, INDEX) if base else ():
        (aside / name).hardlink_to(base.folder / name)  # type: ignore[union-attr]
    for name in sorted(files):
        _write_table(files[name], aside / name, digest)
    sync_folder(aside)
    aside.rename(folder)
    sync_folder(folder.parent)
    path = str((folder / ROWS).relative_to(store.snapshots))
    rows = base.rows if base else files[ROWS].num_rows
    return Staged(crisis_id, audience, version, path, digest.hexdigest(), rows)


def _write_table(table: pa.Table, path: Path, digest: hashlib._Hash) -> None:
    """Write a table as one uncompressed Arrow IPC file with one record batch, without a copy in memory."""
    table = table.combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        while part := file.read(HASHED_AT_ONCE):
            digest.update(part)


def record(
    session: Session,
    staged: Staged,
    *,
    data_until: datetime,
    created_at: datetime,
    policy: dict[str, Any],
) -> Snapshot:
    """Add a staged version's row in the caller's transaction; raises SnapshotConflict."""
    snapshot = Snapshot(
        crisis_id=staged.crisis_id,
        audience=staged.audience,
        version=staged.version,
        path=staged.path,
        sha256=staged.sha256,
        rows=staged.rows,
        data_until=data_until,
        created_at=created_at,
        policy=policy,
    )
    session.add(snapshot)
    try:
        session.flush()
    except IntegrityError as error:
        raise SnapshotConflict(
            f"version {staged.version} of {staged.audience} was written meanwhile"
        ) from error
    return snapshot


class _Opened:
    """What this process has mapped: of each audience of a crisis only the newest it was asked for."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int, str, str], tuple[int, Any]] = {}
        self._lock = threading.Lock()

    def get(self, store: Store, snapshot: Snapshot, name: str, make: Callable[[Path], Opened]) -> Opened:
        """Return what `make` makes of a file of a version, made once."""
        place = (str(store.snapshots), snapshot.crisis_id, snapshot.audience, name)
        held = self._held.get(place)
        if held is not None and held[0] == snapshot.version:
            found: Opened = held[1]
            return found
        made = make((store.snapshots / snapshot.path).with_name(name))
        with self._lock:
            held = self._held.get(place)
            if held is None or held[0] < snapshot.version:
                self._held[place] = (snapshot.version, made)
        return made


_OPENED = _Opened()


def opened(store: Store, snapshot: Snapshot, name: str, make: Callable[[Path], Opened]) -> Opened:
    """Return what `make` makes of a version's file, kept until a newer version is asked for."""
    return _OPENED.get(store, snapshot, name, make)


def open_table(store: Store, snapshot: Snapshot) -> pa.Table:
    """Return a version's rows, mapped into memory and shared by all threads; treat them as read only.

    Raises FileNotFoundError where the version was superseded so long ago that it is deleted.
    """
    return opened(store, snapshot, ROWS, map_file)


def open_areas(store: Store, snapshot: Snapshot) -> pa.Table:
    """Return the areas of a public release (`snapshot_format.PUBLIC_AREAS`), mapped into memory."""
    return opened(store, snapshot, AREAS, map_file)


def map_file(path: Path) -> pa.Table:
    """Return the table of an Arrow file, mapped into memory."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def prune(store: Store, crisis_id: int, audience: str) -> int:
    """Forget superseded versions and the folders of killed writers; return how many folders went.

    The newest few stay, and so does any that a reader may be about to open. A table that is mapped stays
    readable: the kernel keeps a deleted file until nobody maps it. Never call this for public releases.
    """
    with store.write() as session:
        known = session.scalars(
            select(Snapshot)
            .where(Snapshot.crisis_id == crisis_id, Snapshot.audience == audience)
            .order_by(Snapshot.version.desc())
        ).all()
        old = _unreachable(known, store.clock())
        for item in old:
            session.delete(item)
    folders = {Path(item.path).parent.name: item not in old for item in known}
    return _sweep(store.snapshots / str(crisis_id) / audience, folders)


def _unreachable(newest_first: Sequence[Snapshot], at: datetime) -> list[Snapshot]:
    """Return the versions that were superseded too long ago for any reader to open them still."""
    pairs = zip(newest_first[VERSIONS_KEPT - 1 :], newest_first[VERSIONS_KEPT:], strict=False)
    return [item for successor, item in pairs if successor.created_at < at - READERS_MAY_TAKE]


def _sweep(parent: Path, has_row: Mapping[str, bool]) -> int:
    """Delete folders whose row is gone, and those that never got one and are old."""
    abandoned_before = time.time() - ABANDONED_AFTER.total_seconds()
    gone = 0
    for folder in list(parent.iterdir()) if parent.is_dir() else []:
        if has_row.get(folder.name, folder.stat().st_mtime > abandoned_before):
            continue
        shutil.rmtree(folder, ignore_errors=True)
        gone += 1
    return gone
