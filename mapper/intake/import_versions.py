"""A newer version of a sender's file: which rows are new, which say something else now, which are gone.

Rows are compared by the sender's own ids with what the sender's earlier files with the same headings said.
A report is never edited: a changed row becomes a new report that supersedes the old one, which is withdrawn.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from mapper.files.batches import Row, Table, rows_of
from mapper.intake.drafts import IMPORT_SENDER, Fate, NotAccepted, ReportDraft, Sender
from mapper.intake.import_runs import record_withdrawal
from mapper.intake.importing import Door, FileDoor, reader_of
from mapper.intake.rows import RowReader, identity_of
from mapper.intake.service import accept
from mapper.intake.understanding import Understanding
from mapper.store.contents import open_contents
from mapper.store.store import Store
from mapper.store.tables import Crisis, IdempotencyKey, ImportRun, Report

BATCH = 2_000
LOOKUP = 500
KEEP, REPLACE, WITHDRAW = "keep", "replace", "withdraw"


@dataclass(frozen=True)
class Comparison:
    """How a file's rows stand to what its sender's earlier files said; `unreadable` rows may be any."""

    added: int = 0
    changed: int = 0
    same: int = 0
    missing: int = 0
    unreadable: int = 0

    def as_json(self) -> dict[str, int]:
        """Return the counts."""
        return asdict(self)


@dataclass(frozen=True)
class Standing:
    """The report that stands for a row now."""

    report_id: uuid.UUID
    import_id: uuid.UUID | None
    says_the_same: bool
    is_key_taken: bool  # the very same row came once before, under whatever report
    is_back: bool = False  # the row's report was withdrawn, and now the row is here again


@dataclass(frozen=True)
class Kept:
    """What a row became when it came before."""

    report_id: uuid.UUID
    import_id: uuid.UUID | None
    is_withdrawn: bool


@dataclass(frozen=True)
class Series:
    """The files of one sender that have the same headings, and the import that is looked at."""

    crisis_id: int
    sender: Sender
    headings: str
    import_id: uuid.UUID | None = None

    @classmethod
    def of(cls, run: ImportRun) -> Series:
        """Return the series an import belongs to."""
        return cls(run.crisis_id, Sender.of_file(run.sender), run.headings, run.id)

    def earlier(self) -> tuple[Any, ...]:
        """Return the conditions of reports that earlier files of the series brought and that stand."""
        runs = select(ImportRun.id).where(
            ImportRun.crisis_id == self.crisis_id, ImportRun.headings == self.headings
        )
        mine = (Report.crisis_id == self.crisis_id, Report.sender_key == self.sender.key)
        known = (Report.source_id.is_not(None), Report.withdrawn_at.is_(None), Report.import_id.in_(runs))
        others = (Report.import_id != self.import_id,) if self.import_id else ()
        return *mine, *known, *others


def compare(
    store: Store, series: Series, table: Table, found: Understanding, reader: RowReader
) -> Comparison | None:
    """Compare a file with what came before; None where nothing did, or where its rows have no ids."""
    if "source_id" not in found.columns:
        return None
    with store.read() as session:
        if session.scalars(select(Report.id).where(*series.earlier()).limit(1)).first() is None:
            return None
    counts = dict.fromkeys(("added", "changed", "same", "unreadable"), 0)
    seen: set[int] = set()
    for batch in _batches(table):
        drafts = [draft for row in batch if (draft := _draft(row, found, reader, seen, counts))]
        for standing in standing_of(store, series, drafts):
            counts[_kind(standing)] += 1
    missing = sum(1 for _report, name in _earlier(store, series) if hash(name) not in seen)
    return Comparison(**counts, missing=missing)


def _kind(standing: Standing | None) -> str:
    if standing is None or standing.is_back:
        return "added"
    return "same" if standing.says_the_same else "changed"


def _batches(table: Table) -> Iterator[list[Row]]:
    rows = rows_of(table)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _draft(
    row: Row, found: Understanding, reader: RowReader, seen: set[int], counts: dict[str, int]
) -> ReportDraft | None:
    """Return a row's draft; a row that is refused still says that its id is in the file."""
    if row.problem is not None:
        counts["unreadable"] += 1
        return None
    fields = found.fields_of(row)
    try:
        draft = reader.read(fields, row.raw, row.degrees, row.has_geometry).draft
    except NotAccepted:
        seen.add(hash(fields.get("source_id", "").strip()))
        return None
    seen.add(hash(draft.source_id))
    return draft


def _earlier(store: Store, series: Series) -> Iterator[tuple[uuid.UUID, str]]:
    with store.read() as session:
        query = select(Report.id, Report.source_id).where(*series.earlier())
        for report_id, name in session.execute(query.execution_options(yield_per=5_000)):
            yield report_id, str(name)


def standing_of(store: Store, series: Series, drafts: Sequence[ReportDraft]) -> list[Standing | None]:
    """Return for each draft the report that stands for it now, None for what is new."""
    with store.read() as session:
        by_name = _by_name(session, series, drafts)
        by_key = _by_key(session, series, drafts)
        pairs = [
            (by_name.get((one.channel, one.source_id or "")), by_key.get(one.idempotency_key or ""))
            for one in drafts
        ]
        unsure = {one.id for one, kept in pairs if one and (kept is None or kept.report_id != one.id)}
        said = _said(store, session, [one for one in by_name.values() if one.id in unsure])
    found: list[Standing | None] = []
    for draft, (current, kept) in zip(drafts, pairs, strict=True):
        if current is not None:
            is_same = current.id not in unsure or said.get(current.id) == draft.content_hash
            found.append(Standing(current.id, current.import_id, is_same, kept is not None))
        elif kept is not None:
            found.append(
                Standing(kept.report_id, kept.import_id, not kept.is_withdrawn, True, kept.is_withdrawn)
            )
        else:
            found.append(None)
    return found


def _said(store: Store, session: Session, reports: Sequence[Report]) -> dict[uuid.UUID, str]:
    """Return the hashes of the rows that reports came as."""
    contents = open_contents(session, store.keys, reports)
    return {report_id: identity_of(content.raw) for report_id, content in contents.items()}


def _by_name(
    session: Session, series: Series, drafts: Sequence[ReportDraft]
) -> dict[tuple[str, str], Report]:
    """Return the reports under the sender's own ids; one that this import has just replaced counts too."""
    names = sorted({draft.source_id for draft in drafts if draft.source_id})
    mine = (Report.crisis_id == series.crisis_id, Report.sender_key == series.sender.key)
    standing = or_(Report.withdrawn_at.is_(None), Report.withdrawn_by == series.import_id)
    found: dict[tuple[str, str], Report] = {}
    for start in range(0, len(names), LOOKUP):
        some = Report.source_id.in_(names[start : start + LOOKUP])
        query = select(Report).where(*mine, some, standing).order_by(Report.withdrawn_at.is_(None))
        found |= {(report.channel, str(report.source_id)): report for report in session.scalars(query)}
    return found


def _by_key(session: Session, series: Series, drafts: Sequence[ReportDraft]) -> dict[str, Kept]:
    """Return the reports that the very same rows became, and whether these were withdrawn."""
    keys = sorted({draft.idempotency_key for draft in drafts if draft.idempotency_key})
    mine = (IdempotencyKey.crisis_id == series.crisis_id, IdempotencyKey.sender_key == IMPORT_SENDER.key)
    same = (Report.crisis_id == IdempotencyKey.crisis_id) & (Report.id == IdempotencyKey.report_id)
    columns = (IdempotencyKey.key, Report.id, Report.import_id, Report.withdrawn_at)
    found: dict[str, Kept] = {}
    for start in range(0, len(keys), LOOKUP):
        some = IdempotencyKey.key.in_(keys[start : start + LOOKUP])
        query = select(*columns).join(Report, same).where(*mine, some)
        found |= {key: Kept(one, by, at is not None) for key, one, by, at in session.execute(query)}
    return found


class ReplacingDoor:
    """A door for a newer version of a file: changed rows supersede the reports that stood for them."""

    def __init__(self, store: Store, crisis: Crisis, series: Series) -> None:
        self._store, self._crisis, self._series = store, crisis, series

    def take(self, drafts: Sequence[ReportDraft]) -> list[Fate]:
        """See `importing.Door`."""
        standing = standing_of(self._store, self._series, drafts)
        names: set[tuple[str, str | None]] = set()
        taken, replaced = [], []
        for draft, current in zip(drafts, standing, strict=True):
            is_first = (draft.channel, draft.source_id) not in names
            names.add((draft.channel, draft.source_id))
            if is_first and self._is_changed(current):
                assert current is not None  # noqa: S101 - narrows for the type checker
                replaced.append(current.report_id)
                taken.append(self._superseding(draft, current))
            else:
                taken.append(draft)
        if replaced:
            withdraw(self._store, self._series, replaced)
        return [one.fate for one in accept(self._store, self._crisis, taken, self._series.sender)]

    def _superseding(self, draft: ReportDraft, current: Standing) -> ReportDraft:
        """Return a draft that supersedes a report; a row that was there once before needs a new key."""
        key = draft.idempotency_key
        if current.is_key_taken:
            key = f"{key}@{self._series.import_id}"
        return replace(draft, supersedes=current.report_id, idempotency_key=key)

    def _is_changed(self, current: Standing | None) -> bool:
        return (
            current is not None
            and not current.says_the_same
            and current.import_id not in (None, self._series.import_id)
        )


def withdraw_missing(
    store: Store, series: Series, table: Table, found: Understanding, reader: RowReader
) -> Mapping[str, int]:
    """Withdraw the reports of earlier files whose ids the file has no more; return how many.

    Where a row cannot be read nothing is withdrawn: it may be one of them.
    """
    counts = {"unreadable": 0}
    seen: set[int] = set()
    for batch in _batches(table):
        for row in batch:
            _draft(row, found, reader, seen, counts)
    if counts["unreadable"]:
        return {"withdrawn": 0, **counts}
    gone = [report_id for report_id, name in _earlier(store, series) if hash(name) not in seen]
    for start in range(0, len(gone), LOOKUP):
        withdraw(store, series, gone[start : start + LOOKUP])
    return {"withdrawn": len(gone)}


def withdraw(store: Store, series: Series, reports: Sequence[uuid.UUID]) -> None:
    """Mark standing reports as withdrawn by the import, and enter it in the ledger."""
    at = store.clock()
    with store.write() as session:
        here = (Report.crisis_id == series.crisis_id, Report.id.in_(reports), Report.withdrawn_at.is_(None))
        fresh = session.scalars(select(Report.id).where(*here)).all()
        if not fresh:
            return
        new = {"withdrawn_at": at, "withdrawn_by": series.import_id, "fused_at": None}
        session.execute(
            update(Report).where(Report.crisis_id == series.crisis_id, Report.id.in_(fresh)).values(**new)
        )
        record_withdrawal(session, series.crisis_id, series.import_id, "withdrawal", fresh, at)


def door_of(store: Store, crisis: Crisis, run: ImportRun) -> Door:
    """Return the door that an import's rows go through."""
    if run.choices.get("changed") == REPLACE:
        return ReplacingDoor(store, crisis, Series.of(run))
    return FileDoor(store, crisis, run.sender)


def settle(
    store: Store, crisis: Crisis, run: ImportRun, table: Table, found: Understanding
) -> dict[str, int]:
    """Do at the end what was chosen for rows that are gone; return what became of earlier reports."""
    gone: Mapping[str, int] = {}
    if run.choices.get("missing") == WITHDRAW:
        reader = reader_of(crisis, found, store.clock(), run.id)
        gone = withdraw_missing(store, Series.of(run), table, found, reader)
    mine = (Report.crisis_id == run.crisis_id, Report.import_id == run.id)
    query = select(func.count()).select_from(Report).where(*mine, Report.supersedes.is_not(None))
    with store.read() as session:
        return {"replaced": session.scalar(query) or 0, **gone}
