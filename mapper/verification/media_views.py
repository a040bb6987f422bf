"""One medium: its copies, its custody, and its sealed original for a stated reason."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from mapper.accounts.access import allow, current_crisis, principal
from mapper.store.custody import ACTS, LONGEST_REASON, Act, Event, events_of
from mapper.store.originals import open_original
from mapper.verification.custody import Held, held_medium
from mapper.verification.evidence import read_copy
from mapper.verification.photos import told_by_original
from mapper.verification.refusals import FieldError, Invalid, Refused
from mapper.verification.views import answer_refusal
from mapper.vocabulary.states import DECIDERS
from mapper.vocabulary.text import N_
from mapper.web.context import current_store
from mapper.web.errors import Problem

# The original is a stranger's file: it is only ever saved, and a browser that opens it runs nothing.
SANDBOX = "default-src 'none'; sandbox"

blueprint = Blueprint("media", __name__)
blueprint.register_error_handler(Refused, answer_refusal)


@blueprint.get("/crises/<slug>/verify/media/<medium_id>/<size>")
@allow(*DECIDERS)
def copy(slug: str, medium_id: str, size: str) -> AnyResponse:
    """Send a medium's working copy (`copy`, of a PDF its `page`; or `thumbnail`) to those who may decide."""
    store, wanted = current_store(), medium_id_of(medium_id)
    page = request.args.get("page", 1, int)
    with store.read() as session:
        crisis_id, is_small = current_crisis().id, size == "thumbnail"
        shown = read_copy(store, session, crisis_id, wanted, is_small=is_small, page=page)
    if shown is None or size not in ("copy", "thumbnail"):
        raise Problem(404)
    response = Response(shown.data, mimetype=shown.content_type)
    return response.make_conditional(request, accept_ranges=True, complete_length=len(shown.data))


@blueprint.get("/crises/<slug>/verify/media/<medium_id>")
@allow(*DECIDERS)
def custody_page(slug: str, medium_id: str) -> str:
    """Show who received, opened, exported or redacted a medium, and the forms to open its original."""
    crisis, held = current_crisis(), _held(medium_id)
    return render_template(
        "verification/custody.html",
        crisis=crisis,
        held=held,
        events=_events(held),
        acts=ACTS,
        longest=LONGEST_REASON,
    )


@blueprint.get("/api/v1/crises/<slug>/media/<medium_id>/custody")
@allow(*DECIDERS)
def custody_list(slug: str, medium_id: str) -> Response:
    """Answer a medium's custody as JSON, the oldest event first."""
    held = _held(medium_id)
    return jsonify(
        medium=str(held.medium.id),
        sha256=held.medium.sha256,
        custody=[event.as_json() for event in _events(held)],
    )


@blueprint.post("/crises/<slug>/verify/media/<medium_id>/metadata")
@allow(*DECIDERS)
def metadata(slug: str, medium_id: str) -> str:
    """Open a sealed original for what it says of itself; custody and ledger note who did and why."""
    crisis = current_crisis()
    told = told_by_original(current_store(), crisis.id, medium_id_of(medium_id), _user_id(), reason_given())
    if told is None:
        raise Problem(404)
    return render_template("verification/metadata.html", crisis=crisis, told=told)


@blueprint.post("/crises/<slug>/verify/media/<medium_id>/original")
@allow(*DECIDERS)
def original(slug: str, medium_id: str) -> AnyResponse:
    """Hand out a sealed original as a file to save; custody and ledger note who took it and why."""
    crisis, reason = current_crisis(), reason_given()
    wanted = medium_id_of(medium_id)
    opened = open_original(current_store(), crisis.id, wanted, _user_id(), reason, Act.EXPORTED)
    if opened is None:
        raise Problem(404)
    response = Response(opened.data, mimetype=opened.medium.content_type)
    response.headers.set("Content-Disposition", "attachment", filename=f"original-{wanted}")
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def medium_id_of(text: str) -> uuid.UUID:
    """Return the id an address names; what is no id is a medium that does not exist."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Problem(404) from None


def reason_given() -> str:
    """Return the reason of the form; raises Invalid where there is none."""
    reason = request.form.get("reason", "").replace("\0", "").strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        message = N_("Say in at most 500 characters why.")
        raise Invalid(N_("A reason is missing."), [FieldError("/reason", message)])
    return reason


def _held(medium_id: str) -> Held:
    with current_store().read() as session:
        held = held_medium(session, current_crisis().id, medium_id_of(medium_id), _user_id())
    if held is None:
        raise Problem(404, detail=_("There is no such medium in this crisis."))
    return held


def _events(held: Held) -> list[Event]:
    with current_store().read() as session:
        found = events_of(session, held.medium.crisis_id, [held.medium.id], held.silent)
    return found.get(held.medium.id, [])


def _user_id() -> int:
    return principal().user_id or 0
