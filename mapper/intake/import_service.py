"""The verbs of the import page: take a file, look at it, read it otherwise, start it, stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from mapper.files.batches import Table
from mapper.intake import import_files
from mapper.intake.import_mappings import save_mapping, saved_mapping
from mapper.intake.import_preview import Preview, preview
from mapper.intake.import_runs import (
    NOT_NOW,
    NotNow,
    Source,
    State,
    columns_of,
    end,
    headings_of,
    named,
    new_run,
)
from mapper.intake.import_versions import KEEP, Series, compare
from mapper.intake.importing import reader_of
from mapper.intake.tables import open_table
from mapper.intake.understanding import Understanding, understand
from mapper.store.store import Store
from mapper.store.tables import Crisis, ImportRun


@dataclass(frozen=True)
class Look:
    """A kept file as the page shows it."""

    columns: Sequence[str]
    found: Understanding
    preview: Preview


def take_file(store: Store, crisis: Crisis, source: Source) -> ImportRun:
    """Keep a file aside and find out how it would be read, with the sender's saved mapping if one fits.

    Raises FileRefused for what is no table, SeveralLayers where one has to be named.
    """
    table = open_table(source.path, source.kind, source.layer)
    with store.read() as session:
        saved = saved_mapping(session, crisis.id, source.sender, headings_of(table.columns))
    chosen = saved.chosen if saved else {}
    found = understand(table, crisis, chosen)
    run = new_run(store, crisis, source, table, found, chosen, State.PREVIEW)
    run.choices = _compared(store, crisis, run, table, found) | ({"mapping": "saved"} if saved else {})
    import_files.keep(store, run, source.path.read_bytes())
    with store.write() as session:
        session.add(run)
    return run


def look(store: Store, crisis: Crisis, run: ImportRun) -> Look:
    """Read the first rows of a kept file."""
    found = Understanding.from_json(run.found or {})
    with import_files.laid_out(store, run) as path:
        table = open_table(path, run.kind, run.layer)
        return Look(table.columns, found, preview(store, crisis, table, found, run.sender))


def choose(store: Store, crisis: Crisis, run: ImportRun, columns: Mapping[str, str]) -> None:
    """Let a file be read with other columns (field -> column, empty for none). Raises NotNow."""
    changed = {name: column for name, column in columns.items() if column != run.mapping.get(name, "")}
    if not changed:
        return
    chosen = {**run.chosen, **changed}
    with import_files.laid_out(store, run) as path:
        table = open_table(path, run.kind, run.layer)
        found = understand(table, crisis, chosen)
        choices = _compared(store, crisis, run, table, found)
    values = {"chosen": chosen, "mapping": columns_of(found), "found": found.as_json(), "total": found.rows}
    _change(store, run, State.PREVIEW, values | {"choices": choices})


def _compared(
    store: Store, crisis: Crisis, run: ImportRun, table: Table, found: Understanding
) -> dict[str, Any]:
    reader = reader_of(crisis, found, store.clock(), run.id)
    comparison = compare(store, Series.of(run), table, found, reader)
    return {"comparison": comparison.as_json()} if comparison else {}


def start(store: Store, run: ImportRun, changed: str = KEEP, missing: str = KEEP) -> None:
    """Let the workers take the file in; remember how its columns were chosen. Raises NotNow.

    Of a newer version of a file, `changed` rows are kept as they were or `replace` them, and reports whose
    rows are `missing` are kept or `withdraw`n.
    """
    choices = run.choices
    if "comparison" in choices:
        choices = choices | {"changed": changed, "missing": missing}
    _change(store, run, State.PREVIEW, {"state": State.WAITING, "choices": choices})
    if run.chosen:
        save_mapping(store, run)


def cancel(store: Store, run: ImportRun) -> None:
    """Stop an import: what was taken stays. Raises NotNow."""
    for state in (State.WAITING, State.RUNNING):
        if run.state == state:
            _change(store, run, state, {"state": State.CANCELLED})
            empty = dict.fromkeys(("read", "accepted", "duplicates", "rejected", "needs_location"), 0)
            end(store, run, State.CANCELLED, run.summary or empty)
            return
    raise NotNow(NOT_NOW)


def imported_before(store: Store, run: ImportRun) -> ImportRun | None:
    """Return the newest import of the same bytes that took rows in and was not undone."""
    same = (ImportRun.crisis_id == run.crisis_id, ImportRun.sha256 == run.sha256, ImportRun.id != run.id)
    took = ImportRun.state.in_((State.DONE, State.CANCELLED, State.RUNNING, State.WAITING))
    with store.read() as session:
        query = select(ImportRun).where(*same, took).order_by(ImportRun.created_at.desc())
        return session.scalars(query.limit(1)).first()


def _change(store: Store, run: ImportRun, state: State, values: dict[str, Any]) -> None:
    """Change an import if it is still in a state."""
    with store.write() as session:
        done = session.execute(
            update(ImportRun).where(*named(run), ImportRun.state == state).values(**values)
        )
        if not done.rowcount:  # type: ignore[attr-defined]
            raise NotNow(NOT_NOW)
    for name, value in values.items():
        setattr(run, name, value)
