"""The OpenAPI 3.0 document of the OGC API, which clients read for the size of a page."""

from __future__ import annotations

from typing import Any

from mapper.exchange.ogc import CRS84, GEOJSON, JSON, SYSTEMS
from mapper.publication.parameters import LARGEST_PAGE, USUAL_PAGE

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}


def document(server: str) -> dict[str, Any]:
    """Return the document; `server` is the address of the landing page."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Damage mapper: OGC API",
            "version": "1.0.0",
            "description": "Incidents, or what of them is public: what is answered follows from who asks.",
        },
        "servers": [{"url": server}],
        "paths": {
            "/": _get("getLandingPage", "Where to go", JSON),
            "/conformance": _get("getConformance", "Standards that are kept", JSON),
            "/api": _get("getApi", "This document", JSON),
            "/collections": _get("getCollections", "Collections", JSON),
            "/collections/{collectionId}": _get("getCollection", "One collection", JSON, _ID),
            "/collections/{collectionId}/queryables": _get("getQueryables", "What to filter by", JSON, _ID),
            "/collections/{collectionId}/schema": _get("getSchema", "Properties", JSON, _ID),
            "/collections/{collectionId}/items": _get("getItems", "Items", GEOJSON, _ID, *_ITEMS),
            "/collections/{collectionId}/items/{featureId}": _get(
                "getItem", "One item", GEOJSON, _ID, _path("featureId"), _CRS
            ),
            "/collections/{collectionId}/tiles": _get("getTilesets", "Tilesets", JSON, _ID),
        },
    }


def _query(name: str, schema: Schema, description: str) -> dict[str, Any]:
    found = {"name": name, "in": "query", "schema": schema, "description": description}
    return found | ({"style": "form", "explode": False} if schema["type"] == "array" else {})


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


_ID = _path("collectionId")
_CRS = _query(
    "crs",
    {"type": "string", "format": "uri", "enum": list(SYSTEMS), "default": CRS84},
    "Of coordinates answered.",
)
_NUMBERS: Schema = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_ITEMS = (
    _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE},
        f"Most items in a page; more than {LARGEST_PAGE} is {LARGEST_PAGE}.",
    ),
    _query("bbox", _NUMBERS, "West, south, east, north. Not for public numbers."),
    _query("bbox-crs", {"type": "string", "format": "uri", "enum": list(SYSTEMS)}, "Of bbox."),
    _query("datetime", TEXT, "A time or an interval. Not for public numbers."),
    _query("filter", TEXT, "CQL2, over the properties of /queryables. Not for public numbers."),
    _query(
        "filter-lang",
        {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"},
        "How the filter is written.",
    ),
    _query(
        "filter-crs", {"type": "string", "format": "uri", "enum": [CRS84]}, "Of geometries in the filter."
    ),
    _query("cursor", TEXT, "From a page's next link."),
    _CRS,
)


def _get(operation: str, summary: str, kind: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    formats = [] if kind == "none" else [_query("f", {"type": "string", "enum": ["json", "html"]}, "Format.")]
    answer = {"description": summary, "content": {kind: {"schema": {"type": "object"}}}}
    problem = {
        "description": "What is wrong",
        "content": {"application/problem+json": {"schema": {"type": "object"}}},
    }
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [*parameters, *formats],
            "responses": {"200": answer, "400": problem, "404": problem},
        }
    }
