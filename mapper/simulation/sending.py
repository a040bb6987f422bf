"""From letters to what the door is given, received at the moments at which they were sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson

from mapper.intake.drafts import Outcome, ReportDraft, Sender
from mapper.intake.preparing import hash_content
from mapper.intake.service import accept
from mapper.simulation.letters import Letters
from mapper.simulation.story import Story
from mapper.simulation.writing import features
from mapper.store.store import Store
from mapper.store.tables import Crisis

SENDER = Sender("simulation")


def mark_of(story: Story) -> str:
    """Return what the ids of a story's reports begin with: the same story again is recognised by it."""
    plan = story.plan
    told = (
        plan.incidents,
        plan.reports_per_incident,
        plan.seed,
        plan.start,
        plan.mode,
        plan.box,
        plan.spoken,
    )
    places = [place.code for place in story.world.places]
    return hashlib.sha256(orjson.dumps((told, places))).hexdigest()[:12]


def drafts_of(story: Story, letters: Letters) -> Iterator[ReportDraft]:
    """Yield what the door is given."""
    mark = mark_of(story)
    for feature in features(story, letters):
        yield _draft(mark, feature)


def take(store: Store, crisis: Crisis, drafts: Sequence[ReportDraft]) -> list[Outcome]:
    """Hand reports to the door; those that it has already are left alone."""
    return accept(store, crisis, drafts, SENDER)


def _draft(mark: str, feature: dict[str, Any]) -> ReportDraft:
    given = feature["properties"]
    longitude, latitude = feature["geometry"]["coordinates"] if feature["geometry"] else (None, None)
    grade = given.get("damage_grade")
    return ReportDraft(
        text=given["text"],
        location_text=given.get("location_text"),
        contact=given.get("contact"),
        raw={"simulated": True},
        observed_at=_moment(given.get("observed_at")),
        channel=given["channel"],
        source_id=f"{mark}-{given['source_id']}",
        longitude=longitude,
        latitude=latitude,
        position_accuracy_m=given.get("position_accuracy_m"),
        category=given.get("category"),
        damage_low=grade,
        damage_high=grade,
        service_state=given.get("service_state"),
        needs=given["needs"],
        people_affected=given.get("people_affected"),
        language=given["language"],
        consent=given["consent"],
        content_hash=hash_content(feature, []),
        received_at=_moment(given["reported_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
