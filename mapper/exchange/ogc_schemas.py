"""JSON Schemas of a collection: the properties of its items, and those that may be filtered by."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from flask import request

from mapper.exchange.flat import GEOMETRY, INCIDENT_FIELDS
from mapper.exchange.ogc_collections import AREAS, Collection
from mapper.publication.conditions import PROPERTIES

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
POINT, POLYGON = "geometry-point-or-null", "geometry-polygon-or-multipolygon"
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
CODES: Schema = {"type": "object", "additionalProperties": TEXT}

PUBLIC: dict[str, Schema] = {
    "count": WHOLE,
    "damage_low": WHOLE,
    "damage_high": WHOLE,
    "sector": TEXT,
    "week": TEXT,
    "area_codes": CODES,
}
AREA: dict[str, Schema] = {"code": TEXT, "level": WHOLE, "name": TEXT, "area_codes": CODES}


def feature_schema(collection: Collection) -> Schema:
    """Return the schema of a collection's items, as GeoJSON features.

    GDAL takes the types of columns from it, so that a page without a grade does not make grades texts.
    It adds the id by itself.
    """
    if collection.kind == AREAS:
        found, geometry = AREA, POLYGON
    elif collection.seen.is_public:
        found, geometry = PUBLIC, POLYGON
    else:
        found, geometry = incident_properties(), POINT
    properties = {name: schema for name, schema in found.items() if name != "id"}
    feature = {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": TEXT,
        GEOMETRY: {"format": geometry},
        "properties": {"type": "object", "properties": properties},
    }
    return _schema(collection, feature)


def incident_properties() -> dict[str, Schema]:
    """Return the properties of incidents, flat; `area_codes` is the one that is an object."""
    found = {field.name: _kind(field.type) for field in INCIDENT_FIELDS if field.name != GEOMETRY}
    return found | {"area_codes": CODES}


def queryables_schema(collection: Collection) -> Schema:
    """Return what the items of a collection may be chosen by."""
    return _schema(collection, queryables(collection) | _geometry_queryable(collection)) | {
        "additionalProperties": False
    }


def queryables(collection: Collection) -> dict[str, Schema]:
    """Return each property that may be a parameter, with its schema."""
    if collection.kind == AREAS:
        return {"code": TEXT, "level": WHOLE}
    if collection.seen.is_public:
        return {"area": TEXT, "sector": TEXT, "week": TEXT}
    return {name: schema for name, schema in incident_properties().items() if name in PROPERTIES} | {
        "outside_areas": {"type": "boolean"}
    }


def _geometry_queryable(collection: Collection) -> dict[str, Schema]:
    return {GEOMETRY: {"format": POINT}} if collection.takes_filters else {}


def _schema(collection: Collection, properties: dict[str, Schema]) -> Schema:
    return {
        "$schema": DIALECT,
        "$id": request.base_url,
        "type": "object",
        "title": collection.title,
        "properties": properties,
    }


def _kind(kind: pa.DataType) -> Schema:
    if pa.types.is_timestamp(kind):
        return TEXT | {"format": "date-time"}
    if pa.types.is_boolean(kind):
        return {"type": "boolean"}
    if pa.types.is_integer(kind):
        return WHOLE
    return {"type": "number"} if pa.types.is_floating(kind) else TEXT
