"""Living through a story day by day: people report, fusion links, and a desk of verifiers decides."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import func, select

from mapper.accounts.service import add_user
from mapper.clock import SteppedClock
from mapper.fusion.work import work as fuse
from mapper.layers.work import work as look_up_areas
from mapper.simulation.desk import Desk
from mapper.simulation.facts import Fact, facts_of
from mapper.simulation.sending import SENDER, drafts_of, take
from mapper.simulation.story import Story
from mapper.store.store import Store
from mapper.store.tables import Crisis, Report
from mapper.verification.rules import Actor
from mapper.verification.work import work as process_media

CARELESS_EVERY = 3  # of the invented verifiers one in three is careless


class NotAlone(Exception):
    """Past days can be lived through only in a crisis that nobody else has reported in."""


def live_through(
    store: Store,
    clock: SteppedClock,
    crisis: Crisis,
    story: Story,
    people: Sequence[Actor],
    careless: frozenset[int],
    *,
    with_photos: bool = False,
) -> Iterator[int]:
    """Live the story under `clock` and yield the number of each day when its work is done."""
    past = replace(store, clock=clock)
    facts: dict[uuid.UUID, Fact] = {}
    desk = Desk(past, clock, crisis, people, story.plan.seed, facts, careless)
    for number, (end, heard) in enumerate(story.days(), start=1):
        clock.set(max(end, clock()))
        for letters in heard:
            outcomes = take(past, crisis, list(drafts_of(story, letters, with_photos=with_photos)))
            facts |= facts_of(letters, outcomes)
        until_idle(past, look_up_areas, process_media, fuse, look_up_areas)
        desk.work(end)
        yield number


def live_with_verifiers(
    store: Store, crisis: Crisis, story: Story, verifiers: int, *, with_photos: bool = False
) -> Iterator[int]:
    """Live the story with invented verifiers, who have no password. Raises NotAlone."""
    with store.read() as session:
        others = select(func.count()).where(Report.crisis_id == crisis.id, Report.sender_key != SENDER.key)
        if session.scalar(others):
            raise NotAlone("others have reported in this crisis: simulate verifiers in one of their own")
    people = [_person(store, crisis, f"verifier-{number + 1}", "verifier") for number in range(verifiers)] + [
        _person(store, crisis, "coordinator", "coordinator")
    ]
    careless = frozenset(range(CARELESS_EVERY - 1, verifiers, CARELESS_EVERY))
    clock = SteppedClock(story.plan.start)
    yield from live_through(store, clock, crisis, story, people, careless, with_photos=with_photos)


def until_idle(store: Store, *steps: Callable[[Store], int]) -> None:
    """Do each step until nothing is left of it."""
    for step in steps:
        while step(store):
            pass


def _person(store: Store, crisis: Crisis, name: str, role: str) -> Actor:
    user_id = add_user(store, f"{name}@simulated.invalid", role, crisis.slug, organisation="Simulated desk")
    return Actor(user_id, frozenset({role}))
