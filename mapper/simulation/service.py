"""Running a simulated crisis: into a store through the door, or into a file of reports."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import shapely
from sqlalchemy import func, select

from mapper.layers.service import areas_of, layers_of
from mapper.simulation.country import District, invent_districts
from mapper.simulation.sending import SENDER, drafts_of, mark_of, take
from mapper.simulation.story import HISTORY, Plan, Story
from mapper.simulation.world import Place
from mapper.simulation.writing import TruthTable, report_writer
from mapper.store.store import Store
from mapper.store.tables import Crisis, Report

STORE_BATCH = 1_000
INVENTED_CODES = "XS"  # what P-codes of invented districts begin with; no country has it


@dataclass(frozen=True)
class Simulated:
    """How much was told; `kept` counts what the store had already from an earlier run."""

    incidents: int
    reports: int
    kept: int = 0


Progress = Callable[[int], None]


def story_of(
    store: Store,
    crisis: Crisis,
    incidents: int,
    reports_per_incident: float,
    seed: int,
    until: datetime,
    start: datetime | None = None,
) -> Story:
    """Return the story of a crisis: it takes six weeks from `start`, or ends with `until`."""
    plan = Plan(
        incidents=incidents,
        reports_per_incident=reports_per_incident,
        seed=seed,
        start=until - HISTORY if start is None else start,
        until=until,
        mode=crisis.mode,
        timezone=crisis.timezone,
        box=(crisis.west, crisis.south, crisis.east, crisis.north),
        spoken=tuple(crisis.languages),
    )
    return Story(plan, places_of(store, crisis, seed))


def places_of(store: Store, crisis: Crisis, seed: int) -> list[Place]:
    """Return the loaded areas of the finest level that touch the crisis' box, or invented districts."""
    box = shapely.box(crisis.west, crisis.south, crisis.east, crisis.north)
    with store.read() as session:
        layers = layers_of(session, crisis.id)
        level = layers[-1].level or 0 if layers else 0
        areas = areas_of(session, crisis.id, level) if layers else []
    shapes = shapely.from_wkb([area.geometry for area in areas])
    places = [
        Place(area.code, min(area.names.values(), default=area.code), shape, level)
        for area, shape in zip(areas, shapes, strict=True)
        if shape.intersection(box).area > 0
    ]
    return places or invented_places(box.bounds, seed)


def invented_places(box: tuple[float, float, float, float], seed: int) -> list[Place]:
    """Return the districts of an island inside the box."""
    return [Place(item.code, item.name, item.shape, 2) for item in districts_of(box, seed)]


def districts_of(box: tuple[float, float, float, float], seed: int) -> list[District]:
    """Return the same districts with the provinces that they are in."""
    return invent_districts(random.Random(seed), box, INVENTED_CODES)  # noqa: S311 - a story, no secret


def into_file(
    story: Story, path: Path, out: IO[bytes], truth: IO[bytes] | None, progress: Progress | None = None
) -> Simulated:
    """Write the reports, as the name's ending says, and the truth beside them."""
    reports = report_writer(path, out, story)
    truths = None if truth is None else TruthTable(truth, story)
    done = 0
    for letters in story.letters():
        reports.write(letters)
        if truths:
            truths.write(letters)
        done += len(letters)
        if progress:
            progress(done)
    return Simulated(story.plan.incidents, done)


def into_store(
    store: Store,
    crisis: Crisis,
    story: Story,
    truth: IO[bytes] | None,
    progress: Progress | None = None,
    *,
    with_photos: bool = False,
) -> Simulated:
    """Hand the reports to the door; a run that was interrupted goes on where it ended.

    With `truth` all are handed over again, because only the door knows the ids that it gave.
    """
    truths = None if truth is None else TruthTable(truth, story)
    kept = kept_of(store, crisis, story)
    done = 0 if truths else kept
    for letters in story.letters(STORE_BATCH, done):
        outcomes = take(store, crisis, list(drafts_of(story, letters, with_photos=with_photos)))
        if truths:
            truths.write(letters, [str(outcome.report_id) for outcome in outcomes])
        done += len(letters)
        if progress:
            progress(done)
    return Simulated(story.plan.incidents, done, kept)


def kept_of(store: Store, crisis: Crisis, story: Story) -> int:
    """Return how many reports of the story the store has: always the first ones."""
    mine = (Report.crisis_id == crisis.id, Report.sender_key == SENDER.key)
    named = Report.source_id.startswith(mark_of(story))
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Report).where(*mine, named)) or 0
