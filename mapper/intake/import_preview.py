"""What a file would become: its first rows as they are read, what is odd about it, and an estimate."""

from __future__ import annotations

import html
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mapper.files.batches import Row, Table, rows_of
from mapper.intake.drafts import NotAccepted, ReportDraft
from mapper.intake.import_summary import Summary
from mapper.intake.importing import DryDoor, Taking, reader_of
from mapper.intake.rows import RowReader
from mapper.intake.understanding import Understanding
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.vocabulary.text import N_

SHOWN = 20
SAMPLED = 2_000
LONGEST_CELL = 120
SEVERAL = 0.2  # a share of the sample that deserves a warning

FLAGS: Mapping[str, str] = {
    "swapped": N_("latitude and longitude were swapped, and are put right"),
    "outside_bbox": N_("the position lies outside the crisis"),
    "null_island": N_("the position is 0, 0, which is no place"),
    "unusable": N_("the position cannot be read"),
    "clamped": N_("the position is too close to a pole"),
}
# What is said of rows that look like a layer of some kind.
LAYERS: Mapping[str, str] = {
    "areas": N_(
        "These rows look like the boundaries of areas, not like reports of damage. Load them as a layer: "
        "mapper layer add areas"
    ),
    "assessment": N_(
        "This looks like a table of districts with figures, not like reports of damage: each district would "
        "become a report. Load it as a layer: mapper layer add assessment"
    ),
    "activities": N_(
        "This looks like a list of who does what where, not like reports of damage. Load it as a layer: "
        "mapper layer add activities"
    ),
    "facilities": N_(
        "This looks like a list of sites, not like reports of damage: each site would become a report. Load "
        "it as a layer: mapper layer add facilities"
    ),
}
Sentence = tuple[str, dict[str, Any]]  # a message for gettext, and its values


@dataclass(frozen=True)
class ShownRow:
    """One of the first rows: its values by field as they were written, and what it would become."""

    line: int
    values: Mapping[str, str]
    longitude: float | None = None
    latitude: float | None = None
    flag: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Preview:
    """The first rows, the warnings, what a trial of `summary.read` rows gave, and a value of each column."""

    rows: Sequence[ShownRow]
    warnings: Sequence[Sentence]
    summary: Summary
    examples: Mapping[str, str]


def preview(store: Store, crisis: Crisis, table: Table, found: Understanding, sender: str) -> Preview:
    """Try the first rows of a file; nothing is written. Raises FileRefused where the file is damaged."""
    rows = list(islice(rows_of(table), SAMPLED))
    reader = reader_of(crisis, found, store.clock(), uuid.uuid4())
    taking = Taking(found, reader, DryDoor(store, crisis, sender))
    taking.take(rows)
    shown = [_shown(row, found, reader) for row in rows[:SHOWN]]
    return Preview(shown, _warnings(found, taking.summary), taking.summary, _examples(table.columns, rows))


def _shown(row: Row, found: Understanding, reader: RowReader) -> ShownRow:
    values = {name: _short(value) for name, value in found.fields_of(row).items()}
    if row.problem is not None:
        return ShownRow(row.line, values, problem=row.problem)
    try:
        draft = reader.read(found.fields_of(row), row.raw, row.degrees, row.has_geometry).draft
    except NotAccepted as refusal:
        return ShownRow(row.line, values, problem="; ".join(f"{a} {b}".strip() for a, b in refusal.errors))
    return ShownRow(row.line, values, *_place(draft))


def _place(draft: ReportDraft) -> tuple[float | None, float | None, str | None]:
    return draft.longitude, draft.latitude, draft.position_flag


def _short(text: str) -> str:
    line = " ".join(html.unescape(text).split())
    return line if len(line) <= LONGEST_CELL else line[: LONGEST_CELL - 1] + "…"


def _examples(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows[:200]:
        for column in columns:
            if column not in found and row.values.get(column, "").strip():
                found[column] = _short(row.values[column])[:60]
    return found


def _warnings(found: Understanding, summary: Summary) -> list[Sentence]:
    warnings: list[Sentence] = []
    if found.layer:
        warnings.append((LAYERS.get(found.layer, LAYERS["assessment"]), {}))
    if found.axes_swapped:
        warnings.append((N_("Latitude and longitude are swapped in this file. They will be put right."), {}))
    for flag in ("swapped", "outside_bbox", "unusable", "null_island"):
        count = summary.flags[flag]
        if count and (count >= SEVERAL * summary.read or (flag == "swapped" and not found.axes_swapped)):
            values = {"count": count, "read": summary.read, "what": FLAGS[flag]}
            warnings.append((N_("%(count)s of %(read)s rows: %(what)s."), values))
    if summary.read and summary.needs_location >= (1 - SEVERAL) * summary.read:
        warnings.append(
            (N_("Hardly a row has a usable position. Choose the columns that hold it, if there are any."), {})
        )
    if summary.read and summary.rejected >= SEVERAL * summary.read:
        warnings.append((N_("Many rows would be refused. The reasons are below."), {}))
    if summary.read and summary.duplicates == summary.read:
        warnings.append((N_("All of these rows have been imported before: nothing new would be taken."), {}))
    return warnings
