"""The demo: an invented island some weeks after an earthquake, lived through day by day.

People report, fusion links, a desk verifies, and a release comes out every week: all through the rooms' own
verbs, under a clock that is moved by hand.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from mapper.accounts.demo import DEMO_ACCOUNTS, DEMO_PASSWORD, add_demo_accounts
from mapper.accounts.service import find_user
from mapper.clock import SteppedClock
from mapper.config import Settings
from mapper.fusion.work import work as fuse
from mapper.layers.service import add_areas
from mapper.layers.work import work as look_up_areas
from mapper.publication.service import publish
from mapper.publication.work import write_internal
from mapper.simulation.country import as_boundaries, invent_districts
from mapper.simulation.country_files import load_country, write_country
from mapper.simulation.life import live_through, until_idle
from mapper.simulation.service import story_of
from mapper.simulation.story import HISTORY, Story
from mapper.store.crises import add_crisis, all_crises, draft_of
from mapper.store.migrate import upgrade
from mapper.store.roots import work as sign_roots
from mapper.store.sealing import work as seal
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.verification.rules import Actor

SLUG = "selmar"
BBOX = (54.0, -28.0, 57.0, -25.6)  # open sea: nobody lives there
SEED = 20_260_301
INCIDENTS = 280
DAY, DAYS_A_WEEK = timedelta(days=1), 7
CARELESS = 2  # the third verifier


def build_demo(settings: Settings, store: Store, incidents: int = INCIDENTS) -> Iterator[str]:
    """Fill an empty store and yield what to tell the visitor; a store with a crisis is left as it is."""
    upgrade(store.engine)
    with store.read() as session:
        crises = all_crises(session)
    if crises and not any(crisis.is_demo for crisis in crises):
        return
    if not settings.is_loopback:
        yield "no demo here: its passwords are known, and others can reach MAPPER_PUBLIC_URL"
        return
    if not crises:
        yield "building the demo crisis: an invented island six weeks after an earthquake …"
        _build(settings, store, incidents)
    yield "demo accounts (this machine only), password " + DEMO_PASSWORD + ":"
    for account in DEMO_ACCOUNTS:
        yield f"  {account.email:28} {account.role}"


def _build(settings: Settings, store: Store, incidents: int) -> None:
    now = store.clock().replace(microsecond=0)
    clock = SteppedClock(now - HISTORY - DAY)
    past = replace(store, clock=clock)
    crisis = _crisis(past)
    add_demo_accounts(past, settings, SLUG)
    _areas(past, crisis)
    with past.read() as session:
        crisis = session.get_one(Crisis, crisis.id)  # it counts its areas' versions
    story = story_of(past, crisis, incidents, 2.6, SEED, now)
    _background(past, crisis, story)
    people, careless = _people(past), frozenset({CARELESS})
    for number in live_through(past, clock, crisis, story, people, careless, with_photos=True):
        if number % DAYS_A_WEEK == 0:
            publish(past, crisis, clock())
    until_idle(past, fuse, look_up_areas, seal)  # the desk's last decisions make fusion look again
    publish(past, crisis, clock())
    write_internal(past, crisis.id)
    until_idle(store, seal, sign_roots)


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


def _background(store: Store, crisis: Crisis, story: Story) -> None:
    """Load what stood there before, who helps where, and how many people live in each district."""
    with tempfile.TemporaryDirectory() as folder:
        write_country(story, Path(folder))
        load_country(store, crisis, Path(folder))


def _people(store: Store) -> list[Actor]:
    """Return the verifiers and, last, the coordinator."""
    wanted = [account for account in DEMO_ACCOUNTS if account.role in ("verifier", "coordinator")]
    with store.read() as session:
        ids = {account.email: user.id for account in wanted if (user := find_user(session, account.email))}
    return [Actor(ids[account.email], frozenset({account.role})) for account in wanted]
