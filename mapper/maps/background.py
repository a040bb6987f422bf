"""The operator's own layers on the map: what there is, what lies at a place, and who works where.

Facilities, roads and assessments can show where people shelter and what was spared, and who works where can
endanger those who do: they are for those inside, like incidents.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from mapper.layers.background import ACTIVITIES, ASSESSMENT, FACILITIES, ROADS, in_force
from mapper.layers.figures import reach_of
from mapper.maps.background_tiles import Things, degrees_of, things_of
from mapper.publication.selection import Box
from mapper.store.tables import Layer

DRAWN = (FACILITIES, ROADS, ASSESSMENT)
LISTED = 50


def drawn_layers(session: Session, crisis_id: int) -> list[Layer]:
    """Return the layers in force that can be drawn, kind by kind, the oldest first."""
    return [layer for kind in DRAWN for layer in in_force(session, crisis_id, kind)]


def drawn_layer(session: Session, crisis_id: int, layer_id: uuid.UUID) -> Layer | None:
    """Return one of them; None where no such layer is in force."""
    found = (layer for layer in drawn_layers(session, crisis_id) if layer.id == layer_id)
    return next(found, None)


def layer_choices(session: Session, crisis_id: int) -> list[dict[str, Any]]:
    """Return what the switches say of each layer: its kind, name, rows and date, and who works where."""
    kinds = {FACILITIES: _("Facilities"), ROADS: _("Roads"), ASSESSMENT: _("Assessment")}
    return [
        {
            "id": str(layer.id),
            "kind": layer.kind,
            "label": kinds[layer.kind],
            "name": layer.name,
            "rows": layer.features,
            "date": layer.version_label,
        }
        for layer in drawn_layers(session, crisis_id)
        if layer.kind != ASSESSMENT or len(things_of(session, layer).geometries)
    ]


def activity_sources(session: Session, crisis_id: int) -> list[dict[str, Any]]:
    """Return name and date of the layers that say who works where."""
    found = in_force(session, crisis_id, ACTIVITIES)
    return [{"name": layer.name, "date": layer.version_label} for layer in found]


def things_in(things: Things, box: Box) -> dict[str, Any]:
    """Return how many rows touch a box, and the first of them with what they are called and where."""
    rows = things.within(*box)
    return {"count": len(rows), "items": [_thing(things, int(row)) for row in rows[:LISTED]]}


def _thing(things: Things, row: int) -> dict[str, Any]:
    said = things.properties[row]
    return {
        "name": said.get("name") or "",
        "category": said.get("category") or "",
        "sector": said.get("sector") or "",
        "position": degrees_of(things.geometries[row]),
        "more": {} if "category" in said else {key: value for key, value in said.items() if value},
    }


def who_works_where(session: Session, crisis_id: int, level: int) -> dict[str, Any]:
    """Return, by area, the organisations at work with their sectors and whom they reached.

    Of the level asked for or, where rows name none so fine, of the finest level above it that they name.
    """
    for coarser in range(level, -1, -1):
        _layers, found = reach_of(session, crisis_id, coarser)
        if found:
            break
    areas: dict[str, list[dict[str, Any]]] = {}
    for (code, sector), reach in sorted(found.items()):
        said = {"sector": sector, "organisations": sorted(reach.organisations), "reached": reach.reached}
        areas.setdefault(code, []).append(said | {"in_need": reach.in_need})
    listed = [{"code": code, "sectors": sectors} for code, sectors in areas.items()]
    return {"level": coarser, "areas": listed}
