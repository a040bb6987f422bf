"""The shapes of what goes in and comes out under `/api/v1`, as JSON Schema for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from mapper.intake.schemas import Feature
from mapper.publication.selection import CLOCK_COLUMNS
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.sectors import MULTIPLE, SECTORS
from mapper.vocabulary.services import SERVICE_STATES
from mapper.vocabulary.states import Kind, State

Schema = dict[str, Any]
GRADE: Schema = {"type": ["integer", "null"], "minimum": 0, "maximum": 5}
TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
AREA_CODES: Schema = {
    "type": "object",
    "description": "P-codes by administrative level",
    "additionalProperties": {"type": "string"},
}


def reference(name: str) -> Schema:
    """Return a reference to one of `schemas()`."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> dict[str, Schema]:
    """Return every named schema."""
    report = Feature.model_json_schema(ref_template="#/components/schemas/Report{model}")
    parts = {f"Report{name}": schema for name, schema in report.pop("$defs").items()}
    return {
        "Report": report,
        **parts,
        "Accepted": _object({"id": _uuid(), "receipt": {"type": "string", "pattern": "^[0-9]{16}$"}}),
        "Counts": _counts(),
        "IncidentProperties": _incident_properties(),
        "Incident": _feature(reference("IncidentProperties"), ["Point", None]),
        "PublicProperties": _public_properties(),
        "PublicRow": _feature(reference("PublicProperties"), ["Polygon", "MultiPolygon"]),
        "Collection": _collection(),
        "Decision": _decision(),
        "Problem": _problem(),
    }


def _incident_properties() -> Schema:
    return _object(
        {
            "id": _uuid(),
            "version": {"type": "integer", "minimum": 1},
            "status": {"enum": [state.value for state in State]},
            "sector": {"enum": list(SECTORS)},
            "asset": {"enum": [*ASSETS, None]},
            "damage_low": GRADE,
            "damage_high": GRADE,
            "service_state": {"enum": [*SERVICE_STATES, None]},
            "needs": {"type": "array", "items": {"type": "string"}},
            "people_affected_low": {"type": ["integer", "null"]},
            "people_affected_high": {"type": ["integer", "null"]},
            "reports": COUNT,
            "sources": COUNT,
            "origins": COUNT,
            "happened_from": TIME,
            "happened_to": TIME,
            "first_reported_at": TIME,
            "verified_at": TIME,
            "position_accuracy_m": {"type": ["number", "null"]},
            "area_codes": AREA_CODES,
            "needs_review": {"type": "boolean"},
            "title": {"type": "string"},
        }
    )


def _public_properties() -> Schema:
    return _object(
        {
            "count": {"type": "integer", "minimum": 1},
            "damage_low": GRADE,
            "damage_high": GRADE,
            "sector": {"enum": [*SECTORS, MULTIPLE]},
            "week": {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$"},
            "area_codes": AREA_CODES,
        },
        additionalProperties=False,
    )


def _feature(properties: Schema, geometries: list[str | None]) -> Schema:
    shapes: list[Schema] = [
        {"type": "null"}
        if kind is None
        else _object({"type": {"const": kind}, "coordinates": {"type": "array"}})
        for kind in geometries
    ]
    return _object(
        {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"oneOf": shapes},
            "properties": properties,
        }
    )


def _collection() -> Schema:
    features = {"type": "array", "items": {"anyOf": [reference("Incident"), reference("PublicRow")]}}
    link = _object({"rel": {"type": "string"}, "type": {"type": "string"}, "href": {"type": "string"}})
    return _object(
        {
            "type": {"const": "FeatureCollection"},
            "features": features,
            "numberMatched": COUNT,
            "numberReturned": COUNT,
            "links": {"type": "array", "items": link},
        }
    )


def _counts() -> Schema:
    numbers = dict.fromkeys(("read", "accepted", "duplicates", "rejected"), COUNT)
    return _object(numbers | {"errors": {"type": "array", "items": {"type": "object"}}})


def _decision() -> Schema:
    return {
        "type": "object",
        "required": ["kind", "reason"],
        "description": "`kind` and `reason`, and the kind's own fields.",
        "properties": {
            "kind": {"enum": [kind.value for kind in Kind]},
            "reason": {"type": "string", "minLength": 1},
            "damage_low": GRADE,
            "damage_high": GRADE,
            "source_grade": {"enum": list("ABCDEF")},
            "information_grade": {"enum": list("123456")},
            "position_accuracy_m": {"type": "number"},
            "longitude": {"type": "number", "minimum": -180, "maximum": 180},
            "latitude": {"type": "number", "minimum": -90, "maximum": 90},
            "place_precision": {"enum": [1, 2, 3]},
            "time_precision": {"enum": [1, 2, 3]},
            "imagery": {"const": True},
            "weather": {"type": "string", "maxLength": 500},
            "no_conflict": {"const": True},
            "own_organisation": {"const": True},
            "supersedes": {"type": "integer", "minimum": 1},
            "into": _uuid(),
            "other": _uuid(),
            "reports": {"type": "array", "items": _uuid()},
            "service_state": {"enum": list(SERVICE_STATES)},
            "repaired_at": {"type": "string", "format": "date-time"},
        },
    }


def _problem() -> Schema:
    error = _object({"pointer": {"type": "string"}, "detail": {"type": "string"}})
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "description": "RFC 9457",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": error},
        },
    }


CLOCKS = list(CLOCK_COLUMNS)


def _object(properties: dict[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties, **more}


def _uuid() -> Schema:
    return {"type": "string", "format": "uuid"}
