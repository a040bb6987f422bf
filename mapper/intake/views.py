"""`POST /api/v1/crises/SLUG/reports`: one report as JSON or multipart, or many as NDJSON."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from mapper.accounts.access import EVERYONE, allow, current_crisis, principal
from mapper.intake.channels import draft_of
from mapper.intake.drafts import DraftMedium, Fate, NotAccepted, Outcome, Sender
from mapper.intake.lines import accept_lines
from mapper.intake.media import check_medium
from mapper.intake.schemas import parse_json, read_feature
from mapper.intake.service import Committer
from mapper.web.context import current_settings, current_store
from mapper.web.errors import Problem
from mapper.web.limits import whole_body

blueprint = Blueprint("intake", __name__)

JSON_TYPES = {"application/json", "application/geo+json"}
LONGEST_KEY = 200


@blueprint.post("/api/v1/crises/<slug>/reports")
@allow(EVERYONE)
def post_reports(slug: str) -> Response | tuple[Response, int]:
    """Take in a report (201, or 200 for a repetition) or lines of reports (200 with counts)."""
    kind = request.mimetype
    try:
        if kind in JSON_TYPES:
            document = parse_json(whole_body())
            return _post_one(document, ())
        if kind == "multipart/form-data":
            return _post_multipart()
        if kind == "application/x-ndjson":
            return _post_lines()
    except NotAccepted as refusal:
        raise problem_of(refusal) from refusal
    raise UnsupportedMediaType("send application/json, multipart/form-data or application/x-ndjson")


def committer() -> Committer:
    """The process' committer."""
    found: Committer = current_app.extensions["mapper.committer"]
    return found


def problem_of(refusal: NotAccepted) -> Problem:
    """The RFC 9457 answer to a refusal."""
    titles = {400: "The body cannot be read", 413: "Too large", 415: "Not a kind of file that is taken"}
    title = titles.get(refusal.status, "The report cannot be taken as it is")
    errors = [{"pointer": pointer, "detail": detail} for pointer, detail in refusal.errors]
    return Problem(refusal.status, title, str(refusal), errors)


def _post_one(document: Any, media: tuple[DraftMedium, ...]) -> tuple[Response, int]:
    crisis, sender = current_crisis(), Sender.of_user(principal().user_id)
    feature = read_feature(document, current_store().clock(), len(media))
    draft = draft_of(feature, document, sender, media, _idempotency_key())
    outcome = committer().accept(crisis, draft, sender)
    return _answer(outcome)


def _answer(outcome: Outcome) -> tuple[Response, int]:
    if outcome.fate is Fate.CONFLICT:
        raise Problem(
            409, "The key was used before", "this Idempotency-Key came with other content; use a new key"
        )
    body = orjson.dumps({"id": str(outcome.report_id), "receipt": outcome.receipt})
    response = Response(body, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"  # the receipt is its holder's alone
    return response, 201 if outcome.fate is Fate.ACCEPTED else 200


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise NotAccepted([("Idempotency-Key", f"has 1 to {LONGEST_KEY} printable characters")], status=400)
    return key


def _post_multipart() -> tuple[Response, int]:
    media = _photos()
    part = request.form.get("report")
    file = request.files.get("report")
    if part is None and file is None:
        raise NotAccepted([("/report", "the part named report is missing; it holds the report as JSON")])
    document = parse_json(part.encode() if part is not None else file.read() if file else b"")
    return _post_one(document, media)


def _photos() -> tuple[DraftMedium, ...]:
    settings = current_settings()
    files = request.files.getlist("media")
    if len(files) > settings.max_photos:
        raise NotAccepted(
            [("/media", f"a report has at most {settings.max_photos} photos and files")], status=413
        )
    return tuple(check_medium(file.read(), position, settings) for position, file in enumerate(files))


def _post_lines() -> Response:
    sender = Sender.of_user(principal().user_id)
    settings = current_settings()
    return jsonify(
        accept_lines(current_store(), current_crisis(), request.stream, sender, settings.max_batch_rows)
    )
