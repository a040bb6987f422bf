"""Imports as rows: who brought which file, how it is read, how far it is, and what became of it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapper.files.batches import Table
from mapper.files.headings import plain_heading
from mapper.intake.understanding import Understanding
from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import Crisis, ImportRun
from mapper.vocabulary.text import N_

LONGEST_SENDER = 64
MOST_LISTED = 100
LOCK = "impo"  # of a crisis: one import is taken or undone at a time


class State(StrEnum):
    """Where an import is on its way."""

    PREVIEW = "preview"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


LABELS: Mapping[str, str] = {
    State.PREVIEW: N_("Looked at, not started"),
    State.WAITING: N_("Waiting for a worker"),
    State.RUNNING: N_("Running"),
    State.DONE: N_("Done"),
    State.CANCELLED: N_("Stopped"),
    State.FAILED: N_("Failed"),
    State.UNDOING: N_("Being undone"),
    State.UNDONE: N_("Undone"),
}
UNDER_WAY = (State.WAITING, State.RUNNING, State.UNDOING)
ENDED = (State.DONE, State.CANCELLED, State.FAILED)


NOT_NOW = N_("This import is past that. Look at how it is now.")


class NotNow(Exception):
    """The import is past the state in which that can be done."""


@dataclass(frozen=True)
class Source:
    """A file on its way in: where it is for now, what it is called, whose it is, and who brought it."""

    path: Path
    name: str
    sender: str = ""
    user_id: int | None = None
    kind: str | None = None
    layer: str | None = None


def headings_of(columns: Iterable[str]) -> str:
    """Return the hash that files with the same columns share, whatever their order or spelling."""
    names = sorted({plain_heading(column) for column in columns})
    return hashlib.sha256("\0".join(names).encode()).hexdigest()


def new_run(
    store: Store,
    crisis: Crisis,
    source: Source,
    table: Table,
    found: Understanding,
    chosen: Mapping[str, str],
    state: State,
) -> ImportRun:
    """Return the row of an import that begins; it is not written yet."""
    with source.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ImportRun(
        crisis_id=crisis.id,
        id=uuid.uuid4(),
        state=state,
        file_name=source.name[:200],
        sha256=digest,
        size=source.path.stat().st_size,
        sender=source.sender[:LONGEST_SENDER],
        user_id=source.user_id,
        format=table.description[:200],
        kind=source.kind,
        layer=source.layer,
        headings=headings_of(table.columns),
        chosen=dict(chosen),
        mapping=columns_of(found),
        found=found.as_json(),
        choices={},
        total=found.rows,
        rows_read=0,
        created_at=store.clock(),
    )


def columns_of(found: Understanding) -> dict[str, str]:
    """Return field -> column as the file is read."""
    return {name: guess.column for name, guess in found.columns.items()}


def begin(store: Store, run: ImportRun) -> None:
    """Write the row of an import that runs in this process.

    One of the same file that never ended was killed; it is said so, and this one takes up what is left.
    """
    run.state, run.started_at = State.RUNNING, store.clock()
    same = (ImportRun.crisis_id == run.crisis_id, ImportRun.sha256 == run.sha256)
    stopped = {
        "state": State.FAILED,
        "problem": N_("It was stopped before its end."),
        "finished_at": run.started_at,
    }
    with store.write() as session:
        session.execute(
            update(ImportRun)
            .where(*same, ImportRun.state == State.RUNNING, ImportRun.blob.is_(None))
            .values(**stopped)
        )
        session.add(run)


def end(store: Store, run: ImportRun, state: State, summary: Mapping[str, Any], problem: str = "") -> None:
    """Write how an import ended, and enter it in the ledger."""
    counts = {name: value for name, value in summary.items() if isinstance(value, int)}
    at = store.clock()
    values = {"state": state, "summary": summary, "rows_read": counts["read"], "finished_at": at}
    values |= {"problem": problem or None, "blob": None, "wrapped": None}
    with store.write() as session:
        session.execute(update(ImportRun).where(*named(run)).values(**values))
        payload = {"sha256": run.sha256, "state": str(state), **counts}
        ledger.append(session, run.crisis_id, "import", str(run.id), payload, at)
    if run.blob:
        store.blobs.delete(run.blob)


def keep_versions(store: Store, run: ImportRun, versions: Mapping[str, int]) -> None:
    """Write with an import that ended what became of the reports of earlier files."""
    with store.write() as session:
        kept = session.get_one(ImportRun, (run.crisis_id, run.id))
        kept.summary = {**(kept.summary or {}), "versions": dict(versions)}


def record_withdrawal(
    session: Session,
    crisis_id: int,
    import_id: uuid.UUID | None,
    kind: str,
    reports: Iterable[uuid.UUID],
    at: datetime,
) -> None:
    """Enter in the ledger which reports an import took back (or brought back, as `kind` says)."""
    payload = {"import": str(import_id), "reports": sorted(map(str, reports))}
    ledger.append(session, crisis_id, kind, str(import_id), payload, at)


def named(run: ImportRun) -> tuple[Any, Any]:
    """Return the conditions that name one import."""
    return ImportRun.crisis_id == run.crisis_id, ImportRun.id == run.id


def run_by_id(session: Session, crisis_id: int, text: str) -> ImportRun | None:
    """Return an import by its id as text; None where there is none."""
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        return None
    return session.get(ImportRun, (crisis_id, wanted))


def newest_runs(session: Session, crisis_id: int) -> Sequence[ImportRun]:
    """Return a crisis' imports, the newest first."""
    query = select(ImportRun).where(ImportRun.crisis_id == crisis_id)
    return session.scalars(query.order_by(ImportRun.created_at.desc(), ImportRun.id).limit(MOST_LISTED)).all()
