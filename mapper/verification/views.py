"""`POST /api/v1/crises/SLUG/incidents/ID/decisions`: a decision by a program or a page's script."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from flask import Blueprint, Response, request
from flask_babel import gettext as _
from werkzeug.exceptions import UnsupportedMediaType

from mapper.accounts.access import allow, current_crisis, principal
from mapper.exchange.views import GEOJSON, answer_of
from mapper.intake.drafts import NotAccepted
from mapper.intake.schemas import parse_json
from mapper.verification.refusals import DoesNotFit, Invalid, NoRight, NoSuchIncident, Refused, Stale
from mapper.verification.rules import Actor
from mapper.verification.schemas import WRONG_INPUT, ignored_fields, kind_of
from mapper.verification.service import decide
from mapper.vocabulary.states import DECIDERS
from mapper.vocabulary.text import N_
from mapper.web.context import current_store
from mapper.web.errors import Problem, answer
from mapper.web.limits import whole_body

blueprint = Blueprint("verification", __name__)
log = structlog.get_logger()

VERSION = re.compile(r"[0-9]{1,18}")

TITLES: Mapping[type[Refused], str] = {
    DoesNotFit: N_("The decision does not fit"),
    NoRight: N_("No right"),
    NoSuchIncident: N_("No such incident"),
    Stale: N_("The incident has changed"),
    Invalid: WRONG_INPUT,
}


@blueprint.post("/api/v1/crises/<slug>/incidents/<incident_id>/decisions")
@allow(*DECIDERS)
def post_decision(slug: str, incident_id: str) -> Response:
    """Take a decision and answer the incident as the asker may see it, with its new version as ETag."""
    crisis, body = current_crisis(), _body()
    try:
        kind = kind_of(body.get("kind"))
        ignored = ignored_fields(kind, body)
        if ignored:
            log.warning("decision fields ignored", kind=kind.value, fields=ignored[:20])
        decide(
            current_store(),
            crisis,
            incident_id_of(incident_id),
            current_actor(crisis.id),
            kind.value,
            body,
            body.get("reason"),
            _versions(),
        )
    except Refused as refusal:
        raise problem_of(refusal) from refusal
    return _answer(incident_id)


def incident_id_of(text: str) -> uuid.UUID:
    """Return the id an address names; what is no id is an incident that does not exist."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NoSuchIncident(N_("There is no such incident in this crisis.")) from None


def current_actor(crisis_id: int) -> Actor:
    """Return who decides. The view's permission has made sure that somebody is signed in."""
    person = principal()
    if person.user_id is None:
        raise NoRight(N_("Your role in this crisis does not allow this decision."))
    return Actor(person.user_id, person.roles(crisis_id), person.organisation)


def sentence_of(refusal: Refused) -> str:
    """Return why a decision is refused, in the reader's language."""
    values = {name: _(value) if isinstance(value, str) else value for name, value in refusal.values.items()}
    return str(_(refusal.message, **values))


def problem_of(refusal: Refused) -> Problem:
    """Return the RFC 9457 answer to a refusal."""
    errors = []
    if isinstance(refusal, Invalid):
        errors = [{"pointer": item.pointer, "detail": str(_(item.message))} for item in refusal.errors]
    return Problem(refusal.status, TITLES[type(refusal)], sentence_of(refusal), errors)


def answer_refusal(refusal: Refused) -> Response:
    """Answer a refusal that a page's view did not handle itself."""
    return answer(problem_of(refusal))


def _body() -> dict[str, Any]:
    if not request.is_json:
        raise UnsupportedMediaType("send application/json")
    try:
        document = parse_json(whole_body())
    except NotAccepted as refusal:
        raise Problem(refusal.status, N_("The body cannot be read"), str(refusal)) from refusal
    if not isinstance(document, dict):
        detail = str(_("Send one JSON object."))
        raise Problem(422, WRONG_INPUT, detail, [{"pointer": "", "detail": detail}])
    return document


def _versions() -> list[int] | None:
    """Return the versions that `If-Match` names; None where any will do."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return versions_of(*request.if_match.as_set(include_weak=True))


def versions_of(*texts: str) -> list[int]:
    """Return the versions among texts; what cannot be one of an incident is left out, and so is stale."""
    return [int(text) for text in texts if VERSION.fullmatch(text)]


def _answer(incident_id: str) -> Response:
    found = answer_of(current_crisis(), incident_id)
    if found is None:  # a right that was taken away while deciding
        raise Problem(404)
    response = Response(orjson.dumps(found), content_type=GEOJSON)
    response.set_etag(str(found["properties"]["version"]))
    return response
