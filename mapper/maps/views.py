"""Addresses of the map: its page, tiles, figures, areas and the operator's base map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, render_template, send_file

from mapper.accounts.access import EVERYONE, allow, current_crisis
from mapper.maps.areas import area_collection
from mapper.maps.basemap import Basemap, UnusableBasemap, open_basemap
from mapper.maps.boundaries import area_shapes, people_in, population_version, release_shapes
from mapper.maps.page import page_of, tile_template
from mapper.maps.release_tiles import release_tile, sums_by_area
from mapper.maps.requests import area_level, public_selection, selection
from mapper.maps.seen import Seen, index_of, release_areas, seen
from mapper.maps.sending import PUBLIC_SECONDS, tagged
from mapper.maps.summary import incident_bars, incident_summary, release_summary
from mapper.maps.tiles import MAX_ZOOM, POINT_PROPERTIES, NoSuchTile, Tile, incident_tile
from mapper.publication.selection import select_public_rows
from mapper.store.snapshot_format import INTERNAL
from mapper.web.context import current_settings, current_store
from mapper.web.errors import PROBLEMS, Problem
from mapper.web.locale import language

blueprint = Blueprint("maps", __name__)

MVT = "application/vnd.mapbox-vector-tile"
GEOJSON = "application/geo+json"
JSON = "application/json"
PROBLEMS[NoSuchTile] = (400, "No such tile")


@blueprint.get("/crises/<slug>")
@allow(EVERYONE)
def crisis_map(slug: str) -> str:
    """The map page, of what this audience may see."""
    crisis = current_crisis()
    return render_template("maps/map.html", **page_of(crisis, seen(current_store(), crisis), basemap()))


@blueprint.get("/crises/<slug>/tiles/incidents/<zoom>/<x>/<y>.mvt")
@allow(EVERYONE)
def incident_tiles(slug: str, zoom: str, x: str, y: str) -> Response:
    """One vector tile: layer `incidents` or `cells`; of the release only `cells`, its areas."""
    found = seen(current_store(), current_crisis())
    tile = Tile.parse(zoom, x, y)
    if found.is_public:
        chosen = public_selection()
        return _tagged("tile", found, lambda: _release_tile(found, chosen, tile), MVT)
    filters = selection()

    return _tagged("tile", found, lambda: incident_tile(index_of(current_store(), found), filters, tile), MVT)


def _release_tile(found: Seen, chosen: Any, tile: Tile) -> bytes:
    sums = sums_by_area(found.rows.take(select_public_rows(found.rows, chosen)))
    return release_tile(sums, release_areas(current_store(), found), tile)


@blueprint.get("/crises/<slug>/tiles/incidents.json")
@allow(EVERYONE)
def tile_json(slug: str) -> Response:
    """What a client needs to draw the tiles: TileJSON 3.0."""
    crisis = current_crisis()
    found = seen(current_store(), crisis)
    counted = {"count": "Number", "damage_low": "Number", "damage_high": "Number"}
    if found.is_public:
        layers = [{"id": "cells", "fields": counted | {"area_code": "String", "name": "String"}}]
    else:
        layers = [
            {"id": "incidents", "fields": {name: _field_kind(name) for name in POINT_PROPERTIES}},
            {"id": "cells", "fields": counted | {"verified": "Number"}},
        ]
    described = {
        "tilejson": "3.0.0",
        "name": crisis.name,
        "tiles": [tile_template(slug, external=True)],
        "vector_layers": layers,
        "bounds": [crisis.west, crisis.south, crisis.east, crisis.north],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
    }
    return _tagged("tilejson", found, lambda: orjson.dumps(described), JSON)


def _field_kind(name: str) -> str:
    return "String" if "string" in str(INTERNAL.field(name).type) else "Number"


@blueprint.get("/crises/<slug>/summary.json")
@allow(EVERYONE)
def summary(slug: str) -> Response:
    """Figures of a selection: counts by sector, state, grade, area and time."""
    crisis = current_crisis()
    found = seen(current_store(), crisis)
    if found.is_public:
        chosen = public_selection()
        return _tagged("summary", found, lambda: orjson.dumps(release_summary(found.rows, chosen)), JSON)
    filters, level = selection(also=("level",)), area_level()

    def make() -> bytes:
        index = index_of(current_store(), found)
        figures = incident_summary(index, filters, level)
        bars = incident_bars(index, filters, crisis.timezone)
        until = found.snapshot and found.snapshot.data_until
        return orjson.dumps(figures | {"bars": bars, "version": found.version, "data_until": until})

    return _tagged("summary", found, make, JSON)


@blueprint.get("/crises/<slug>/areas.geojson")
@allow(EVERYONE)
def areas(slug: str) -> Response:
    """Areas to draw: of one loaded level, or, for the public, of the release."""
    crisis, store = current_crisis(), current_store()
    found, languages = seen(store, crisis), (language(), *crisis.languages)
    with store.read() as session:
        what = f"areas-{language()}-{population_version(session, crisis.id)}"
    if found.is_public:

        def release() -> bytes:
            shapes = release_shapes(release_areas(store, found))
            with store.read() as session:
                people = people_in(session, crisis.id, shapes[0].level) if shapes else {}
            return area_collection(shapes, languages, people)

        return _tagged(what, found, release, GEOJSON)
    level = area_level() or 1

    def loaded() -> bytes:
        with store.read() as session:
            people = people_in(session, crisis.id, level)
            return area_collection(area_shapes(session, crisis.id, level), languages, people)

    return tagged(what, crisis.areas_version, loaded, GEOJSON, PUBLIC_SECONDS)


@blueprint.get("/basemap.pmtiles")
@allow(EVERYONE)
def basemap_file() -> Response:
    """The operator's base map, in ranges."""
    found = basemap()
    if found is None:
        raise Problem(404)
    response = send_file(found.path, mimetype="application/vnd.pmtiles", conditional=True)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def basemap() -> Basemap | None:
    """Return the operator's base map; None, with a line in the log, where it cannot be used."""
    path = current_settings().basemap
    if not path:
        return None
    try:
        return open_basemap(Path(path))
    except UnusableBasemap as error:
        current_app.logger.warning("the base map cannot be used: %s", error)
        return None


def _tagged(what: str, found: Seen, make: Any, content_type: str) -> Response:
    return tagged(f"{what}-{found.audience}", found.version, make, content_type, PUBLIC_SECONDS)
