"""What `rows.RowReader` does to one row, done to a batch column by column; tests hold that both agree.

A value that repeats in a column is read once. What is wrong with a row is found in the same order.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson

from mapper.files.batches import Batch
from mapper.files.columns import Guess
from mapper.files.numbers import accuracy_of
from mapper.intake.drafts import NotAccepted
from mapper.intake.places import NULL_ISLAND, UNUSABLE, are_inside
from mapper.intake.positions import Degrees, degrees_in
from mapper.intake.rows import (
    CHANNEL,
    CONSENTS,
    LANGUAGE,
    LONGEST,
    MOST_PEOPLE,
    PLACEHOLDERS,
    Fields,
    RowReader,
    identity_of,
    needs_in,
)
from mapper.intake.schemas import FUTURE_TOLERANCE
from mapper.vocabulary.text import N_

Errors = list[tuple[str, str]]
Name = tuple[str, str]  # channel and source id: the sender's own name of a report
LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
# A moment that fromisoformat reads as `parse_moment` does, with its offset.
MOMENT = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII
)
MOMENTS = re.compile(rf"(?:{MOMENT.pattern}\n?)++", re.ASCII)  # a column's
SAYS_NOTHING = N_("the row says nothing: no text, category or place")


@dataclass
class ReadColumns:
    """A batch's drafts by field; every list is as long as the batch, also where a row is refused.

    `refused` and `unread` are by index: why a row is refused, which of its fields could not be read.
    """

    fields: dict[str, Sequence[Any]]
    raws: Sequence[Mapping[str, Any]]
    identities: list[str]
    longitude: Degrees
    latitude: Degrees
    refused: dict[int, Errors]
    unread: dict[int, list[str]] = field(default_factory=dict)

    def name_of(self, index: int) -> Name | None:
        """Return the sender's own name of a row."""
        source_id = self.fields["source_id"][index]
        return (self.fields["channel"][index], source_id) if source_id else None


class BatchReader:
    """Reads batches as a RowReader reads rows."""

    def __init__(self, reader: RowReader, columns: Mapping[str, Guess]) -> None:
        self._reader = reader
        self._columns = columns

    def read(self, batch: Batch) -> ReadColumns:
        """Return a batch's drafts, and what is wrong with the others."""
        values = {name: cleaned(batch.texts(guess.column)) for name, guess in self._columns.items()}
        self._add_accuracy(values)
        raws = batch.raws()
        refused: dict[int, Errors] = {index: [("", problem)] for index, problem in batch.problems.items()}
        read = ReadColumns({}, raws, [], np.empty(0), np.empty(0), refused)
        _check_lengths(values, refused)
        read.fields["text"] = _texts(values, len(batch), refused)
        self._place(batch, values, read)
        _check_says(values, read)
        self._read_fields(values, len(batch), read)
        read.identities = identities_of(raws)
        return read

    def _add_accuracy(self, values: dict[str, list[str | None]]) -> None:
        """Take the accuracy from geopoints where no column has it."""
        if "position" in values:
            own = values.get("position_accuracy_m") or [None] * len(values["position"])
            pairs = zip(own, values["position"], strict=True)
            values["position_accuracy_m"] = [
                given or accuracy_of(place or "") or None for given, place in pairs
            ]

    def _place(self, batch: Batch, values: Mapping[str, list[str | None]], read: ReadColumns) -> None:
        """Decide where each row is, as `places.place` does."""
        longitude, latitude, flags = self._placed(*degrees_in(batch, self._columns))
        known = np.isfinite(longitude)
        given = np.zeros(len(batch), dtype=bool)
        for name in {"position", "latitude", "longitude"} & values.keys():
            given |= np.fromiter((value is not None for value in values[name]), dtype=bool, count=len(batch))
        if batch.geometries is not None:
            given |= batch.geometries.is_given
        for index in np.flatnonzero(~known):
            flags[index] = (flags[index] or UNUSABLE.flag) if given[index] else None
        if batch.geometries is not None:
            self._place_by_columns(batch, np.flatnonzero(~known & given), longitude, latitude, flags)
        read.longitude, read.latitude = longitude, latitude
        read.fields["position_flag"] = flags

    def _placed(self, given: Degrees, other: Degrees) -> tuple[Degrees, Degrees, list[str | None]]:
        """Return longitudes, latitudes and flags of degrees as given; NaN and None where there are none."""
        crisis, swapped_file = self._reader.crisis, self._reader.axes_swapped
        as_given, as_swapped = are_inside(crisis, given, other), are_inside(crisis, other, given)
        with np.errstate(invalid="ignore"):
            island = (given == 0) & (other == 0) & ~as_given
        swap = as_swapped & (swapped_file | ~as_given)
        outside = ~as_given & ~as_swapped
        swap |= outside & swapped_file
        longitude, latitude = np.where(swap, other, given), np.where(swap, given, other)
        with np.errstate(invalid="ignore"):
            on_earth = (np.abs(longitude) <= 180) & (np.abs(latitude) <= 90) & ~island
        names = np.full(len(given), None, dtype=object)
        names[swap & ~outside] = "swapped"
        names[outside & on_earth] = "outside_bbox"
        names[outside & ~on_earth & ~np.isnan(given)] = UNUSABLE.flag
        names[island] = NULL_ISLAND.flag
        return np.where(on_earth, longitude, np.nan), np.where(on_earth, latitude, np.nan), names.tolist()

    def _place_by_columns(
        self, batch: Batch, rows: Any, longitude: Degrees, latitude: Degrees, flags: list[str | None]
    ) -> None:
        """Where a row's geometry is no place, its columns may say one."""
        names = {name: guess.column for name, guess in self._columns.items()}
        for index in rows:
            texts = {
                name: html.unescape(batch.texts(column)[index]).strip() for name, column in names.items()
            }
            given = {name: text for name, text in texts.items() if text.casefold() not in PLACEHOLDERS}
            found = self._reader.position(given, batch.degrees(index), bool(batch.geometries.is_given[index]))  # type: ignore[union-attr]
            flags[index] = found.flag
            longitude[index] = np.nan if found.longitude is None else found.longitude
            latitude[index] = np.nan if found.latitude is None else found.latitude

    def _read_fields(self, values: Mapping[str, list[str | None]], size: int, read: ReadColumns) -> None:
        """Read the fields in the order in which a row's are read."""
        empty: list[None] = [None] * size
        reader = self._reader

        def by_value(name: str, parse: Callable[[Fields], Any]) -> list[Any]:
            return self._by_value(name, values[name], parse, read) if name in values else empty

        fields = read.fields
        for name in ("location_text", "contact", "source_id", "category", "damage_value"):
            fields[name] = values.get(name, empty)
        fields["damage_grade"] = by_value("damage_grade", lambda one: one.whole("damage_grade", 5))
        fields["source_url"] = by_value("source_url", Fields.link)
        for name in ("observed_at", "observed_until"):
            fields[name] = self._moments(name, values[name], read) if name in values else empty
        channels = by_value("channel", lambda one: one.fitting("channel", CHANNEL))
        fields["channel"] = [channel or "import" for channel in channels]
        fields["position_accuracy_m"] = by_value("position_accuracy_m", Fields.metres)
        fields["service_state"] = by_value("service_state", Fields.state)
        fields["needs"] = by_value("needs", lambda one: needs_in(one.values.get("needs", "")))
        people = by_value("people_affected", lambda one: one.whole("people_affected", MOST_PEOPLE))
        fields["people_affected"] = people
        fields["language"] = by_value("language", lambda one: one.fitting("language", LANGUAGE))
        consents = values.get("consent", empty)
        fields["consent"] = [consent if consent in CONSENTS else "none" for consent in consents]
        given = zip(values.get("damage_scale", empty), fields["damage_value"], strict=True)
        fields["damage_scale"] = [
            scale or (reader.damage_scale if value is not None else None) for scale, value in given
        ]

    def _by_value(
        self, name: str, values: Sequence[str | None], parse: Callable[[Fields], Any], read: ReadColumns
    ) -> list[Any]:
        """Read a column, each value that occurs once; note what is refused and what could not be read."""
        results: dict[str | None, Any] = {None: None}
        wrong: dict[str | None, Errors | None] = {}
        for value in set(values) - {None}:
            fields = Fields({name: str(value)}, self._reader.strict, checked=True)
            try:
                results[value] = parse(fields)
                if fields.unread:
                    wrong[value] = None
            except NotAccepted as refusal:
                results[value], wrong[value] = None, refusal.errors
        if wrong:
            for index, value in enumerate(values):
                if value in wrong:
                    _note(read, index, name, wrong[value])
        return [results[value] for value in values]

    def _moments(self, name: str, values: Sequence[str | None], read: ReadColumns) -> list[datetime | None]:
        latest = self._reader.now + FUTURE_TOLERANCE
        plain = _plain_moments(values)
        if plain is not None and max(plain) <= latest:
            return list(plain)
        found: list[datetime | None] = []
        for index, value in enumerate(values):
            moment = None
            if value is not None:
                if MOMENT.fullmatch(value):
                    moment = _moment(value)
                if moment is None or moment > latest:
                    moment = self._reader.moment_of(value)
                if moment is None:
                    _note(read, index, name, None)
            found.append(moment)
        return found


def _plain_moments(texts: Sequence[str | None]) -> list[datetime] | None:
    """Return the moments of a column in which each row has one with its offset; else None."""
    if None in texts or not MOMENTS.fullmatch("\n".join(map(str, texts))):
        return None
    try:
        return [datetime.fromisoformat(str(text)).astimezone(UTC) for text in texts]
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _note(read: ReadColumns, index: int, name: str, errors: Errors | None) -> None:
    if errors is None:
        read.unread.setdefault(index, []).append(name)
    else:
        read.refused.setdefault(index, errors)


def cleaned(texts: Sequence[str]) -> list[str | None]:
    """Return a column's values without entities, NULs, blanks around them and words for nothing."""
    together = "".join(texts)
    if "&" in together:
        texts = [html.unescape(text) if "&" in text else text for text in texts]
    if "&" in together or "\0" in together:
        texts = [text.replace("\0", "") for text in texts]
    stripped = [text.strip() for text in texts]
    short = {text for text in set(stripped) if len(text) <= LONGEST_PLACEHOLDER}
    nothing = {text for text in short if text.casefold() in PLACEHOLDERS}
    return [None if text in nothing else text for text in stripped] if nothing else list(stripped)


def _check_lengths(values: Mapping[str, list[str | None]], refused: dict[int, Errors]) -> None:
    for name, most in LONGEST.items():
        column = values.get(name)
        if column is None or max(len(value or "") for value in column) <= most:
            continue
        for index, value in enumerate(column):
            if value is not None and len(value) > most:
                refused.setdefault(index, [(name, f"is longer than {most} characters")])


def _texts(values: Mapping[str, list[str | None]], size: int, refused: dict[int, Errors]) -> list[str]:
    texts = [value or "" for value in values.get("text", [""] * size)]
    if "title" not in values:
        return texts
    titles = [value or "" for value in values["title"]]
    pairs = zip(titles, texts, strict=True)
    joined = [text if text.startswith(title) else f"{title}\n{text}".strip() for title, text in pairs]
    for index, text in enumerate(joined):
        if len(text) > LONGEST["text"]:
            refused.setdefault(index, [("text", f"is longer than {LONGEST['text']} characters")])
    return joined


def _check_says(values: Mapping[str, list[str | None]], read: ReadColumns) -> None:
    says = np.isfinite(read.longitude)
    for column in (read.fields["text"], values.get("category"), values.get("location_text")):
        if column is not None:
            says |= np.fromiter((bool(value) for value in column), dtype=bool, count=len(says))
    for index in np.flatnonzero(~says):
        read.refused.setdefault(int(index), [("", SAYS_NOTHING)])


def identities_of(raws: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return `rows.identity_of` of each row."""
    option = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    found = []
    for raw in raws:
        values = raw.values()
        if "" in values or None in values:
            content = {name: value for name, value in raw.items() if value != "" and value is not None}
            text = orjson.dumps(content, option=option)
        else:
            text = orjson.dumps(raw, option=option)
        found.append(identity_of(raw) if b"\\r" in text else hashlib.sha256(text).hexdigest())
    return found
