"""Scoring: fuse the reports of one file and compare the groups with the truth in another.

Needs no crisis and no store, and writes nothing. Columns that are not there count as empty; a value
that cannot be read counts as not given and is noted. Both files may come in any encoding and delimiter.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import nan
from pathlib import Path

from dateutil import parser as dates

from mapper.files.csvs import open_csv
from mapper.files.refusals import FileRefused
from mapper.fusion.linkage import Linkage
from mapper.fusion.metrics import compare
from mapper.fusion.partition import partition
from mapper.fusion.traits import Traits, category_codes
from mapper.fusion.words import code_of, names_of, numbers_of, words_of
from mapper.geography.positions import is_on_earth
from mapper.vocabulary.assets import match_category
from mapper.vocabulary.text import N_


@dataclass
class ReportFile:
    """The reports of a file, each id once, and a sentence for each thing that was passed over."""

    reports: list[Traits] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Score:
    """How the groups found compare with the truth; `reports` counts those that both files name."""

    pair_precision: float
    pair_recall: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f: float
    reports: int
    incidents: int
    seconds: float


def score(reports: list[Traits], truth: dict[str, str], linkage: Linkage) -> Score:
    """Fuse all reports, then compare those whose truth is known. Raises FileRefused when none is."""
    started = time.perf_counter()
    group_of: dict[str, int] = {}
    for number, rows in enumerate(partition(reports, linkage)):
        group_of |= {str(reports[row].report): number for row in rows}
    seconds = time.perf_counter() - started
    known = [name for name in group_of if name in truth]
    if not known:
        raise FileRefused(N_("The two files have no report_id in common."))
    found = [group_of[name] for name in known]
    right = compare(found, [truth[name] for name in known])
    return Score(
        pair_precision=round(right.pair_precision, 6),
        pair_recall=round(right.pair_recall, 6),
        bcubed_precision=round(right.bcubed_precision, 6),
        bcubed_recall=round(right.bcubed_recall, 6),
        bcubed_f=round(right.bcubed_f, 6),
        reports=len(known),
        incidents=len(set(found)),
        seconds=round(seconds, 3),
    )


def read_reports(path: Path) -> ReportFile:
    """Read REPORTS.csv. Raises FileRefused for what is no table or lacks report_id and reported_at."""
    found = ReportFile()
    seen: set[str] = set()
    for line, row in _rows(path, ("report_id", "reported_at"), found.notes):
        name = row["report_id"].strip()
        if not name or name in seen:
            found.notes.append(
                f"{path.name} line {line}: report_id is {'empty' if not name else 'there twice'}"
            )
            continue
        seen.add(name)
        found.reports.append(_traits(name, row, f"{path.name} line {line}", found.notes))
    return found


def read_truth(path: Path) -> dict[str, str]:
    """Read TRUTH.csv as report_id to incident_id. Raises FileRefused as `read_reports` does."""
    truth: dict[str, str] = {}
    for _line, row in _rows(path, ("report_id", "incident_id"), []):
        if row["report_id"].strip() and row["incident_id"].strip():
            truth.setdefault(row["report_id"].strip(), row["incident_id"].strip())
    return truth


def _rows(path: Path, needed: tuple[str, ...], notes: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    table = open_csv(path)
    names = [name.strip().casefold() for name in table.columns]
    missing = [name for name in needed if name not in names]
    if missing:
        raise FileRefused(
            N_("%(file)s has no column %(columns)s."), file=path.name, columns=", ".join(missing)
        )
    for record in table.records():
        if record.problem is None:
            yield record.line, dict(zip(names, record.values, strict=True))
        else:
            notes.append(f"{path.name} line {record.line}: {record.problem}")


def _traits(name: str, row: dict[str, str], where: str, notes: list[str]) -> Traits:
    at = _hours(row["reported_at"])
    if at is None:
        notes.append(f"{where}: reported_at is no time")
    lon, lat = _position(row.get("lon", ""), row.get("lat", ""), where, notes)
    category = row.get("category", "")
    kind, sector = category_codes(*match_category(category), category)
    return Traits(
        report=name,
        at=at or 0.0,
        until=at or 0.0,
        lon=lon,
        lat=lat,
        kind=kind,
        sector=sector,
        words=words_of(row.get("text")),
        place=words_of(row.get("location_text")),
        names=names_of(row.get("location_text")),
        address=numbers_of(row.get("location_text")),
        link=code_of(row.get("source_url", "").strip()),
    )


def _position(lon: str, lat: str, where: str, notes: list[str]) -> tuple[float, float]:
    if not lon.strip() and not lat.strip():
        return nan, nan
    try:
        longitude, latitude = float(lon), float(lat)
    except ValueError:
        longitude, latitude = nan, nan
    if is_on_earth(longitude, latitude):
        return longitude, latitude
    notes.append(f"{where}: lon and lat are no position")
    return nan, nan


def _hours(text: str) -> float | None:
    """Return hours since 1970 UTC; a time without an offset is taken as UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            moment = dates.parse(text)
        except (ValueError, OverflowError):
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() / 3600
