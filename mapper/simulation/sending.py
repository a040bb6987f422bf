"""From letters to what the door is given, received at the moments at which they were sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import orjson

from mapper.intake.drafts import DraftMedium, Outcome, ReportDraft, Sender
from mapper.intake.preparing import hash_content
from mapper.intake.service import accept
from mapper.simulation.letters import Letters
from mapper.simulation.photos import draw
from mapper.simulation.story import Story
from mapper.simulation.telling import MOST_REPORTS
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


def drafts_of(story: Story, letters: Letters, *, with_photos: bool = False) -> Iterator[ReportDraft]:
    """Yield what the door is given."""
    mark, photos = mark_of(story), letters.told.photo
    damage = story.truth.tell(np.maximum(photos, 0) // MOST_REPORTS).damage
    rows = zip(features(story, letters), photos.tolist(), damage.tolist(), strict=True)
    for feature, photo, pictured in rows:
        yield _draft(mark, feature, _media(photo, pictured) if with_photos else ())


def take(store: Store, crisis: Crisis, drafts: Sequence[ReportDraft]) -> list[Outcome]:
    """Hand reports to the door; those that it has already are left alone."""
    return accept(store, crisis, drafts, SENDER)


def _media(photo: int, damage: int) -> tuple[DraftMedium, ...]:
    if photo < 0:
        return ()
    data = draw(photo, damage)
    return (DraftMedium(data, "image/jpeg", hashlib.sha256(data).hexdigest()),)


def _draft(mark: str, feature: dict[str, Any], media: tuple[DraftMedium, ...]) -> ReportDraft:
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
        content_hash=hash_content(feature, [medium.sha256 for medium in media]),
        media=media,
        received_at=_moment(given["reported_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
