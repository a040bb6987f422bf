"""Pins: a point in a photo and the point on the map that shows the same feature."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from math import isfinite

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapper.geography.positions import from_e7, to_e7
from mapper.store.store import Store
from mapper.store.tables import FeaturePin, IncidentReport, Medium, User
from mapper.verification.refusals import DoesNotFit
from mapper.vocabulary.text import N_

MOST = 40  # of one incident


@dataclass(frozen=True)
class Spot:
    """Shares of a photo's width and height from its upper left, and degrees (WGS 84)."""

    x: float
    y: float
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Pin:
    """A pin that stands, with its number within the incident."""

    id: uuid.UUID
    number: int
    medium_id: uuid.UUID
    spot: Spot
    author: str


def place(
    store: Store, crisis_id: int, incident_id: uuid.UUID, medium_id: uuid.UUID, spot: Spot, user_id: int
) -> None:
    """Set a pin on a photo of the incident; raises DoesNotFit."""
    values = (spot.x, spot.y, spot.longitude, spot.latitude)
    on_photo = 0 <= spot.x <= 1 and 0 <= spot.y <= 1
    on_earth = abs(spot.longitude) <= 180 and abs(spot.latitude) <= 90
    if not (all(map(isfinite, values)) and on_photo and on_earth):
        raise DoesNotFit(N_("Choose a point in the photo and a point on the map."))
    with store.write() as session:
        if not _is_photo_of(session, crisis_id, incident_id, medium_id):
            raise DoesNotFit(N_("That photo is not of this incident."))
        if len(standing_pins(session, crisis_id, incident_id)) >= MOST:
            raise DoesNotFit(N_("There are %(count)s pins. Withdraw one first."), count=MOST)
        session.add(
            FeaturePin(
                crisis_id=crisis_id,
                id=uuid.uuid4(),
                incident_id=incident_id,
                medium_id=medium_id,
                x=spot.x,
                y=spot.y,
                lon_e7=to_e7(spot.longitude),
                lat_e7=to_e7(spot.latitude),
                author_user_id=user_id,
                placed_at=store.clock(),
            )
        )


def withdraw(store: Store, crisis_id: int, incident_id: uuid.UUID, pin_id: uuid.UUID) -> None:
    """Take a pin off the case; its row stays, with the time."""
    with store.write() as session:
        session.execute(
            update(FeaturePin)
            .where(
                FeaturePin.crisis_id == crisis_id,
                FeaturePin.id == pin_id,
                FeaturePin.incident_id == incident_id,
                FeaturePin.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=store.clock())
        )


def standing_pins(session: Session, crisis_id: int, incident_id: uuid.UUID) -> list[Pin]:
    """Return an incident's pins in the order in which they were set, numbered with the withdrawn ones."""
    query = (
        select(FeaturePin, User.email)
        .join(User, User.id == FeaturePin.author_user_id, isouter=True)
        .where(FeaturePin.crisis_id == crisis_id, FeaturePin.incident_id == incident_id)
        .order_by(FeaturePin.placed_at, FeaturePin.id)
    )
    return [
        Pin(
            item.id,
            number,
            item.medium_id,
            Spot(item.x, item.y, from_e7(item.lon_e7), from_e7(item.lat_e7)),
            email or "",
        )
        for number, (item, email) in enumerate(session.execute(query), start=1)
        if item.withdrawn_at is None
    ]


def _is_photo_of(session: Session, crisis_id: int, incident_id: uuid.UUID, medium_id: uuid.UUID) -> bool:
    medium = session.get(Medium, (crisis_id, medium_id))
    if medium is None:
        return False
    member = session.get(IncidentReport, (crisis_id, medium.report_id))
    return member is not None and member.incident_id == incident_id
