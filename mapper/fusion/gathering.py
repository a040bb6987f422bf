"""Gathering: from rows of the store to the traits that the linker compares."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import nan

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from mapper.fusion.aggregate import Member, happened_at
from mapper.fusion.candidates import COPY_WINDOW_HOURS, MOST_REACH_M, WINDOW_HOURS
from mapper.fusion.traits import Traits, category_codes
from mapper.fusion.words import code_of, words_of
from mapper.geography.cells import BITS, covering_ranges
from mapper.geography.positions import degrees_around, from_e7
from mapper.store.contents import ReportContent, open_contents
from mapper.store.keys import Keyring
from mapper.store.tables import Medium, Report

MOST_NEIGHBOURS = 300  # of one report: the cap for hot spots; the nearest in time are kept
MOST_TIMES = 4  # a query for several reports may bring so many times as many
QUERY_ZOOM = 13  # tiles of about 5 km at the equator
QUERY_SPAN = timedelta(days=2)
WINDOW, COPY_WINDOW = timedelta(hours=WINDOW_HOURS), timedelta(hours=COPY_WINDOW_HOURS)
MOST_CACHED = 50_000
NOTHING = ReportContent()

_cache: dict[uuid.UUID, Traits] = {}


def traits_of(session: Session, keys: Keyring, reports: Sequence[Report]) -> list[Traits]:
    """Return the traits of reports of one crisis in order; they are kept, for a report never changes."""
    missing = [report for report in reports if report.id not in _cache]
    if missing:
        if len(_cache) + len(missing) > MOST_CACHED:
            _cache.clear()
        contents = open_contents(session, keys, missing)
        for report in missing:
            _cache[report.id] = _traits(report, contents.get(report.id, NOTHING))
    return [_cache.get(report.id) or _traits(report, NOTHING) for report in reports]


def members_of(session: Session, keys: Keyring, reports: Sequence[Report]) -> list[Member]:
    """Return reports with the marks that copies of one origin share: text, link, photo."""
    photos = _photo_marks(session, reports)
    links = {
        report.id: traits.link
        for report, traits in zip(reports, traits_of(session, keys, reports), strict=True)
    }
    found = []
    for report in reports:
        marks = set(photos.get(report.id, ()))
        if report.text_fingerprint:
            marks.add(f"text:{report.text_fingerprint}")
        if links[report.id]:
            marks.add(f"link:{links[report.id]}")
        found.append(Member(report, frozenset(marks), report.contact_fingerprint or str(report.id)))
    return found


def neighbours(session: Session, crisis_id: int, reports: Sequence[Report]) -> list[uuid.UUID]:
    """Return the ids of reports already in an incident that any of `reports` may be compared with."""
    found: dict[uuid.UUID, None] = {}
    for some in _close_together(reports):
        found |= dict.fromkeys(session.scalars(_neighbour_query(crisis_id, some)))
    return list(found)


def _close_together(reports: Sequence[Report]) -> list[list[Report]]:
    """Group reports that one query can ask for: of one tile of a few kilometres and one span of days."""
    groups: dict[tuple[int | None, int], list[Report]] = {}
    for report in reports:
        tile = None if report.cell_key is None else report.cell_key >> 2 * (BITS - QUERY_ZOOM)
        span = int(happened_at(report).timestamp() // QUERY_SPAN.total_seconds())
        groups.setdefault((tile, span), []).append(report)
    return list(groups.values())


def traits_by_id(session: Session, keys: Keyring, crisis_id: int, ids: Sequence[uuid.UUID]) -> list[Traits]:
    """Return the traits of reports by their ids, reading only those that are not known yet."""
    missing = [report_id for report_id in ids if report_id not in _cache]
    found = {report_id: _cache[report_id] for report_id in ids if report_id in _cache}
    for start in range(0, len(missing), 500):
        query = select(Report).where(
            Report.crisis_id == crisis_id, Report.id.in_(missing[start : start + 500])
        )
        reports = session.scalars(query).all()
        found |= dict(zip((report.id for report in reports), traits_of(session, keys, reports), strict=True))
    return list(found.values())


def _neighbour_query(crisis_id: int, reports: Sequence[Report]) -> Select[uuid.UUID]:
    moments = [moment for report in reports for moment in (happened_at(report), report.received_at)]
    first, last = min(moments), max(moments)
    texts = sorted({report.text_fingerprint for report in reports if report.text_fingerprint})
    conditions = []
    if texts:
        late = Report.received_at.between(first - COPY_WINDOW, last + COPY_WINDOW)
        conditions.append(and_(Report.text_fingerprint.in_(texts), late))
    placed = [
        (from_e7(item.lon_e7), from_e7(item.lat_e7))
        for item in reports
        if item.lon_e7 is not None and item.lat_e7 is not None
    ]
    if placed:
        # A late report may tell of an early time, so the window counts from what each observed.
        recent = Report.received_at.between(first - WINDOW, last + WINDOW)
        conditions.append(and_(_near(placed), recent))
    query = select(Report.id).where(
        Report.crisis_id == crisis_id,
        Report.fused_at.is_not(None),
        or_(*conditions) if conditions else Report.id.is_(None),
    )
    most = MOST_NEIGHBOURS * min(MOST_TIMES, len(reports))
    return query.order_by(Report.received_at.desc(), Report.id).limit(most)


def _near(placed: Sequence[tuple[float, float]]) -> ColumnElement[bool]:
    longitudes, latitudes = zip(*placed, strict=True)
    wide, high = degrees_around(max(map(abs, latitudes)), MOST_REACH_M)
    west, east = min(longitudes) - wide, max(longitudes) + wide
    ranges = covering_ranges(west, min(latitudes) - high, east, max(latitudes) + high, 8)
    return or_(*(and_(Report.cell_key >= low, Report.cell_key < top) for low, top in ranges))


def _traits(report: Report, content: ReportContent) -> Traits:
    kind, sector = category_codes(report.asset, report.sector, report.category)
    at = happened_at(report).timestamp() / 3600
    until = report.observed_until.timestamp() / 3600 if report.observed_until else at
    return Traits(
        report=report.id,
        at=at,
        until=max(at, until),
        lon=nan if report.lon_e7 is None else from_e7(report.lon_e7),
        lat=nan if report.lat_e7 is None else from_e7(report.lat_e7),
        accuracy_m=report.position_accuracy_m or nan,
        kind=kind,
        sector=sector,
        words=words_of(content.text),
        place=words_of(content.location_text),
        link=code_of((content.source_url or "").strip()),
    )


def _photo_marks(session: Session, reports: Iterable[Report]) -> dict[uuid.UUID, set[str]]:
    ids = [report.id for report in reports]
    crisis_id = next((report.crisis_id for report in reports), 0)
    found: dict[uuid.UUID, set[str]] = {}
    for start in range(0, len(ids), 500):
        query = select(Medium.report_id, Medium.sha256, Medium.perceptual_hash).where(
            Medium.crisis_id == crisis_id, Medium.report_id.in_(ids[start : start + 500])
        )
        for report_id, sha256, perceptual in session.execute(query):
            marks = found.setdefault(report_id, set())
            marks |= {f"photo:{mark}" for mark in (sha256, perceptual) if mark}
    return found
