"""The OpenAPI 3.1 document of everything under `/api/v1`."""

from __future__ import annotations

from functools import cache
from typing import Any

from mapper.exchange.openapi_schemas import CLOCKS, Schema, reference, schemas
from mapper.publication.parameters import LARGEST_PAGE, USUAL_PAGE

GEOJSON = "application/geo+json"
INTERNAL = "For people with an internal role."
PUBLIC = "For everybody; chooses among the rows of the release."


@cache
def document() -> dict[str, Any]:
    """Return the document; treat it as read only."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Damage mapper",
            "version": "1.0.0",  # of these addresses, not of the program
            "description": "Reports of damage go in; incidents, or what of them is public, come out. "
            "What an answer holds follows from who asks: nobody signed in is the public.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{}, {"token": []}],
        "paths": {
            "/crises/{slug}/reports": {"parameters": [_SLUG], "post": _post_reports()},
            "/crises/{slug}/incidents": {"parameters": [_SLUG], "get": _get_incidents()},
            "/crises/{slug}/incidents/{incident_id}": {"parameters": [_SLUG, _ID], "get": _get_incident()},
            "/crises/{slug}/incidents/{incident_id}/decisions": {
                "parameters": [_SLUG, _ID],
                "post": _post_decision(),
            },
            "/crises/{slug}/incidents/{incident_id}/case-file": {
                "parameters": [_SLUG, _ID],
                "post": _post_case_file(),
            },
            "/crises/{slug}/media/{medium_id}/custody": {
                "parameters": [_SLUG, _MEDIUM],
                "get": _get_custody(),
            },
            "/crises/{slug}/places": {"parameters": [_SLUG], "get": _get_places()},
            "/openapi.json": {"get": _get_document()},
        },
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_SLUG = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}
_ID = {"name": "incident_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_MEDIUM = _ID | {"name": "medium_id"}


def _get_places() -> dict[str, Any]:
    return {
        "operationId": "findPlaces",
        "summary": "What words may mean: a position in any notation, an area, a populated place",
        "description": PUBLIC.split(";")[0] + "; to the public, areas are those of the release.",
        "parameters": [{"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 120}}],
        "responses": {
            "200": {"description": "Points, best first", "content": {GEOJSON: {"schema": {"type": "object"}}}}
        },
    }


def _post_reports() -> dict[str, Any]:
    form = {
        "type": "object",
        "required": ["report"],
        "properties": {
            "report": reference("Report"),
            "media": {"type": "array", "items": {"type": "string", "format": "binary"}},
        },
    }
    return {
        "operationId": "postReports",
        "summary": "Send a report, or many",
        "parameters": [
            {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": reference("Report")},
                GEOJSON: {"schema": reference("Report")},
                "multipart/form-data": {"schema": form},
                "application/x-ndjson": {"schema": {"type": "string", "description": "one Report a line"}},
            },
        },
        "responses": {
            "201": _answer("The report is kept.", reference("Accepted")),
            "200": _answer(
                "The same report again, or the counts of many lines.",
                {"anyOf": [reference("Accepted"), reference("Counts")]},
            ),
            **_problems(400, 404, 409, 413, 415, 422),
        },
    }


def _get_incidents() -> dict[str, Any]:
    return {
        "operationId": "getIncidents",
        "summary": "Incidents, or the rows of the public release",
        "parameters": [
            _query("bbox", {"type": "string"}, f"West,south,east,north in degrees. {INTERNAL}"),
            _query("sector", {"type": "string"}, "Codes with commas between."),
            _query("area", {"type": "string"}, "P-codes with commas between."),
            _query("week", {"type": "string"}, f"ISO weeks with commas between. {PUBLIC}"),
            _query("status", {"type": "string"}, f"States with commas between. {INTERNAL}"),
            _query(
                "min_grade",
                {"type": "integer", "minimum": 0, "maximum": 5},
                f"Least `damage_low`. {INTERNAL}",
            ),
            _query("from", {"type": "string", "format": "date-time"}, INTERNAL),
            _query("to", {"type": "string", "format": "date-time"}, INTERNAL),
            _query("clock", {"enum": CLOCKS, "default": CLOCKS[0]}, f"Which time is meant. {INTERNAL}"),
            _query("filter", {"type": "string"}, f"CQL2 text. {INTERNAL}"),
            _query(
                "limit",
                {"type": "integer", "minimum": 1, "default": USUAL_PAGE},
                f"Most items in a page; more than {LARGEST_PAGE} is {LARGEST_PAGE}.",
            ),
            _query("cursor", {"type": "string"}, "From a page's `next` link."),
            _query("lang", {"type": "string"}, "Language of titles and sentences."),
        ],
        "responses": {
            "200": _answer("A page.", reference("Collection"), GEOJSON),
            **_problems(400, 401, 404),
        },
    }


def _get_incident() -> dict[str, Any]:
    return {
        "operationId": "getIncident",
        "summary": "One incident with its reports, evidence and history",
        "description": f"{INTERNAL} To everybody else there is none.",
        "responses": {
            "200": _answer("The incident.", reference("Incident"), GEOJSON),
            "304": {"description": "Not changed since the version of If-None-Match."},
            **_problems(401, 404),
        },
    }


def _post_decision() -> dict[str, Any]:
    return {
        "operationId": "postDecision",
        "summary": "Decide about an incident",
        "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": reference("Decision")}},
        },
        "responses": {
            "200": _answer("The incident after it.", reference("Incident"), GEOJSON),
            **_problems(400, 401, 403, 404, 409, 412, 422),
        },
    }


def _post_case_file() -> dict[str, Any]:
    fields = {
        "reason": {"type": "string", "minLength": 1, "maxLength": 500},
        "media": {"type": "string", "enum": ["copies", "originals"], "default": "copies"},
    }
    form = {"type": "object", "required": ["reason"], "properties": fields}
    return {
        "operationId": "takeCaseFile",
        "summary": "One incident with evidence, custody and proof as a ZIP that an outsider can check",
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": form}},
        },
        "responses": {
            "200": _answer("The bundle.", {"type": "string", "format": "binary"}, "application/zip"),
            **_problems(401, 403, 404, 422),
        },
    }


def _get_custody() -> dict[str, Any]:
    return {
        "operationId": "getCustody",
        "summary": "Who received, opened, exported or redacted a medium, the oldest event first",
        "responses": {
            "200": _answer("The events.", {"type": "object"}),
            **_problems(401, 403, 404),
        },
    }


def _get_document() -> dict[str, Any]:
    return {
        "operationId": "getOpenapi",
        "summary": "This document",
        "responses": {"200": _answer("The document.", {"type": "object"})},
    }


def _query(name: str, schema: Schema, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _answer(description: str, schema: Schema, kind: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema}}}


_REASONS = {
    400: "The request cannot be read, or a parameter cannot be used.",
    401: "The token is unknown.",
    403: "No right to do this.",
    404: "There is none, or the asker may not know of it.",
    409: "It does not fit what happened before.",
    412: "The incident is newer than If-Match says.",
    413: "Too large.",
    415: "Not a kind of body that is taken.",
    422: "Fields are wrong; `errors` names each.",
}


def _problems(*statuses: int) -> dict[str, Any]:
    return {
        str(status): _answer(_REASONS[status], reference("Problem"), "application/problem+json")
        for status in statuses
    }
