"""The addresses of incidents for programs: the list and one in full."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Blueprint, Response, request
from flask_babel import gettext as _

from mapper.accounts.access import EVERYONE, allow, current_crisis, principal
from mapper.exchange.detail import incident_detail
from mapper.exchange.features import incident_features, outlines_of, public_features
from mapper.exchange.lists import Page, page_of_incidents, page_of_public_rows
from mapper.exchange.openapi import document
from mapper.publication import requests
from mapper.publication.gate import Seen, audience_seen, seen
from mapper.publication.parameters import cursor_after
from mapper.store.tables import Crisis
from mapper.web.context import current_store
from mapper.web.errors import Problem

GEOJSON = "application/geo+json"
PUBLIC_SECONDS = 60  # for which anybody may keep a public answer: a kill switch is felt within it

blueprint = Blueprint("exchange", __name__)


@blueprint.get("/api/v1/crises/<slug>/incidents")
@allow(EVERYONE)
def incident_list(slug: str) -> Response:
    """Answer a page of incidents, or of the release's rows to the public, as a GeoJSON FeatureCollection."""
    crisis = current_crisis()
    found = seen(current_store(), crisis, principal().audience(crisis.id))
    return _public_list(found) if found.is_public else _internal_list(found)


@blueprint.get("/api/v1/crises/<slug>/incidents/<incident_id>")
@allow(EVERYONE)
def incident(slug: str, incident_id: str) -> Response:
    """Answer one incident with its reports, evidence and history. To the public there is none."""
    found = answer_of(current_crisis(), incident_id)
    if found is None:
        raise Problem(404, detail=_("There is no such incident in this crisis."))
    response = Response(orjson.dumps(found), content_type=GEOJSON)
    response.set_etag(str(found["properties"]["version"]))
    response.make_conditional(request)
    return response


@blueprint.get("/api/v1/openapi.json")
@allow(EVERYONE)
def openapi() -> Response:
    """Answer the OpenAPI document of these addresses."""
    return Response(orjson.dumps(document()), content_type="application/json")


def answer_of(crisis: Crisis, incident_id: str) -> dict[str, Any] | None:
    """Return an incident as the asker may see it; None where they see none, for whatever reason."""
    person = principal()
    try:
        wanted = uuid.UUID(incident_id)
    except ValueError:
        return None
    if audience_seen(person.audience(crisis.id)) != "internal" or str(wanted) != incident_id.lower():
        return None
    store = current_store()
    with store.read() as session:
        return incident_detail(session, store.keys, crisis.id, wanted, person.user_id)


def _internal_list(found: Seen) -> Response:
    selection = requests.selection(requests.PAGING)
    page = page_of_incidents(found.rows, selection, *requests.page())
    collection = _collection(incident_features(found.rows, page.rows), page)
    collection["data_until"] = found.snapshot.data_until.isoformat() if found.snapshot else None
    return Response(orjson.dumps(collection), content_type=GEOJSON)


def _public_list(found: Seen) -> Response:
    selection = requests.public_selection(requests.PAGING)
    page = page_of_public_rows(found.rows, selection, *requests.page())
    outlines = outlines_of(current_store().snapshots, found.snapshot.path) if found.snapshot else {}
    collection = _collection(public_features(found.rows, page.rows, outlines), page)
    policy = found.snapshot.policy if found.snapshot else {}
    collection |= {"as_of": policy.get("as_of"), "rules": policy.get("rules", [])}
    body = orjson.dumps(collection)
    response = Response(body, content_type=GEOJSON)
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _collection(features: list[dict[str, Any]], page: Page) -> dict[str, Any]:
    links = [_link("self", {})]
    if page.next_after is not None:
        links.append(_link("next", {"cursor": cursor_after(page.next_after)}))
    return {
        "type": "FeatureCollection",
        "features": features,
        "numberMatched": page.matched,
        "numberReturned": len(features),
        "links": links,
    }


def _link(relation: str, changes: dict[str, str]) -> dict[str, str]:
    """Return a link to this address with the same parameters, some changed."""
    parameters: dict[str, Any] = request.args.to_dict(flat=False) | changes
    return {
        "rel": relation,
        "type": GEOJSON,
        "href": f"{request.base_url}?{urlencode(parameters, doseq=True)}",
    }
