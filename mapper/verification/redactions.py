"""Redacting a medium: boxes over faces and plates make a new copy; the original stays sealed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store import custody
from mapper.store.custody import Act
from mapper.store.originals import readable_medium
from mapper.store.store import Store
from mapper.store.tables import Redaction
from mapper.verification.evidence import latest_redaction
from mapper.verification.refusals import FieldError, Invalid, NoSuchIncident, Stale
from mapper.vocabulary.text import N_

MOST_BOXES = 50
SIDES = ("left", "top", "width", "height")
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
WRONG_BOX = N_("Give each box as percent from the left, from the top, wide and high, inside the picture.")


class Box(BaseModel):
    """A box on a page (1 for photos and videos); sides are shares of the upright picture."""

    model_config = ConfigDict(frozen=True)

    page: Annotated[int, Field(ge=1, le=1000)] = 1
    left: Share
    top: Share
    width: Annotated[Share, Field(gt=0)]
    height: Annotated[Share, Field(gt=0)]


BOXES = TypeAdapter(Annotated[list[Box], Field(max_length=MOST_BOXES)])


def boxes_of(rows: Sequence[Mapping[str, str]]) -> list[Box]:
    """Return the boxes of a form's rows, in percent; empty rows are left out. Raises Invalid."""
    filled = [row for row in rows if any(row.get(side, "").strip() for side in SIDES)]
    try:
        given = [
            {"page": int(row.get("page") or 1)}
            | {side: float(row.get(side, "").replace(",", ".")) / 100 for side in SIDES}
            for row in filled
        ]
        return BOXES.validate_python(given)
    except (ValueError, ValidationError) as error:
        raise Invalid(WRONG_BOX, [FieldError("/boxes", WRONG_BOX)]) from error


def redact_copy(
    store: Store,
    crisis_id: int,
    medium_id: uuid.UUID,
    user_id: int,
    boxes: Sequence[Box],
    reason: str,
    after: int | None = None,
) -> int:
    """Order a copy with these boxes instead of the present one; return its number. A worker makes it.

    No boxes undo the redactions before. `after` is the redaction that the person saw: raises Stale where
    there is a later one; NoSuchIncident where nobody may read the medium.
    """
    with store.write() as session:
        medium = readable_medium(session, crisis_id, medium_id)
        if medium is None:
            raise NoSuchIncident(N_("There is no such medium in this crisis."))
        latest = latest_redaction(session, crisis_id, medium_id)
        number = latest.number if latest else 0
        if after is not None and after != number:
            raise Stale(N_("Somebody else has redacted it meanwhile. Look at their boxes first."))
        columns = {"boxes": [box.model_dump() for box in boxes], "reason": reason, "made_at": store.clock()}
        key = {"crisis_id": crisis_id, "medium_id": medium_id, "number": number + 1}
        session.add(Redaction(**key, **columns, author_user_id=user_id))
        details = {"redaction": number + 1, "boxes": len(boxes)}
        custody.record(session, medium, Act.REDACTED, user_id, reason, store.clock(), **details)
    return number + 1


def redactions_of(session: Session, crisis_id: int, medium_id: uuid.UUID) -> Sequence[Redaction]:
    """Return every redaction of a medium, the latest first."""
    query = select(Redaction).where(Redaction.crisis_id == crisis_id, Redaction.medium_id == medium_id)
    return session.scalars(query.order_by(Redaction.number.desc())).all()


def in_percent(box: Mapping[str, Any]) -> dict[str, str]:
    """Return a kept box as the form's fields show it."""
    return {side: f"{box[side] * 100:.2f}" for side in SIDES} | {"page": str(box["page"])}
