"""How a file will be read: found before anything is written, shown, and overridable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from mapper.files.batches import Row, Table, rows_of
from mapper.files.columns import SAMPLE, Guess, apply_overrides, guess_columns
from mapper.files.dates import ColumnOrder
from mapper.files.headings import plain_heading
from mapper.intake.places import AxesCount, degrees_of
from mapper.store.tables import Crisis
from mapper.vocabulary.crosswalk import CROSSWALK

MOST = 0.8  # the share of a column's words that have to be classes of a scale


@dataclass(frozen=True)
class Understanding:
    """What the headings, and one reading of the whole file, tell."""

    columns: dict[str, Guess]
    unused: tuple[str, ...]
    rows: int
    day_first: bool
    axes_swapped: bool
    damage_scale: str | None

    @property
    def strict(self) -> frozenset[str]:
        """The fields held to the contract: their column has its name, or a person chose it."""
        return frozenset(
            name
            for name, guess in self.columns.items()
            if guess.reason == "chosen by you" or plain_heading(guess.column) == plain_heading(name)
        )

    def fields_of(self, row: Row) -> dict[str, str]:
        """Return a row's values by field."""
        return {name: row.values.get(guess.column, "") for name, guess in self.columns.items()}

    def sentences(self) -> Iterator[str]:
        """Yield one line a finding."""
        for name, guess in self.columns.items():
            yield f"{name} <- {guess.column} ({guess.reason})"
        if self.unused:
            yield f"kept as they are, but not read: {', '.join(self.unused)}"
        if "observed_at" in self.columns:
            yield "dates with numbers only are read " + ("day first" if self.day_first else "month first")
        if self.damage_scale:
            yield f"damage_value is read on the scale {self.damage_scale} (its values are that scale's)"
        if self.axes_swapped:
            yield "longitude and latitude are swapped in this file (the crisis' box tells): put right"


def understand(table: Table, crisis: Crisis, overrides: Mapping[str, str]) -> Understanding:
    """Guess from headings and a sample of rows, then read the whole file once for what concerns all of it.

    Raises UnknownColumn for an override that fits nothing, FileRefused where the file is damaged.
    """
    sample = [dict(row.values) for row in islice(rows_of(table), SAMPLE) if row.problem is None]
    box = (crisis.west, crisis.south, crisis.east, crisis.north)
    guesses = guess_columns(table.columns, sample, table.tags, box)
    columns = apply_overrides(guesses, overrides, table.columns)
    used = {guess.column for guess in columns.values()}
    unused = tuple(column for column in table.columns if column not in used)
    order, axes, rows = ColumnOrder(), AxesCount(crisis), 0
    for row in rows_of(table):
        rows += 1
        if row.problem is None:
            fields = {name: row.values.get(guess.column, "") for name, guess in columns.items()}
            order.see(fields.get("observed_at", ""))
            axes.see(row.degrees or degrees_of(fields))
    scale = None
    if "damage_value" in columns and "damage_scale" not in columns:
        scale = scale_of(row.get(columns["damage_value"].column, "") for row in sample)
    return Understanding(columns, unused, rows, order.is_day_first, axes.are_swapped, scale)


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
