"""How a file will be read: found before anything is written, shown, and overridable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Self

import numpy as np

from mapper.files.batches import Batch, Row, Table, rows_of
from mapper.files.columns import FIELDS, SAMPLE, Guess, apply_overrides, guess_columns
from mapper.files.dates import ColumnOrder
from mapper.files.exports import EXPORTS, Export, export_of
from mapper.files.headings import plain_heading
from mapper.intake.layer_advice import advice_for
from mapper.intake.places import AxesCount
from mapper.intake.positions import degrees_in
from mapper.store.tables import Crisis
from mapper.vocabulary.crosswalk import CROSSWALK

MOST = 0.8  # the share of a column's words that have to be classes of a scale


@dataclass(frozen=True)
class Understanding:
    """What the headings, and one reading of the whole file, tell.

    `is_utc`: times without an offset are in UTC, not in the crisis' zone. `layer`: the rows look like a layer
    of this kind rather than like reports.
    """

    columns: dict[str, Guess]
    unused: tuple[str, ...]
    rows: int
    day_first: bool
    axes_swapped: bool
    damage_scale: str | None
    export: Export | None = None
    is_utc: bool = False
    layer: str | None = None

    @property
    def strict(self) -> frozenset[str]:
        """The fields held to the contract: their column has its name, or a person chose it."""
        return frozenset(
            name
            for name, guess in self.columns.items()
            if guess.reason == "chosen by you" or plain_heading(guess.column) == plain_heading(name)
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept with an import; `from_json` reads it back."""
        columns = {name: asdict(guess) for name, guess in self.columns.items()}
        export = self.export.name if self.export else None
        return vars(self) | {"columns": columns, "unused": list(self.unused), "export": export}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote."""
        columns = {name: kept["columns"][name] for name in FIELDS if name in kept["columns"]}
        guesses = {name: Guess(**guess) for name, guess in columns.items()}
        others = {"unused": tuple(kept["unused"]), "export": EXPORTS.get(kept["export"] or "")}
        return cls(**(dict(kept) | {"columns": guesses} | others))

    def fields_of(self, row: Row) -> dict[str, str]:
        """Return a row's values by field."""
        return {name: row.values.get(guess.column, "") for name, guess in self.columns.items()}

    def sentences(self) -> Iterator[str]:
        """Yield one line a finding."""
        if self.export:
            yield f"this is an export of {self.export.label}"
        for name, guess in self.columns.items():
            yield f"{name} <- {guess.column} ({guess.reason})"
        if self.unused:
            yield f"kept as they are, but not read: {', '.join(self.unused)}"
        if "observed_at" in self.columns:
            zone = ", in UTC where they name no zone" if self.is_utc else ""
            yield f"dates with numbers only are read {'day' if self.day_first else 'month'} first{zone}"
        if self.damage_scale:
            yield f"damage_value is read on the scale {self.damage_scale} (its values are that scale's)"
        if self.axes_swapped:
            yield "longitude and latitude are swapped in this file (the crisis' box tells): put right"

    def warnings(self) -> Iterator[str]:
        """Yield what somebody should think about before this is imported."""
        if self.layer:
            yield (
                f"these rows look like a layer of {self.layer}, not like reports of damage, and each becomes "
                f"a report. To load them as what they are: mapper layer add {self.layer} FILE --crisis SLUG"
            )


def understand(
    table: Table, crisis: Crisis, overrides: Mapping[str, str], kind: str | None = None
) -> Understanding:
    """Guess from headings and a sample of rows, then read the whole file once for what concerns all of it.

    `kind` is the format that somebody named; those of other systems tell whose export it is. Raises
    UnknownColumn for an override that fits nothing, FileRefused where the file is damaged.
    """
    sample = [row.values for row in islice(rows_of(table), SAMPLE) if row.problem is None]
    box = (crisis.west, crisis.south, crisis.east, crisis.north)
    export = export_of(table.columns, kind)
    guesses = guess_columns(table.columns, sample, table.tags, box, export)
    columns = apply_overrides(guesses, overrides, table.columns)
    used = {guess.column for guess in columns.values()}
    whole = _Whole(crisis, columns)
    for batch in table.batches():
        whole.see(batch)
    return Understanding(
        columns,
        tuple(column for column in table.columns if column not in used),
        whole.rows,
        whole.order.is_day_first,
        whole.axes.are_swapped,
        _scale(columns, sample),
        export,
        _is_utc(columns, export),
        advice_for(table.columns, table.tags, columns.keys(), whole.share_of_areas),
    )


class _Whole:
    """What only the whole file tells."""

    def __init__(self, crisis: Crisis, columns: Mapping[str, Guess]) -> None:
        self._columns = columns
        self.order, self.axes = ColumnOrder(), AxesCount(crisis)
        self.rows = self._areas = 0

    def see(self, batch: Batch) -> None:
        """Take a batch into account."""
        self.rows += len(batch)
        if "observed_at" in self._columns:
            for text in batch.texts(self._columns["observed_at"].column):
                self.order.see(text)
        self.axes.see_many(*degrees_in(batch, self._columns))
        if batch.geometries is not None:
            self._areas += int(np.count_nonzero(batch.geometries.is_area))

    @property
    def share_of_areas(self) -> float:
        """The share of rows whose geometry is an area."""
        return self._areas / self.rows if self.rows else 0.0


def _scale(columns: Mapping[str, Guess], sample: Sequence[Mapping[str, str]]) -> str | None:
    if "damage_value" not in columns or "damage_scale" in columns:
        return None
    return scale_of(row.get(columns["damage_value"].column, "") for row in sample)


def scale_of(values: Iterable[str]) -> str | None:
    """Return the damage scale whose classes these are, if it is the only one.

    Bare numbers tell nothing: 1 is the worst class of one scale and the best of another.
    """
    words = {" ".join(value.casefold().replace("_", " ").split()) for value in values if value.strip()}
    words = {word for word in words if not word.replace(".", "").isdigit()}
    fitting = [
        name for name, classes in CROSSWALK.items() if len(words & classes.keys()) >= MOST * len(words)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _is_utc(columns: Mapping[str, Guess], export: Export | None) -> bool:
    if "observed_at" not in columns:
        return False
    heading = columns["observed_at"].column.strip().casefold()
    says = {"utc", "gmt"} & set(plain_heading(heading).replace("(", " ").replace(")", " ").split())
    return bool(says) or (export is not None and heading in export.utc)
