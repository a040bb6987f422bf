"""From a checked feature to a draft, for every channel that speaks JSON."""

from __future__ import annotations

from typing import Any

from mapper.intake.drafts import DraftMedium, ReportDraft, Sender
from mapper.intake.preparing import hash_content
from mapper.intake.schemas import Feature


def draft_of(
    feature: Feature,
    document: Any,
    sender: Sender,
    media: tuple[DraftMedium, ...] = (),
    key: str | None = None,
) -> ReportDraft:
    """Return the draft of a feature. `document` is the JSON it was read from and is kept as the raw payload.

    Only an authenticated sender's `channel` and `source_id` count; anybody could claim another's.
    """
    given = feature.properties
    known = sender.user_id is not None
    longitude, latitude = feature.geometry.coordinates[:2] if feature.geometry else (None, None)
    return ReportDraft(
        text=given.text or "",
        location_text=given.location_text,
        source_url=given.source_url,
        contact=given.contact or None,
        raw=document,
        observed_at=given.observed_at,
        observed_until=given.observed_until,
        channel=(given.channel if known else None) or "api",
        source_id=given.source_id if known else None,
        longitude=None if longitude is None else float(longitude),
        latitude=None if latitude is None else float(latitude),
        position_accuracy_m=given.position_accuracy_m,
        category=given.category,
        damage_low=given.damage_grade,
        damage_high=given.damage_grade,
        damage_scale=given.damage_scale,
        damage_value=None if given.damage_value is None else str(given.damage_value),
        service_state=given.service_state,
        needs=tuple(given.needs),
        people_affected=given.people_affected,
        language=given.language,
        consent=given.consent,
        idempotency_key=key,
        content_hash=hash_content(document, [medium.sha256 for medium in media]),
        media=media,
    )
