"""Facilities near a place, from the layers that an operator has loaded."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from mapper.geography.positions import degrees_around, distance_m
from mapper.layers.background import in_force
from mapper.store.tables import LayerRow

MOST = 12
KINDS_CACHED = 8


@dataclass(frozen=True)
class Facility:
    """A thing that a layer names, and how far away it is, in metres."""

    name: str
    category: str
    longitude: float
    latitude: float
    metres: float


def facilities_near(
    session: Session, crisis_id: int, longitude: float, latitude: float, within_m: float
) -> list[Facility]:
    """Return the nearest facilities within a distance of a point in degrees, the nearest first."""
    found: list[Facility] = []
    for layer in in_force(session, crisis_id, "facilities"):
        points = _points(session.get_bind().engine, crisis_id, layer.id)
        found += points.near(longitude, latitude, within_m)
    return sorted(found, key=lambda item: (item.metres, item.name))[:MOST]


class _Points:
    """The points of one layer; a layer never changes, so they are kept."""

    def __init__(self, rows: list[tuple[dict[str, Any], bytes]]) -> None:
        self._properties = [properties for properties, _ in rows]
        shapes = shapely.from_wkb(np.array([geometry for _, geometry in rows], dtype=object))
        self._places = shapely.get_coordinates(shapely.centroid(shapes))
        self._tree = shapely.STRtree(shapely.points(self._places)) if rows else None

    def near(self, longitude: float, latitude: float, within_m: float) -> list[Facility]:
        if self._tree is None:
            return []
        wide, high = degrees_around(latitude, within_m)
        window = shapely.box(longitude - wide, latitude - high, longitude + wide, latitude + high)
        found = [self._facility(int(row), longitude, latitude) for row in self._tree.query(window)]
        return [item for item in found if item.metres <= within_m]

    def _facility(self, row: int, longitude: float, latitude: float) -> Facility:
        there = (float(self._places[row][0]), float(self._places[row][1]))
        properties = self._properties[row]
        return Facility(
            str(properties.get("name") or ""),
            str(properties.get("category") or properties.get("kind") or ""),
            *there,
            distance_m(longitude, latitude, *there),
        )


@lru_cache(maxsize=KINDS_CACHED)
def _points(engine: Engine, crisis_id: int, layer_id: uuid.UUID) -> _Points:
    query = select(LayerRow.properties, LayerRow.geometry).where(
        LayerRow.crisis_id == crisis_id, LayerRow.layer_id == layer_id, LayerRow.geometry.is_not(None)
    )
    with Session(engine) as session:
        return _Points(
            [
                (row.properties, row.geometry or b"")
                for row in session.execute(query.order_by(LayerRow.number))
            ]
        )
