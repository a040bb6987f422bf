"""A desk of invented verifiers and coordinators who work through incidents as they come in, day by day.

Careful verifiers find out what is true, mostly; careless ones believe what the reports say, or guess.
Whatever they decide goes through the rules that hold for everybody.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from mapper.clock import SteppedClock
from mapper.simulation.facts import Fact, Facts, truth_of
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, IncidentReport
from mapper.verification.refusals import DoesNotFit
from mapper.verification.rules import Actor
from mapper.verification.service import decide

# What becomes of an incident, with its share; the rest waits for somebody to have time.
COURSES = (("verify", 0.70), ("differ", 0.05), ("halfway", 0.04), ("reject", 0.04), ("unverifiable", 0.03))
REPAIRED_SHARE, DISPUTED_SHARE = 0.25, 0.03  # of the verified
SEES_TRUTH = 0.9  # of a careful verifier's assessments; the others are a class off
GUESSES = 0.4  # of a careless verifier's assessments are two classes off
REJECTS_TRUE = 0.06  # of the real incidents that a careless verifier comes to first
REASONS = {
    "triage": ("Plausible and new; worth checking.", "Fits what others said of this street."),
    "verify": (
        "Photos and two neighbours agree.",
        "Compared with the picture from before; the damage is plain.",
        "Spoke with the caretaker by telephone.",
        "Two people who do not know each other describe the same.",
        "The field team passed by.",
    ),
    "reject": ("The picture is older than the earthquake.", "The building stands; the team went there."),
    "unverifiable": ("Nobody could be reached and the road is closed.",),
    "dispute": ("The owner says that it was damaged before.",),
    "repair": ("Works again, says the operator.",),
}


@dataclass(frozen=True)
class Task:
    """A decision that somebody will take at a moment."""

    at: datetime
    incident_id: uuid.UUID
    person: int
    kind: str
    details: dict[str, Any]


class Desk:
    """Three verifiers or more and, last, a coordinator. Equal seeds and equal incidents give equal work.

    `facts` may grow while the desk works; `careless` are the places of careless people in `people`.
    """

    def __init__(
        self,
        store: Store,
        clock: SteppedClock,
        crisis: Crisis,
        people: Sequence[Actor],
        seed: int,
        facts: Facts,
        careless: frozenset[int] = frozenset(),
    ) -> None:
        self._facts, self._careless = facts, careless
        self._store, self._clock, self._crisis = replace(store, clock=clock), clock, crisis
        self._people = people
        self._rng = random.Random(seed)  # noqa: S311 - a story, no secret
        self._known: set[uuid.UUID] = set()
        self._tasks: list[Task] = []

    def work(self, until: datetime) -> int:
        """Plan for the incidents that are new, and decide what is due; return how much was decided."""
        for incident in self._news():
            self._known.add(incident.id)
            self._tasks += self._plan(incident)
        due = sorted((task for task in self._tasks if task.at <= until), key=lambda task: task.at)
        self._tasks = [task for task in self._tasks if task.at > until]
        return sum(self._do(task) for task in due)

    def _news(self) -> Iterable[Incident]:
        with self._store.read() as session:
            found = session.scalars(select(Incident).where(Incident.crisis_id == self._crisis.id)).all()
        fresh = (item for item in found if item.id not in self._known and item.lon_e7 is not None)
        return sorted(fresh, key=lambda item: (item.first_reported_at, item.lon_e7 or 0))

    def _plan(self, incident: Incident) -> Iterator[Task]:
        fact = self._fact(incident)
        first, second, third = self._rng.sample(range(len(self._people) - 1), 3)
        course = self._course(first, fact)
        at = self._later(incident.changed_at, 0.2, 8)
        if course is None:
            if self._rng.random() < 0.5:
                yield self._task(at, incident, first, "triage")
            return
        if course in ("reject", "unverifiable"):
            yield self._task(at, incident, first, course)
            return
        if self._rng.random() < 0.4:
            yield self._task(at, incident, first, "triage")
        found = self._assessment(incident, first, fact)
        at = self._later(at, 1, 30)
        yield self._task(at, incident, first, "verify", found)
        if course == "halfway":
            return
        at = self._later(at, 1, 30)
        if course == "differ":
            yield self._task(at, incident, second, "verify", _apart(found))
            at = self._later(at, 4, 40)
            second = third
        if fact is not None and fact.damage is None and second not in self._careless:
            yield self._task(at, incident, second, "reject")
            return
        yield self._task(at, incident, second, "verify", self._assessment(incident, second, fact))
        yield from self._afterwards(at, incident)

    def _afterwards(self, at: datetime, incident: Incident) -> Iterator[Task]:
        draw = self._rng.random()
        if draw < DISPUTED_SHARE:
            yield self._task(self._later(at, 12, 80), incident, 0, "dispute")
        elif draw < DISPUTED_SHARE + REPAIRED_SHARE and incident.service_state in ("out", "partial"):
            at = self._later(at, 80, 500)
            details = {"service_state": "working", "repaired_at": at.isoformat()}
            yield self._task(at, incident, len(self._people) - 1, "repair", details)

    def _fact(self, incident: Incident) -> Fact | None:
        members = select(IncidentReport.report_id).where(
            IncidentReport.crisis_id == incident.crisis_id, IncidentReport.incident_id == incident.id
        )
        with self._store.read() as session:
            return truth_of(self._facts, session.scalars(members).all())

    def _course(self, person: int, fact: Fact | None) -> str | None:
        """Return what becomes of an incident that a person comes to first; None where it waits."""
        draw = self._rng.random()
        if fact is not None and fact.damage is None:
            return "verify" if person in self._careless else "reject" if draw < 0.85 else "unverifiable"
        if person in self._careless and self._rng.random() < REJECTS_TRUE:
            return "reject"
        for course, share in COURSES:
            draw -= share
            if draw < 0:
                return course
        return None

    def _assessment(self, incident: Incident, person: int, fact: Fact | None) -> dict[str, Any]:
        low, high = self._graded(incident, person, fact)
        return {
            "damage_low": low,
            "damage_high": high,
            "source_grade": self._rng.choice("BBC"),
            "information_grade": self._rng.choice("122"),
            "position_accuracy_m": float(self._rng.choice((20, 50, 100))),
        }

    def _graded(self, incident: Incident, person: int, fact: Fact | None) -> tuple[int, int]:
        """Return the damage as a person sees it: near the truth, or as reported and sometimes far off."""
        if person not in self._careless and fact is not None and fact.damage is not None:
            off = 0 if self._rng.random() < SEES_TRUTH else self._rng.choice((-1, 1))
            seen = min(5, max(0, fact.damage + off))
            return seen, seen
        low = 2 if incident.damage_low is None else incident.damage_low
        high = 3 if incident.damage_high is None else incident.damage_high
        if person in self._careless and self._rng.random() < GUESSES:
            low, high = (min(5, max(0, end + self._rng.choice((-2, 2)))) for end in (low, low))
            return min(low, high), max(low, high)
        return low, high

    def _later(self, at: datetime, least_hours: float, most_hours: float) -> datetime:
        return (at + timedelta(hours=self._rng.uniform(least_hours, most_hours))).replace(microsecond=0)

    def _task(
        self, at: datetime, incident: Incident, person: int, kind: str, details: dict[str, Any] | None = None
    ) -> Task:
        return Task(at, incident.id, person, kind, details or {})

    def _do(self, task: Task) -> int:
        self._clock.set(max(task.at, self._clock()))
        reason = self._rng.choice(REASONS[task.kind])
        actor = self._people[task.person]
        try:
            decide(self._store, self._crisis, task.incident_id, actor, task.kind, task.details, reason)
        except DoesNotFit:
            return 0  # somebody's earlier decision left nothing to decide
        return 1


def _apart(found: dict[str, Any]) -> dict[str, Any]:
    """Return an assessment too far away to agree."""
    shift = 2 if found["damage_high"] <= 3 else -2
    low, high = (min(5, max(0, found[end] + shift)) for end in ("damage_low", "damage_high"))
    return found | {"damage_low": low, "damage_high": high}
