"""Column guessing: which column of a stranger's table holds which field of a report, and why we think so.

Headings are asked first (whole, then without their group, then by a word in them), then HXL tags, then the
values. A guess from a heading that its values contradict is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from mapper.files.dates import parse_moment
from mapper.files.exports import Export
from mapper.files.headings import (
    FIELD_ALIASES,
    FIELDS,
    NAMES,
    TAILS,
    WORDS,
    aliases_of,
    last_part,
    plain_heading,
)
from mapper.files.numbers import is_position, parse_degrees

__all__ = ["FIELDS", "SAMPLE", "Guess", "UnknownColumn", "apply_overrides", "guess_columns"]

SAMPLE = 200
MOST = 0.8  # the share of values that have to look like a field's
SAYS = "its heading says"
UUID = re.compile(r"(uuid:)?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]{2,}")
LONG_WORDS = 4  # a mean of so many words is a text

Box = tuple[float, float, float, float]  # west, south, east, north
Rows = Sequence[Mapping[str, str]]


class UnknownColumn(Exception):
    """`--map` names a field or a column that there is not; the message says which and what there is."""


@dataclass(frozen=True)
class Guess:
    """One field's column and the reason, as a sentence's end: "named LATITUDE"."""

    column: str
    reason: str


def guess_columns(
    columns: Sequence[str],
    sample: Rows,
    tags: Mapping[str, str] | None = None,
    box: Box | None = None,
    export: Export | None = None,
) -> dict[str, Guess]:
    """Return field -> guess, in the order of FIELDS. `box` is the crisis'; it tells degrees from numbers.

    In another system's `export` its own columns are told from the questions.
    """
    guesses: dict[str, Guess] = {}
    questions = [column for column in columns if export is None or not export.is_own(column)]
    if export is not None:
        _by_system(export, columns, guesses, last=False)
    _by_heading(questions, guesses)
    _by_tag(tags or {}, guesses)
    _by_ending(questions, guesses)
    _check(sample, guesses)
    _by_values(questions, sample, box, guesses)
    if export is not None:
        _by_system(export, columns, guesses, last=True)
    return {field: guesses[field] for field in FIELDS if field in guesses}


def apply_overrides(
    guesses: Mapping[str, Guess], overrides: Mapping[str, str], columns: Sequence[str]
) -> dict[str, Guess]:
    """Return the guesses with a person's own choices; an empty column name leaves the field out.

    Letter case and blanks of a column's name do not matter. Raises UnknownColumn.
    """
    chosen = dict(guesses)
    for given, wanted in overrides.items():
        field = FIELD_ALIASES.get(given.casefold(), given.casefold())
        if field not in FIELDS:
            raise UnknownColumn(f"there is no field {given}; there are: {', '.join(FIELDS)}")
        column = _column_named(wanted, columns) if wanted else ""
        chosen = {name: guess for name, guess in chosen.items() if name != field and guess.column != column}
        if column:
            chosen[field] = Guess(column, "chosen by you")
    return {field: chosen[field] for field in FIELDS if field in chosen}


def _column_named(wanted: str, columns: Sequence[str]) -> str:
    if wanted in columns:
        return wanted
    found = [column for column in columns if plain_heading(column) == plain_heading(wanted)]
    if len(found) == 1:
        return found[0]
    raise UnknownColumn(f"there is no column {wanted}; there are: {', '.join(columns)}")


def _by_system(export: Export, columns: Sequence[str], guesses: dict[str, Guess], *, last: bool) -> None:
    for field in export.last if last else export.fields:
        column = export.column_of(field, columns, last=last)
        places = {"latitude", "longitude"} <= guesses.keys() and field == "position"
        if column is not None and field not in guesses and not places:
            guesses[field] = Guess(column, f"{export.label}'s own column")


def _by_heading(columns: Sequence[str], guesses: dict[str, Guess]) -> None:
    """Whole headings before headings without their group, so that `date` wins over `group/date`."""
    aliases = {column: aliases_of(column) for column in columns}
    for rank in range(max(map(len, aliases.values()), default=0)):
        for field, names in NAMES.items():
            for name in names:
                fitting = (c for c in columns if rank < len(aliases[c]) and aliases[c][rank] == name)
                column = next((c for c in fitting if not _taken(guesses, c)), None)
                if column is not None:
                    guesses.setdefault(field, Guess(column, f"named {column}"))
                    break


def _by_tag(tags: Mapping[str, str], guesses: dict[str, Guess]) -> None:
    """HXL: `#geo+lat` and `#sector+es` name fields; attributes that no name mentions do not matter."""
    for field, names in NAMES.items():
        for name in names:
            for column, tag in tags.items():
                parts = tag.lstrip("#").replace(" ", "").casefold().split("+")
                fits = name.split("+")[0] == parts[0] and set(name.split("+")) <= set(parts)
                if fits and "code" not in parts and field not in guesses and not _taken(guesses, column):
                    guesses[field] = Guess(column, f"tagged {tag.strip()}")


def _by_ending(columns: Sequence[str], guesses: dict[str, Guess]) -> None:
    """Take `where_latitude` for a latitude and `Damage description` for the text."""
    for table, fits in ((TAILS, str.endswith), (WORDS, _has_word)):
        for field, endings in table.items():
            for column in columns:
                heading = plain_heading(column) if table is TAILS else last_part(column)
                if field not in guesses and not _taken(guesses, column):
                    ending = next((ending for ending in endings if fits(heading, ending)), None)
                    if ending is not None:
                        guesses[field] = Guess(column, f"{SAYS} {ending.strip()}")


def _has_word(heading: str, beginning: str) -> bool:
    return any(word.startswith(beginning) for word in heading.split())


def _check(sample: Rows, guesses: dict[str, Guess]) -> None:
    """Drop what the values contradict.

    A column named `location` or `latitude` may hold both degrees in one cell, as ODK and Kobo write them; one
    whose heading has "date" in it may hold none; and a sender's own ids, by which rows are recognised as the
    same report, have to be ids.
    """
    for field in ("location_text", "latitude", "longitude"):
        guess = guesses.get(field)
        if guess and "position" not in guesses and _most(is_position, guess.column, sample):
            del guesses[field]
            guesses["position"] = Guess(guess.column, f"{guess.reason}, and its values are pairs of degrees")
    date, identity = guesses.get("observed_at"), guesses.get("source_id")
    if date and date.reason.startswith(SAYS) and not _most(_is_moment, date.column, sample):
        del guesses["observed_at"]
    if (
        identity
        and plain_heading(identity.column) != "source id"
        and not _most(_is_uuid, identity.column, sample)
    ):
        del guesses["source_id"]


def _by_values(columns: Sequence[str], sample: Rows, box: Box | None, guesses: dict[str, Guess]) -> None:
    """Find what no heading told."""

    def free() -> list[str]:
        return [column for column in columns if not _taken(guesses, column)]

    if not {"latitude", "longitude", "position"} & set(guesses):
        _guess_position(free(), sample, box, guesses)
    if "observed_at" not in guesses:
        dates = [column for column in free() if _most(_is_moment, column, sample)]
        if dates:
            guesses["observed_at"] = Guess(dates[0], "its values are dates")
    if "text" not in guesses:
        lengths = {column: _mean_words(column, sample) for column in free()}
        best = max(lengths, key=lengths.__getitem__, default=None)
        if best and lengths[best] >= LONG_WORDS:
            guesses["text"] = Guess(best, "it has the longest texts")


def _guess_position(free: Sequence[str], sample: Rows, box: Box | None, guesses: dict[str, Guess]) -> None:
    pairs = [column for column in free if _most(is_position, column, sample)]
    if pairs:
        guesses["position"] = Guess(pairs[0], "its values are pairs of degrees")
    elif box is not None:
        west, south, east, north = box
        latitude = [c for c in free if _most(lambda text: _is_between(text, south, north), c, sample)]
        longitude = [c for c in free if _most(lambda text: _is_between(text, west, east), c, sample)]
        if len(latitude) == len(longitude) == 1 and latitude != longitude:
            guesses["latitude"] = Guess(latitude[0], "its values lie in the crisis' latitudes")
            guesses["longitude"] = Guess(longitude[0], "its values lie in the crisis' longitudes")


def _most(looks: Callable[[str], bool], column: str, sample: Rows) -> bool:
    values = [value for row in sample[:SAMPLE] if (value := row.get(column, "").strip())]
    return bool(values) and sum(map(looks, values)) >= MOST * len(values)


def _is_moment(text: str) -> bool:
    return len(text) >= len("1/1/2000") and parse_moment(text, UTC, True) is not None


def _is_uuid(text: str) -> bool:
    return UUID.fullmatch(text) is not None


def _is_between(text: str, low: float, high: float) -> bool:
    degrees = parse_degrees(text)
    return degrees is not None and low <= degrees <= high and degrees != round(degrees)


def _mean_words(column: str, sample: Rows) -> float:
    counts = [len(WORD.findall(row[column])) for row in sample[:SAMPLE] if row.get(column)]
    return sum(counts) / len(counts) if counts else 0.0


def _taken(guesses: Mapping[str, Guess], column: str) -> bool:
    return any(guess.column == column for guess in guesses.values())
