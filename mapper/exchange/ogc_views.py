"""The addresses of the OGC API under /ogc: Features with CRS and CQL2, and Tiles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson
from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from mapper.accounts.access import EVERYONE, allow
from mapper.exchange.lists import Page, page_of_incidents, page_of_public_rows, row_of_incident
from mapper.exchange.ogc import (
    CONFORMANCE,
    GEOJSON,
    HTML,
    JSON,
    MATRIX_SET,
    MATRIX_SET_URI,
    OPENAPI,
    SCHEMA,
    SCHEMES,
    SYSTEMS,
    link,
    two_links,
)
from mapper.exchange.ogc_collections import AREAS, Collection, collection_of, collections, described
from mapper.exchange.ogc_document import document
from mapper.exchange.ogc_items import (
    area_item,
    areas_of_collection,
    incident_items,
    page_of_areas,
    release_items,
)
from mapper.exchange.ogc_query import ItemsQuery, area_query, incident_query, only_crs, release_query
from mapper.exchange.ogc_schemas import feature_schema, queryables, queryables_schema
from mapper.exchange.ogc_tiles import matrix_set as matrix_set_definition
from mapper.exchange.ogc_tiles import tileset as tileset_description
from mapper.maps.views import incident_tiles
from mapper.publication import requests
from mapper.publication.parameters import BadParameters, cursor_after
from mapper.publication.selection import PublicSelection, select_public_rows
from mapper.web.context import current_store
from mapper.web.errors import Problem

PUBLIC_SECONDS = 60

blueprint = Blueprint("ogc", __name__)


@blueprint.get("/ogc/", endpoint="landing_with_slash")
@blueprint.get("/ogc")
@allow(EVERYONE)
def landing() -> Response:
    """Where to go from here."""
    title = _("Damage mapper: OGC API")
    links = [
        *two_links("landing", title),
        link("service-desc", OPENAPI, _("The API definition"), "api"),
        link("service-doc", HTML, _("The API definition"), "api", f="html"),
        link("conformance", JSON, _("Standards that are kept"), "conformance"),
        link("data", JSON, _("Collections"), "collection_list"),
        link(SCHEMES, JSON, _("Tile matrix sets"), "matrix_sets"),
    ]
    return _answer({"title": title, "description": _("What you may see of each crisis."), "links": links})


@blueprint.get("/ogc/conformance")
@allow(EVERYONE)
def conformance() -> Response:
    """The conformance classes that are kept."""
    return _answer({"title": _("Standards that are kept"), "conformsTo": CONFORMANCE})


@blueprint.get("/ogc/api")
@allow(EVERYONE)
def api() -> Response:
    """The OpenAPI document."""
    return _answer(document(request.host_url.rstrip("/") + "/ogc"), OPENAPI)


@blueprint.get("/ogc/collections")
@allow(EVERYONE)
def collection_list() -> Response:
    """Every collection that the asker sees."""
    links = two_links("collection_list", _("Collections"))
    found = [described(collection) for collection in collections()]
    return _answer({"title": _("Collections"), "links": links, "crs": list(SYSTEMS), "collections": found})


@blueprint.get("/ogc/collections/<collection_id>")
@allow(EVERYONE)
def collection(collection_id: str) -> Response:
    """One collection."""
    return _answer(described(collection_of(collection_id)))


@blueprint.get("/ogc/collections/<collection_id>/queryables", endpoint="queryables")
@allow(EVERYONE)
def queryables_of(collection_id: str) -> Response:
    """The properties that may be filtered by, as JSON Schema."""
    return _answer(queryables_schema(collection_of(collection_id)), SCHEMA)


@blueprint.get("/ogc/collections/<collection_id>/schema")
@allow(EVERYONE)
def schema(collection_id: str) -> Response:
    """The properties of items, as JSON Schema."""
    return _answer(feature_schema(collection_of(collection_id)), SCHEMA)


@blueprint.get("/ogc/collections/<collection_id>/items")
@allow(EVERYONE)
def items(collection_id: str) -> Response:
    """A page of a collection's items."""
    found = collection_of(collection_id)
    query, features, page = _page_of(found)
    body = {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": page.matched,
        "numberReturned": len(features),
        "timeStamp": current_store().clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "links": _page_links(found, page),
    }
    return _in_system(_answer(body, GEOJSON, known=tuple(request.args), title=found.title), query.crs)


@blueprint.get("/ogc/collections/<collection_id>/items/<item_id>")
@allow(EVERYONE)
def item(collection_id: str, item_id: str) -> Response:
    """One item."""
    found = collection_of(collection_id)
    system = _parsed(only_crs)
    feature = _feature(found, item_id, system)
    if feature is None:
        raise Problem(404, detail=_("There is no such item in this collection."))
    values = {"collection_id": collection_id}
    links = [
        *two_links("item", item_id, GEOJSON, **values, item_id=item_id),
        link("collection", JSON, found.title, "collection", **values),
    ]
    return _in_system(_answer(feature | {"links": links}, GEOJSON, known=("crs",)), system)


@blueprint.get("/ogc/collections/<collection_id>/tiles")
@allow(EVERYONE)
def tilesets(collection_id: str) -> Response:
    """The tilesets of a collection: one."""
    found = _tiled(collection_id)
    links = two_links("tilesets", found.title, collection_id=collection_id)
    return _answer({"title": found.title, "links": links, "tilesets": [tileset_description(found)]})


@blueprint.get(f"/ogc/collections/<collection_id>/tiles/{MATRIX_SET}")
@allow(EVERYONE)
def tileset(collection_id: str) -> Response:
    """The tileset of a collection."""
    return _answer(tileset_description(_tiled(collection_id)))


@blueprint.get(f"/ogc/collections/<collection_id>/tiles/{MATRIX_SET}/<matrix>/<row>/<column>")
@allow(EVERYONE)
def tile(collection_id: str, matrix: str, row: str, column: str) -> Response:
    """One tile: the map's own, with the map's filters."""
    found = _tiled(collection_id)
    return incident_tiles(found.crisis.slug, matrix, column, row)


@blueprint.get("/ogc/tileMatrixSets")
@allow(EVERYONE)
def matrix_sets() -> Response:
    """The tile matrix sets: one."""
    links = [link("self", JSON, MATRIX_SET, "matrix_set")]
    only = {"id": MATRIX_SET, "title": MATRIX_SET, "uri": MATRIX_SET_URI, "links": links}
    return _answer({"title": _("Tile matrix sets"), "tileMatrixSets": [only]})


@blueprint.get(f"/ogc/tileMatrixSets/{MATRIX_SET}")
@allow(EVERYONE)
def matrix_set() -> Response:
    """The definition of the tile matrix set."""
    return _answer(matrix_set_definition())


def _tiled(collection_id: str) -> Collection:
    found = collection_of(collection_id)
    if found.kind == AREAS:
        raise Problem(404, detail=_("This collection has no tiles."))
    return found


def _page_of(found: Collection) -> tuple[ItemsQuery, list[dict[str, Any]], Page]:
    store, rows = current_store(), found.seen.rows
    if found.kind == AREAS:
        query, chosen = _parsed(area_query)
        areas, page = page_of_areas(areas_of_collection(store, found), query, chosen)
        return query, [area_item(area, query.crs) for area in areas], page
    if found.seen.is_public:
        query, selected = _parsed(release_query)
        page = page_of_public_rows(rows, selected, query.limit, query.after)
        outlines = areas_of_collection(store, found)
        return query, release_items(rows, page.rows, outlines, query.crs), page
    query, selection = _parsed(lambda given: incident_query(given, queryables(found)))
    key = (found.seen.snapshot.path, query.key) if found.seen.snapshot else None
    page = page_of_incidents(rows, selection, query.limit, query.after, key)
    return query, incident_items(rows, page.rows, query.crs), page


def _feature(found: Collection, item_id: str, system: str) -> dict[str, Any] | None:
    rows = found.seen.rows
    if found.kind == AREAS:
        area = areas_of_collection(current_store(), found).get(item_id)
        return area_item(area, system) if area else None
    if not found.seen.is_public:
        row = row_of_incident(rows, item_id)
        return None if row is None else incident_items(rows, np.array([row]), system)[0]
    chosen = select_public_rows(rows, PublicSelection())
    features = release_items(rows, chosen, areas_of_collection(current_store(), found), system)
    return next((feature for feature in features if feature["id"] == item_id), None)


def _parsed(parse: Any) -> Any:
    try:
        return parse(request.args.to_dict(flat=False))
    except BadParameters as error:
        raise requests.as_problem(error) from error


def _page_links(found: Collection, page: Page) -> list[dict[str, Any]]:
    links = [
        {"rel": "self", "type": GEOJSON, "title": found.title, "href": _here({})},
        {"rel": "alternate", "type": HTML, "title": found.title, "href": _here({"f": "html"})},
        link("collection", JSON, found.title, "collection", collection_id=found.id),
    ]
    if page.next_after is not None:
        following = _here({"cursor": cursor_after(page.next_after)})
        links.append({"rel": "next", "type": GEOJSON, "title": _("Next page"), "href": following})
    return links


def _here(changes: Mapping[str, str]) -> str:
    """Return this address with the same parameters, some changed."""
    parameters: dict[str, Any] = request.args.to_dict(flat=False) | dict(changes)
    return f"{request.base_url}?{urlencode(parameters, doseq=True)}" if parameters else request.base_url


def _in_system(response: Response, system: str) -> Response:
    response.headers["Content-Crs"] = f"<{system}>"
    return response


def _answer(
    body: Mapping[str, Any], kind: str = JSON, known: tuple[str, ...] = (), title: str = ""
) -> Response:
    """Answer as JSON, or as a page to people; an unknown parameter or format is a problem."""
    requests.nothing_but(("f", *known))
    if _wants_page():
        page = render_template("exchange/ogc.html", body=orjson.loads(orjson.dumps(body)), title=title)
        response = Response(page, content_type="text/html; charset=utf-8")
    else:
        response = Response(orjson.dumps(body), content_type=kind)
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.vary.add("Accept")
    return response


def _wants_page() -> bool:
    asked = request.args.get("f")
    if asked not in (None, "json", "html"):
        raise Problem(
            400, detail=_("f: Formats are json and html."), errors=[{"pointer": "f", "detail": asked or ""}]
        )
    if asked is not None:
        return asked == "html"
    accepts = request.accept_mimetypes
    return accepts.provided and accepts[HTML] > max(accepts[JSON], accepts[GEOJSON])
