"""Stories in files: reports as CSV or as lines of GeoJSON, and the truth beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from mapper.simulation.chance import Chance, Flags, Numbers
from mapper.simulation.letters import NEEDS_TOLD, Letters, report_ids
from mapper.simulation.names import name_of
from mapper.simulation.rhythm import DAY
from mapper.simulation.story import Story
from mapper.simulation.telling import MODELS, MOST_REPORTS
from mapper.simulation.truth import SECTOR_OF, SERVICE
from mapper.simulation.voices import ASSETS

REPORT_COLUMNS = ("report_id", "reported_at", "lat", "lon", "location_text", "category", "text", "channel")
LINES = {".ndjson", ".geojsonl", ".geojsonseq", ".jsonl"}
_KINDS = ("damage", "rumour", "advert")
_PREFIX = ("I", "F", "S")


class Writer(Protocol):
    """Takes reports one portion at a time."""

    def write(self, letters: Letters) -> None:
        """Write a portion."""
        ...


def report_writer(path: Path, file: IO[bytes], story: Story) -> Writer:
    """Return the writer for a file, by the ending of its name."""
    return LineWriter(file, story) if path.suffix.lower() in LINES else ReportTable(file, story)


class _Table:
    """A CSV file that grows by portions; strings stand in quotes, what is not known is empty."""

    def __init__(self, file: IO[bytes], story: Story) -> None:
        self._file, self._story = file, story
        self._csv: Any = None

    def _add(self, columns: dict[str, Any]) -> None:
        table = pa.table(columns)
        if self._csv is None:
            self._file.write((",".join(columns) + "\n").encode())
            options = arrow_csv.WriteOptions(include_header=False)
            self._csv = arrow_csv.CSVWriter(self._file, table.schema, write_options=options)
        self._csv.write_table(table)


class ReportTable(_Table):
    """Reports with the columns that `mapper fusion score` reads."""

    def write(self, letters: Letters) -> None:
        """Write a portion."""
        told = letters.told
        columns = (
            letters.report_id,
            moments(self._story.start_s + told.said),
            _degrees(told.latitude),
            _degrees(told.longitude),
            letters.location_text,
            letters.category,
            letters.text,
            letters.channel,
        )
        self._add(dict(zip(REPORT_COLUMNS, columns, strict=True)))


class TruthTable(_Table):
    """What is true of each report and of what it tells."""

    def __init__(self, file: IO[bytes], story: Story) -> None:
        super().__init__(file, story)
        self._chance = Chance(story.plan.seed)
        self._towns = pa.array([name_of(int(name)) for name in story.world.name])

    def write(self, letters: Letters, names: Iterable[str] | None = None) -> None:
        """Write a portion; `names` are the reports' ids where they have others than their own."""
        told, start = letters.told, self._story.start_s
        incident = told.incident
        again = incident.building != incident.number
        self._add(
            {
                "report_id": letters.report_id if names is None else pa.array(names),
                "incident_id": incident_ids(incident.number, incident.is_rumour, incident.is_advert),
                "incident_date": moments(start + incident.happened),
                "incident_lat": pa.array(incident.latitude),
                "incident_lon": pa.array(incident.longitude),
                "incident_kind": _named(_KINDS, incident.is_rumour + 2 * incident.is_advert),
                "sector": _named(SECTOR_OF, incident.asset),
                "asset": _named(ASSETS, incident.asset),
                "damage": pa.array(incident.damage, mask=told.is_spam),
                "service_state": _named(SERVICE, np.where(told.is_spam, 0, incident.service)),
                "people_affected": pa.array(incident.people, mask=told.is_spam),
                "repaired_at": _known_moments(start, incident.repaired),
                "building_id": incident_ids(incident.building, incident.is_rumour, incident.is_advert),
                "is_second_strike": _flags(again),
                "town": self._towns.take(pa.array(incident.town)),
                "source_kind": letters.channel,
                "position_model": _named(MODELS, told.model),
                "language": letters.language,
                "delay_minutes": pa.array((told.said - incident.happened) // 60),
                "is_repost": _flags(told.is_repost),
                "repost_of": _where(told.is_repost, report_ids(self._chance, told.first_hand)),
                "is_repair": _flags(told.is_repair),
                "is_spam": _flags(told.is_spam),
                "is_wrong_category": _flags(letters.is_wrong_category),
                "photo_id": _where(told.photo >= 0, photo_ids(told.photo)),
                "is_recycled_photo": _flags(told.is_recycled),
            }
        )


class LineWriter:
    """Reports as GeoJSON Features, one a line, with the properties that the API takes."""

    def __init__(self, file: IO[bytes], story: Story) -> None:
        self._file, self._story = file, story

    def write(self, letters: Letters) -> None:
        """Write a portion."""
        self._file.write(
            b"".join(
                orjson.dumps(feature, option=orjson.OPT_APPEND_NEWLINE)
                for feature in features(self._story, letters)
            )
        )


def features(story: Story, letters: Letters) -> Iterable[dict[str, Any]]:
    """Yield reports as GeoJSON Features; `reported_at` is when it was sent, for replays."""
    told = letters.told
    rows = zip(
        letters.report_id.to_pylist(),
        moments(story.start_s + told.said).to_pylist(),
        told.longitude.tolist(),
        told.latitude.tolist(),
        pa.array(told.accuracy_m, from_pandas=True).to_pylist(),
        letters.text.to_pylist(),
        letters.location_text.to_pylist(),
        letters.category.to_pylist(),
        letters.language.to_pylist(),
        letters.channel.to_pylist(),
        letters.contact.to_pylist(),
        letters.grade.tolist(),
        letters.service.tolist(),
        letters.people.tolist(),
        letters.need.tolist(),
        _known_moments(story.start_s, letters.observed).to_pylist(),
        strict=True,
    )
    for (
        name,
        at,
        x,
        y,
        accuracy,
        text,
        place,
        category,
        tongue,
        channel,
        contact,
        grade,
        service,
        people,
        need,
        seen,
    ) in rows:
        given = {
            "text": text,
            "reported_at": at,
            "observed_at": seen,
            "category": category,
            "damage_grade": grade if grade >= 0 else None,
            "service_state": SERVICE[service],
            "needs": NEEDS_TOLD[need],
            "people_affected": people if people >= 0 else None,
            "language": tongue,
            "position_accuracy_m": accuracy,
            "location_text": place,
            "channel": channel,
            "source_id": name,
            "contact": contact,
            "consent": "public",
        }
        yield {
            "type": "Feature",
            "geometry": None if x != x else {"type": "Point", "coordinates": (x, y)},
            "properties": {key: value for key, value in given.items() if value is not None},
        }


def moments(seconds: Numbers) -> pa.Array:
    """Return seconds since 1970 as RFC 3339 in UTC."""
    days = seconds // DAY
    earliest = int(days.min()) if len(days) else 0
    latest = int(days.max()) if len(days) else 0
    dates = pa.array(
        [datetime.fromtimestamp(day * DAY, UTC).date().isoformat() for day in range(earliest, latest + 1)]
    )
    return pc.binary_join_element_wise(
        dates.take(pa.array(days - earliest)), _clock_faces().take(pa.array(seconds % DAY)), ""
    )


def incident_ids(numbers: Numbers, is_rumour: Flags, is_advert: Flags) -> pa.Array:
    """Return I for damage, F for a false claim, S for spam, and eight digits."""
    prefix = pa.array(_PREFIX).take(pa.array(is_rumour + 2 * is_advert))
    high, low = pa.array(numbers // 10_000), pa.array(numbers % 10_000)
    return pc.binary_join_element_wise(prefix, _digits().take(high), _digits().take(low), "")


def photo_ids(photos: Numbers) -> pa.Array:
    """Return P and the number of the incident and report that the picture was first sent with."""
    photos = np.maximum(photos, 0)
    incident, place = photos // MOST_REPORTS, photos % MOST_REPORTS
    high, low = pa.array(incident // 10_000), pa.array(incident % 10_000)
    return pc.binary_join_element_wise(
        "P", _digits().take(high), _digits().take(low), _digits().take(pa.array(place)), ""
    )


def _degrees(values: Any) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _flags(values: Any) -> pa.Array:
    return pa.array(values.astype(np.int8))


def _named(names: Any, index: Numbers) -> pa.Array:
    return pa.array(names).take(pa.array(index))


def _where(condition: Any, values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(condition), values, None)


def _known_moments(start_s: int, seconds: Numbers) -> pa.Array:
    return _where(seconds >= 0, moments(start_s + np.maximum(seconds, 0)))


@cache
def _clock_faces() -> pa.Array:
    return pa.array([f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(DAY)])


@cache
def _digits() -> pa.Array:
    return pa.array([f"{number:04d}" for number in range(10_000)])
