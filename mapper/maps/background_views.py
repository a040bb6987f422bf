"""Addresses of the operator's own layers: their tiles, what lies at a place, who works where."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from flask import Blueprint, Response
from flask_babel import gettext as _

from mapper.accounts.access import EVERYONE, allow, current_crisis
from mapper.maps.agreement import compare, described
from mapper.maps.background import drawn_layer, things_in, who_works_where
from mapper.maps.background_tiles import Things, thing_tile, things_of
from mapper.maps.requests import area_level, box_asked
from mapper.maps.seen import seen
from mapper.maps.sending import tagged
from mapper.maps.tiles import Tile
from mapper.publication.requests import nothing_but
from mapper.store.tables import Crisis
from mapper.web.context import current_store
from mapper.web.errors import Problem

blueprint = Blueprint("background", __name__)

MVT, JSON = "application/vnd.mapbox-vector-tile", "application/json"
KEPT_SECONDS = 60


@blueprint.get("/crises/<slug>/layers/<uuid:layer_id>/<zoom>/<x>/<y>.mvt")
@allow(EVERYONE)
def layer_tiles(slug: str, layer_id: uuid.UUID, zoom: str, x: str, y: str) -> Response:
    """One vector tile of a layer of facilities, roads or assessed places: for those inside."""
    things = _things(_inside(), layer_id)
    nothing_but(())
    tile = Tile.parse(zoom, x, y)
    return tagged(f"layer-{layer_id.hex}", 1, lambda: thing_tile(things, tile), MVT, KEPT_SECONDS)


@blueprint.get("/crises/<slug>/layers/<uuid:layer_id>/features")
@allow(EVERYONE)
def layer_features(slug: str, layer_id: uuid.UUID) -> Response:
    """How many of a layer's rows lie in `bbox`, and the first 50 of them: for those inside."""
    things = _things(_inside(), layer_id)
    nothing_but(("bbox",))
    box = box_asked()
    return _json(things_in(things, box))


@blueprint.get("/crises/<slug>/activities.json")
@allow(EVERYONE)
def activities(slug: str) -> Response:
    """Who works where, by area of `level` or of one above: for those inside."""
    crisis = _inside()
    nothing_but(("level",))
    with current_store().read() as session:
        return _json(who_works_where(session, crisis.id, area_level() or 1))


@blueprint.get("/crises/<slug>/layers/<uuid:layer_id>/agreement")
@allow(EVERYONE)
def layer_agreement(slug: str, layer_id: uuid.UUID) -> Response:
    """How far an assessment of places agrees with incidents beside them, by area: for those inside."""
    crisis = _inside()
    things = _things(crisis, layer_id)
    nothing_but(("level",))
    found, level = seen(current_store(), crisis), area_level() or 1

    def make() -> bytes:
        return orjson.dumps(described(found.rows, things, compare(found.rows, things), level))

    return tagged(f"agreement-{layer_id.hex}", found.version, make, JSON, 0)


def _inside() -> Crisis:
    """The crisis, where the asker may see its incidents; otherwise there is nothing at the address."""
    crisis = current_crisis()
    if seen(current_store(), crisis).is_public:
        raise Problem(404)
    return crisis


def _things(crisis: Crisis, layer_id: uuid.UUID) -> Things:
    with current_store().read() as session:
        layer = drawn_layer(session, crisis.id, layer_id)
        if layer is None:
            raise Problem(404, detail=_("There is no such layer; a newer one may have replaced it."))
        return things_of(session, layer)


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), content_type=JSON)
