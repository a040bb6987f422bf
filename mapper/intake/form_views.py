"""The public report form and the page that says what became of a report. Both work without scripts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from mapper.accounts.access import EVERYONE, allow, current_crisis, principal
from mapper.intake import choices
from mapper.intake.channels import draft_of
from mapper.intake.drafts import DraftMedium, NotAccepted, Outcome, Sender
from mapper.intake.form import FIELD_OF_POINTER, FIELDS_IN_ORDER, FormRead, read_form
from mapper.intake.media import check_medium
from mapper.intake.receipts import digits_of, fate_of
from mapper.intake.schemas import parse_json, read_feature
from mapper.intake.views import committer
from mapper.store.tables import Crisis
from mapper.web.context import current_settings, current_store
from mapper.web.errors import Problem
from mapper.web.limits import whole_body
from mapper.web.locale import language
from mapper.web.permission import limit

blueprint = Blueprint("intake_form", __name__)

CHANNEL = "form"
REPORT_RATE = "60/minute"
RECEIPT_RATE = "20/minute"
Errors = dict[str, str]


@blueprint.get("/crises/<slug>/report")
@allow(EVERYONE)
def show_form(slug: str) -> Response:
    """Show the empty form with a key of its own, so that sending it twice is sending it once."""
    return _form({"key": str(uuid.uuid4())}, {})


@blueprint.post("/crises/<slug>/report")
@allow(EVERYONE)
@limit(REPORT_RATE)
def take_form(slug: str) -> Response:
    """Take the report and show its receipt, or show the form again with what is wrong."""
    crisis = current_crisis()
    form = read_form(request.form, crisis.timezone, choices.consent_record(_), language())
    errors = {name: _(message) for name, message in form.errors.items()}
    photos = _photos(request.files.getlist("photos"), errors)
    outcome = None if errors else _accept(crisis, form, photos, errors)
    if outcome is None:
        return _form(request.form, errors, 422)
    return _private(render_template("intake/thanks.html", receipt=_grouped(outcome.receipt)), 201)


@blueprint.get("/receipts")
@allow(EVERYONE)
def show_receipts() -> Response:
    """Ask for a receipt code. It is sent by form and never stands in an address."""
    return _private(render_template("intake/receipts.html", fate=None, error=""))


@blueprint.post("/receipts")
@allow(EVERYONE)
@limit(RECEIPT_RATE)
def check_receipt() -> Response:
    """Say what became of the report of a code; an unknown code gets the same words whatever it is."""
    receipt = _sent_receipt()
    fate = fate_of(current_store(), receipt) if receipt else None
    if request.is_json:
        if fate is None:
            raise Problem(404, detail=_("We know no report with this code."))
        as_of = fate.as_of.isoformat() if fate.as_of else None
        return _private(jsonify(state=fate.state, crisis=fate.crisis.slug, as_of=as_of))
    error = "" if fate else _("We know no report with this code. Check the 16 digits and try again.")
    page = render_template("intake/receipts.html", fate=fate, error=error)
    return _private(page, 200 if fate else 404)


def _accept(
    crisis: Crisis, form: FormRead, photos: tuple[DraftMedium, ...], errors: Errors
) -> Outcome | None:
    sender = Sender.of_user(principal().user_id)
    try:
        feature = read_feature(form.document, current_store().clock(), len(photos))
    except NotAccepted as refusal:
        errors |= {
            _field_of(pointer): _("This cannot be right. Please check it.") for pointer, _d in refusal.errors
        }
        return None
    draft = replace(draft_of(feature, form.document, sender, photos), channel=CHANNEL)
    # A form that was changed and sent again is another report: its content is part of the key.
    key = f"{form.key}:{draft.content_hash[:32]}" if form.key else None
    return committer().accept(crisis, replace(draft, idempotency_key=key), sender)


def _photos(files: list[FileStorage], errors: Errors) -> tuple[DraftMedium, ...]:
    settings = current_settings()
    sent = [file for file in files if file.filename]  # an empty choice arrives as a nameless file
    if len(sent) > settings.max_photos:
        errors["photos"] = _("Choose at most %(most)s photos or files", most=settings.max_photos)
        return ()
    taken = []
    for position, file in enumerate(sent):
        try:
            taken.append(check_medium(file.read(), position, settings))
        except NotAccepted as refusal:
            errors["photos"] = _photo_sentence(refusal.status, position + 1)
    return tuple(taken)


def _photo_sentence(status: int, number: int) -> str:
    if status == 413:
        return str(_("File %(number)s is too large. Choose a smaller one or leave it out", number=number))
    return str(
        _("File %(number)s cannot be read. Send a photo, an MP4, MOV or WebM video, or a PDF", number=number)
    )


def _field_of(pointer: str) -> str:
    for start, name in FIELD_OF_POINTER.items():
        if pointer.startswith(start):
            return name
    return "text"


def _form(values: Mapping[str, Any], errors: Errors, status: int = 200) -> Response:
    page = render_template(
        "intake/report.html",
        crisis=current_crisis(),
        values=values,
        errors={name: errors[name] for name in FIELDS_IN_ORDER if name in errors},
        choices=choices,
        most_photos=current_settings().max_photos,
        has_basemap=bool(current_settings().basemap),
    )
    return _private(page, status)


def _private(body: str | Response, status: int = 200) -> Response:
    response = make_response(body, status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _sent_receipt() -> str | None:
    if request.is_json:
        body = _sent_json()
        return digits_of(str(body.get("receipt", ""))) if isinstance(body, dict) else None
    return digits_of(request.form.get("receipt", ""))


def _sent_json() -> Any:
    try:
        return parse_json(whole_body())
    except NotAccepted:
        return None


def _grouped(receipt: str) -> str:
    return " ".join(receipt[start : start + 4] for start in range(0, len(receipt), 4))
