"""The OpenAPI document is valid, names every address under /api/v1, and tells the truth about answers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from mapper.exchange.openapi import document
from mapper.publication.parameters import PUBLIC_SELECTING, SELECTING
from mapper.publication.service import publish
from mapper.store.store import Store
from mapper.store.tables import Crisis
from openapi_spec_validator import validate

from tests.exchange.conftest import LIST, Ask
from tests.publication.incidents import add_incident, add_verified


def conforms(answer: Any, name: str) -> None:
    """Check a body against a schema of the document."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    Draft202012Validator(schema).validate(answer)


def test_it_is_a_valid_document(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json["openapi"].startswith("3.1")
    validate(answer.json)


def test_every_address_is_in_it(app: Flask) -> None:
    known = document()["paths"]
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert method.lower() in known[path], f"{method} {path}"


def test_every_filter_is_in_it() -> None:
    named = {item["name"] for item in document()["paths"]["/crises/{slug}/incidents"]["get"]["parameters"]}
    assert {*SELECTING, *PUBLIC_SELECTING, "limit", "cursor"} <= named


def test_answers_are_as_it_says(
    internal: Ask, client: FlaskClient, sqlite_store: Store, coast: Crisis
) -> None:
    incident = add_incident(sqlite_store, coast, sector="health", asset="clinic", damage_low=1, damage_high=2)
    add_verified(sqlite_store, coast, 5)
    publish(sqlite_store, coast, sqlite_store.clock())
    conforms(internal().json, "Collection")
    conforms(internal(path=f"{LIST}/{incident.id}").json, "Incident")
    public = client.get(LIST).json
    conforms(public, "Collection")
    conforms(public["features"][0], "PublicRow")
    conforms(client.get(f"{LIST}?bbox=1").json, "Problem")


def test_a_wrong_answer_would_be_noticed() -> None:
    with pytest.raises(Exception, match="required property"):
        conforms({"type": "Feature"}, "Incident")
