"""The demo: an invented island some weeks after an earthquake, half verified, with a public release."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mapper.accounts.demo import DEMO_ACCOUNTS, DEMO_PASSWORD, add_demo_accounts
from mapper.accounts.service import find_user
from mapper.clock import SteppedClock
from mapper.config import Settings
from mapper.fusion.work import work as fuse
from mapper.layers.service import add_areas
from mapper.layers.work import work as look_up_areas
from mapper.publication.service import publish
from mapper.publication.work import work as write_snapshots
from mapper.simulation.country import as_boundaries, invent_districts
from mapper.simulation.service import Plan, into_store
from mapper.store.crises import add_crisis, all_crises, draft_of
from mapper.store.migrate import upgrade
from mapper.store.sealing import work as seal
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident
from mapper.verification.rules import Actor
from mapper.verification.service import decide

SLUG = "selmar"
BBOX = (54.0, -28.0, 57.0, -25.6)  # open sea: nobody lives there
SEED = 20_260_301
INCIDENTS = 260
VERIFIED_SHARE, REJECTED_SHARE, HALFWAY_SHARE, TRIAGED_SHARE = 0.60, 0.05, 0.08, 0.08


@dataclass(frozen=True)
class Step:
    """One decision of the demo's history."""

    at: datetime
    incident_id: Any
    person: int
    kind: str
    details: dict[str, Any]


def build_demo(settings: Settings, store: Store) -> Iterator[str]:
    """Fill an empty store and yield what to tell the visitor; a store with a crisis is left as it is."""
    upgrade(store.engine)
    with store.read() as session:
        crises = all_crises(session)
    if not crises:
        yield "building the demo crisis: an invented island six weeks after an earthquake …"
        _build(settings, store)
    elif not any(crisis.is_demo for crisis in crises):
        return
    if settings.is_loopback:
        yield "demo accounts (this machine only), password " + DEMO_PASSWORD + ":"
        for account in DEMO_ACCOUNTS:
            yield f"  {account.email:28} {account.role}"


def _build(settings: Settings, store: Store) -> None:
    crisis = _crisis(store)
    add_demo_accounts(store, settings, SLUG)
    _areas(store, crisis)
    into_store(store, crisis, Plan(INCIDENTS, 2.6, SEED, store.clock().replace(microsecond=0)), None)
    _until_idle(store, look_up_areas, fuse, look_up_areas)
    _verify(store, crisis)
    _until_idle(store, look_up_areas, write_snapshots, seal)
    publish(store, crisis, store.clock())


def _crisis(store: Store) -> Crisis:
    draft = draft_of(
        slug=SLUG,
        name="Selmar earthquake (demo)",
        bbox=BBOX,
        timezone="Indian/Reunion",
        languages=["en", "fr", "uk", "ar"],
        mode="hazard",
        embargo_hours=24,
    )
    with store.write() as session:
        return add_crisis(session, draft, store.clock(), is_demo=True)


def _areas(store: Store, crisis: Crisis) -> None:
    districts = invent_districts(random.Random(SEED), BBOX, "SM")  # noqa: S311 - a story, no secret
    with tempfile.TemporaryDirectory() as folder:
        for level in (1, 2):
            path = Path(folder) / f"selmar_adm{level}.geojson"
            path.write_text(json.dumps(as_boundaries(districts, level)), encoding="utf-8")
            add_areas(store, crisis, path, level)


def _until_idle(store: Store, *steps: Callable[[Store], int]) -> None:
    for step in steps:
        while step(store):
            pass


def _verify(store: Store, crisis: Crisis) -> None:
    clock = SteppedClock(store.clock())
    past = replace(store, clock=clock)
    with store.read() as session:
        emails = [account.email for account in DEMO_ACCOUNTS if account.role == "verifier"]
        people = [found.id for email in emails if (found := find_user(session, email))]
        incidents = session.scalars(select(Incident).where(Incident.crisis_id == crisis.id)).all()
    actors = [Actor(user_id, frozenset({"verifier"})) for user_id in people]
    for step in sorted(_steps(incidents, store.clock()), key=lambda step: step.at):
        clock.set(step.at)
        reason = "Photos and two neighbours agree." if step.kind == "verify" else "Seen by the desk."
        decide(past, crisis, step.incident_id, actors[step.person], step.kind, step.details, reason)


def _steps(incidents: Sequence[Incident], now: datetime) -> Iterator[Step]:
    rng = random.Random(SEED)  # noqa: S311 - a story, no secret
    for incident in sorted(incidents, key=lambda item: (item.first_reported_at, item.lon_e7 or 0)):
        first = incident.last_reported_at + timedelta(hours=rng.uniform(2, 30))
        second = first + timedelta(hours=rng.uniform(1, 20))
        draw = rng.random()
        if second >= now or incident.lon_e7 is None:
            continue
        if draw < VERIFIED_SHARE:
            yield Step(first, incident.id, 0, "verify", _assessment(incident, rng))
            yield Step(second, incident.id, 1, "verify", _assessment(incident, rng))
        elif draw < VERIFIED_SHARE + REJECTED_SHARE:
            yield Step(first, incident.id, 0, "reject", {})
        elif draw < VERIFIED_SHARE + REJECTED_SHARE + HALFWAY_SHARE:
            yield Step(first, incident.id, 2, "verify", _assessment(incident, rng))
        elif draw < VERIFIED_SHARE + REJECTED_SHARE + HALFWAY_SHARE + TRIAGED_SHARE:
            yield Step(first, incident.id, 1, "triage", {})


def _assessment(incident: Incident, rng: random.Random) -> dict[str, Any]:
    low = 2 if incident.damage_low is None else incident.damage_low
    high = 3 if incident.damage_high is None else incident.damage_high
    return {
        "damage_low": low,
        "damage_high": max(low, high),
        "source_grade": rng.choice("BBC"),
        "information_grade": rng.choice("122"),
        "position_accuracy_m": float(rng.choice((20, 50, 100))),
    }
