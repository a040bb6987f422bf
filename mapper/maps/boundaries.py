"""Boundaries to draw: of the loaded administrative areas, or of the public release."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy.orm import Session

from mapper.layers.background import POPULATION, in_force
from mapper.layers.figures import population_of
from mapper.layers.service import AREAS, areas_of, layers_of
from mapper.maps.areas import AreaShape
from mapper.store.snapshot_format import WHOLE_CRISIS_LEVEL


def levels(session: Session, crisis_id: int) -> list[int]:
    """Return the levels for which areas are loaded, the largest areas first."""
    found = {layer.level for layer in layers_of(session, crisis_id) if layer.kind == AREAS}
    return sorted(level for level in found if level is not None)


def area_shapes(session: Session, crisis_id: int, level: int) -> list[AreaShape]:
    """Return the loaded areas of one level, in order of code."""
    found = areas_of(session, crisis_id, level)
    shapes = [AreaShape(area.code, area.level, area.names, area.geometry) for area in found]
    return sorted(shapes, key=lambda shape: shape.code)


def release_shapes(areas: pa.Table) -> list[AreaShape]:
    """Return the finest areas of a release: those above them would lie under them and hide the base map."""
    rows = [row for row in areas.to_pylist() if row["area_level"] != WHOLE_CRISIS_LEVEL]
    finest = max((row["area_level"] for row in rows), default=0)
    return [
        AreaShape(row["area_code"], row["area_level"], {"": row["name"]}, row["geometry"])
        for row in rows
        if row["area_level"] == finest
    ]


def people_in(session: Session, crisis_id: int, level: int) -> dict[str, int | None]:
    """Return the people of each area of a level, as far as a population layer tells; empty without one."""
    found = population_of(session, crisis_id, level)
    return dict(found.people) if found else {}


def population_version(session: Session, crisis_id: int) -> str:
    """Return what changes whenever another population layer is in force."""
    return "-".join(layer.id.hex[:8] for layer in in_force(session, crisis_id, POPULATION))
