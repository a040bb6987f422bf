"""Training: in a simulated crisis, what a newcomer decided beside what really happened.

The truth stays on the server. A person is told it only of incidents that they have judged themselves.
"""

from __future__ import annotations

import csv
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from mapper.store.store import Store
from mapper.store.tables import Decision, IncidentReport, TrainingTruth
from mapper.vocabulary.states import Kind

JUDGED = (Kind.VERIFY, Kind.REJECT, Kind.UNVERIFIABLE)
INVENTED = frozenset({"rumour", "advert"})  # kinds of incident that never happened
BATCH = 2_000
SHOWN = 50


class UnusableTruth(Exception):
    """The file holds no truth; the message says why."""


@dataclass(frozen=True)
class Judged:
    """One decision beside the truth: `true_damage` is None where nothing happened."""

    incident_id: uuid.UUID
    kind: Kind
    damage: tuple[int, int] | None
    true_damage: int | None
    is_real: bool

    @property
    def is_right(self) -> bool:
        """Whether it was real and its damage lay in the interval, or was invented and was not verified."""
        if self.kind is Kind.VERIFY:
            return self.is_real and self.damage is not None and self._holds_truth(self.damage)
        return not self.is_real

    def _holds_truth(self, damage: tuple[int, int]) -> bool:
        return self.true_damage is not None and damage[0] <= self.true_damage <= damage[1]


@dataclass(frozen=True)
class Score:
    """What a person's decisions come to; shares from 0 to 1, None where there is nothing to share."""

    judged: Sequence[Judged]  # the newest first
    right: float | None
    held: float | None  # intervals that hold the true damage, of the real ones that were graded
    width: float | None  # classes that an interval spans, on average
    lean: float | None  # classes above the truth, on average
    uncovered: float | None  # invented incidents that were not verified


def load(store: Store, crisis_id: int, file: IO[str]) -> int:
    """Replace the truth by what `mapper simulate --truth` wrote; return the rows. Raises UnusableTruth."""
    reader = csv.DictReader(file)
    if not {"report_id", "incident_id", "damage"} <= set(reader.fieldnames or ()):
        raise UnusableTruth("a truth has the columns report_id, incident_id and damage")
    rows = [_row(crisis_id, values) for values in reader]
    with store.write() as session:
        session.execute(delete(TrainingTruth).where(TrainingTruth.crisis_id == crisis_id))
    for start in range(0, len(rows), BATCH):
        with store.write() as session:
            session.execute(insert(TrainingTruth), rows[start : start + BATCH])
    return len(rows)


def is_training(session: Session, crisis_id: int) -> bool:
    """Whether the truth of this crisis is known."""
    found = select(TrainingTruth.report_id).where(TrainingTruth.crisis_id == crisis_id).limit(1)
    return session.scalar(found) is not None


def score(session: Session, crisis_id: int, user_id: int) -> Score:
    """Return what a person's newest decision about each incident comes to."""
    judged = [
        item
        for decision in _newest_of_each(session, crisis_id, user_id)
        if (item := _judged(session, decision)) is not None
    ]
    graded = [item for item in judged if item.is_real and item.damage and item.true_damage is not None]
    invented = [item for item in judged if not item.is_real]
    return Score(
        judged[:SHOWN],
        right=_mean(item.is_right for item in judged),
        held=_mean(item.is_right for item in graded),
        width=_mean(item.damage[1] - item.damage[0] for item in graded if item.damage),
        lean=_mean(sum(item.damage) / 2 - (item.true_damage or 0) for item in graded if item.damage),
        uncovered=_mean(item.kind is not Kind.VERIFY for item in invented),
    )


def _row(crisis_id: int, values: dict[str, str]) -> dict[str, Any]:
    try:
        damage = int(values["damage"]) if values["damage"] else None
        report_id = uuid.UUID(values["report_id"])
    except ValueError as error:
        raise UnusableTruth(f"a row is no truth of this store: {error}") from error
    is_real = damage is not None and values.get("incident_kind", "") not in INVENTED
    return {
        "crisis_id": crisis_id,
        "report_id": report_id,
        "true_incident": values["incident_id"][:40],
        "damage": damage if is_real else None,
        "is_real": is_real,
    }


def _newest_of_each(session: Session, crisis_id: int, user_id: int) -> list[Decision]:
    newest = (
        select(Decision.incident_id, func.max(Decision.number).label("number"))
        .where(
            Decision.crisis_id == crisis_id,
            Decision.actor_user_id == user_id,
            Decision.kind.in_([kind.value for kind in JUDGED]),
        )
        .group_by(Decision.incident_id)
        .subquery()
    )
    query = select(Decision).join(
        newest, (Decision.incident_id == newest.c.incident_id) & (Decision.number == newest.c.number)
    )
    query = query.where(Decision.crisis_id == crisis_id)
    return list(session.scalars(query.order_by(Decision.decided_at.desc(), Decision.id)))


def _judged(session: Session, decision: Decision) -> Judged | None:
    """Return a decision beside the truth that most of its incident's reports tell of."""
    query = (
        select(TrainingTruth.true_incident, TrainingTruth.damage, TrainingTruth.is_real)
        .join(
            IncidentReport,
            (IncidentReport.crisis_id == TrainingTruth.crisis_id)
            & (IncidentReport.report_id == TrainingTruth.report_id),
        )
        .where(
            IncidentReport.crisis_id == decision.crisis_id, IncidentReport.incident_id == decision.incident_id
        )
        .order_by(TrainingTruth.true_incident)
    )
    truths = Counter((row.true_incident, row.damage, row.is_real) for row in session.execute(query))
    if not truths:
        return None
    (_, damage, is_real), _count = truths.most_common(1)[0]
    low, high = (decision.details.get(end) for end in ("damage_low", "damage_high"))
    given = None if low is None or high is None else (low, high)
    return Judged(decision.incident_id, Kind(decision.kind), given, damage, is_real)


def _mean(values: Iterable[float]) -> float | None:
    every = list(values)
    return sum(every) / len(every) if every else None
