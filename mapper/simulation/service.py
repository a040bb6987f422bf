"""Running a simulated crisis: into a store through the door, or into a file of reports."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import IO, Any

import shapely
from shapely.geometry.base import BaseGeometry

from mapper.intake.drafts import Outcome, ReportDraft, Sender
from mapper.intake.preparing import hash_content
from mapper.intake.service import accept
from mapper.layers.service import areas_of, layers_of
from mapper.simulation.country import invent_towns
from mapper.simulation.events import Saying, TrueIncident, happen, tell
from mapper.store.store import Store
from mapper.store.tables import Crisis

BATCH = 1_000
SENDER = Sender("simulation")
REPORT_COLUMNS = ("report_id", "reported_at", "lat", "lon", "location_text", "category", "text", "channel")
TRUTH_COLUMNS = (
    "report_id",
    "incident_id",
    "incident_date",
    "incident_lat",
    "incident_lon",
    "asset",
    "damage",
    "service_state",
)


@dataclass(frozen=True)
class Plan:
    """What to simulate; equal plans give equal bytes."""

    incidents: int
    reports_per_incident: float
    seed: int
    until: datetime


@dataclass(frozen=True)
class Simulated:
    """How much was told."""

    incidents: int
    reports: int


Progress = Callable[[int], None]


def into_file(store: Store, crisis: Crisis, plan: Plan, out: IO[str], truth: IO[str] | None) -> Simulated:
    """Write the reports as CSV (columns of `mapper fusion score`) and the truth beside them."""
    reports, truths = csv.writer(out), _truth_writer(truth)
    reports.writerow(REPORT_COLUMNS)
    number = 0
    for number, saying in enumerate(sayings(store, crisis, plan), start=1):
        name = f"R{number:08d}"
        reports.writerow(_report_row(name, saying))
        truths(name, saying.incident)
    return Simulated(plan.incidents, number)


def into_store(
    store: Store, crisis: Crisis, plan: Plan, truth: IO[str] | None, progress: Progress | None = None
) -> Simulated:
    """Hand the reports to the door, received at the moments at which they were told."""
    truths = _truth_writer(truth)
    total = 0
    told = sayings(store, crisis, plan)
    while batch := list(islice(told, BATCH)):
        for saying, outcome in zip(batch, take(store, crisis, batch), strict=True):
            truths(str(outcome.report_id), saying.incident)
        total += len(batch)
        if progress:
            progress(total)
    return Simulated(plan.incidents, total)


def take(store: Store, crisis: Crisis, batch: Sequence[Saying]) -> list[Outcome]:
    """Hand sayings to the door, as received when they were said."""
    return accept(store, crisis, [draft_of(saying) for saying in batch], SENDER)


def draft_of(saying: Saying) -> ReportDraft:
    """Return what the door is given for a saying."""
    document = {"text": saying.text, "at": saying.said_at.isoformat(), "incident": saying.incident.number}
    return ReportDraft(
        text=saying.text,
        location_text=saying.location_text,
        contact=saying.contact,
        raw={"simulated": True},
        observed_at=saying.incident.happened_at,
        channel="form",
        longitude=saying.longitude,
        latitude=saying.latitude,
        position_accuracy_m=saying.accuracy_m,
        category=saying.category,
        damage_low=saying.damage_grade,
        damage_high=saying.damage_grade,
        service_state=saying.incident.service_state,
        people_affected=saying.incident.people or None,
        language=saying.language,
        consent="public",
        content_hash=hash_content(document, []),
        received_at=saying.said_at,
    )


def sayings(store: Store, crisis: Crisis, plan: Plan) -> Iterator[Saying]:
    """Yield what people say of the planned incidents, incident by incident."""
    rng = random.Random(plan.seed)  # noqa: S311 - a reproducible story, no secret
    towns = invent_towns(rng, _land(store, crisis), _town_count(plan.incidents))
    for incident in happen(rng, towns, plan.incidents, plan.until, crisis.mode):
        for saying in tell(rng, incident, plan.reports_per_incident, crisis.languages):
            yield _not_after(saying, plan.until)


def _not_after(saying: Saying, until: datetime) -> Saying:
    return saying if saying.said_at <= until else replace(saying, said_at=until)


def _town_count(incidents: int) -> int:
    return max(4, min(400, incidents // 40))


def _land(store: Store, crisis: Crisis) -> BaseGeometry:
    """Return the loaded areas of the coarsest level inside the crisis' box, or the box."""
    box = shapely.box(crisis.west, crisis.south, crisis.east, crisis.north)
    with store.read() as session:
        layers = layers_of(session, crisis.id)
        areas = areas_of(session, crisis.id, layers[0].level or 0) if layers else []
    if not areas:
        return box
    land = shapely.unary_union(shapely.from_wkb([area.geometry for area in areas])).intersection(box)
    return box if land.is_empty else land


def _report_row(name: str, saying: Saying) -> Sequence[Any]:
    lat = "" if saying.latitude is None else f"{saying.latitude:.6f}"
    lon = "" if saying.longitude is None else f"{saying.longitude:.6f}"
    at = saying.said_at.isoformat()
    return (name, at, lat, lon, saying.location_text, saying.category, saying.text, "form")


def _truth_writer(file: IO[str] | None) -> Callable[[str, TrueIncident], None]:
    if file is None:
        return lambda _name, _incident: None
    writer = csv.writer(file)
    writer.writerow(TRUTH_COLUMNS)

    def write(name: str, incident: TrueIncident) -> None:
        place = (f"{incident.latitude:.6f}", f"{incident.longitude:.6f}")
        fate = (incident.asset, incident.damage, incident.service_state or "")
        writer.writerow((name, f"I{incident.number:08d}", incident.happened_at.isoformat(), *place, *fate))

    return write
