"""What people do around a case besides deciding it: claim, comment, translate, pin, hand over."""

from __future__ import annotations

import uuid

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mapper.accounts.access import allow, current_crisis, principal
from mapper.verification import claims, pins
from mapper.verification.agreement import everybodys, ones_own, pairs_of
from mapper.verification.comments import mark_read, people, say, unread_mentions
from mapper.verification.handovers import hand_over, latest
from mapper.verification.links import ask_for_archive
from mapper.verification.media_views import reason_given
from mapper.verification.queue import incidents_by_id
from mapper.verification.refusals import DoesNotFit, Refused
from mapper.verification.training import is_training, score
from mapper.verification.translations import translate
from mapper.verification.views import answer_refusal, current_actor, incident_id_of
from mapper.verification.words import page_words
from mapper.vocabulary.states import DECIDERS, VERIFIERS
from mapper.web.context import current_store
from mapper.web.errors import Problem
from mapper.web.locale import language

blueprint = Blueprint("desk", __name__)
blueprint.register_error_handler(Refused, answer_refusal)


@blueprint.get("/crises/<slug>/verify/desk")
@allow(*DECIDERS)
def show(slug: str) -> str:
    """Show what a person has in hand, who calls them, and what earlier shifts left."""
    crisis, store = current_crisis(), current_store()
    user_id, at = principal().user_id or 0, store.clock()
    with store.read() as session:
        left = latest(session, crisis.id)
        held = claims.held_by(session, crisis.id, user_id, at)
        pairs = pairs_of(session, crisis.id)
        named = {incident_id for item in left for incident_id in item.incidents}
        known = {item.id: item for item in incidents_by_id(session, crisis.id, [*held, *named])}
        return render_template(
            "verification/desk.html",
            crisis=crisis,
            held=[known[incident_id] for incident_id in held if incident_id in known],
            known=known,
            left=left,
            mentions=unread_mentions(session, crisis.id, user_id),
            agreement=(everybodys(pairs), ones_own(pairs, user_id)),
            score=score(session, crisis.id, user_id) if is_training(session, crisis.id) else None,
            people=sorted(people(session, crisis.id).values()),
            words=page_words(),
            now=at,
        )


@blueprint.post("/crises/<slug>/verify/desk")
@allow(*DECIDERS)
def leave(slug: str) -> Response:
    """Hand over: leave a note and release what is in hand; or note that comments were read."""
    crisis, store, user_id = current_crisis(), current_store(), principal().user_id or 0
    if request.form.get("read"):
        mark_read(store, crisis.id, user_id, [_id(text) for text in request.form.getlist("comment")])
    else:
        hand_over(store, crisis.id, user_id, request.form.get("note", ""))
    return redirect(url_for(".show", slug=slug), code=303)


@blueprint.post("/crises/<slug>/verify/<incident_id>/claim")
@allow(*DECIDERS)
def claim(slug: str, incident_id: str) -> Response:
    """Claim a case for 20 minutes, or release it; scripts get JSON, forms the case again."""
    crisis, store = current_crisis(), current_store()
    actor = current_actor(crisis.id)
    until = None
    try:
        wanted = incident_id_of(incident_id)
        if request.form.get("release"):
            claims.release(store, crisis.id, wanted, actor)
        else:
            until = claims.claim(store, crisis.id, wanted, actor.user_id)
    except Refused as refusal:
        if not (isinstance(refusal, DoesNotFit) and _is_form()):  # the case itself says who holds it
            raise
    if not _is_form():
        return jsonify({"until": until.isoformat() if until else None})
    return _back_to_case(slug, incident_id)


@blueprint.post("/crises/<slug>/verify/<incident_id>/comments")
@allow(*DECIDERS)
def comment(slug: str, incident_id: str) -> Response:
    """Add a comment to a case."""
    crisis, text = current_crisis(), request.form.get("text", "")
    user_id = principal().user_id or 0
    say(current_store(), crisis.id, incident_id_of(incident_id), user_id, text)
    return _back_to_case(slug, incident_id, "comments")


@blueprint.post("/crises/<slug>/verify/<incident_id>/translations")
@allow(*DECIDERS)
def keep_translation(slug: str, incident_id: str) -> Response:
    """Keep a translation of one report's text into the reader's language."""
    crisis, form, user_id = current_crisis(), request.form, principal().user_id or 0
    report_id = _id(form.get("report", ""))
    wanted, text = incident_id_of(incident_id), form.get("text", "")
    translate(current_store(), crisis.id, wanted, report_id, language(), text, user_id)
    return _back_to_case(slug, incident_id, f"report-{report_id}")


@blueprint.post("/crises/<slug>/verify/<incident_id>/pins")
@allow(*DECIDERS)
def keep_pin(slug: str, incident_id: str) -> Response:
    """Link a point of a photo with a point on the map, or withdraw such a pin."""
    crisis, store, form = current_crisis(), current_store(), request.form
    wanted = incident_id_of(incident_id)
    if form.get("withdraw"):
        pins.withdraw(store, crisis.id, wanted, _id(form["withdraw"]))
    else:
        medium_id, user_id = _id(form.get("medium", "")), principal().user_id or 0
        pins.place(store, crisis.id, wanted, medium_id, _spot(), user_id)
    return _back_to_case(slug, incident_id, "photos")


@blueprint.post("/crises/<slug>/verify/<incident_id>/archive")
@allow(*VERIFIERS)
def archive_link(slug: str, incident_id: str) -> Response:
    """Ask that a worker fetches a report's link and seals what is behind it."""
    crisis, user_id = current_crisis(), principal().user_id or 0
    report_id = _id(request.form.get("report", ""))
    ask_for_archive(current_store(), crisis.id, report_id, user_id, reason_given())
    return _back_to_case(slug, incident_id, f"report-{report_id}")


def _spot() -> pins.Spot:
    try:
        x, y, longitude, latitude = (
            float(request.form[name].replace(",", ".")) for name in ("x", "y", "longitude", "latitude")
        )
    except (KeyError, ValueError):
        return pins.Spot(-1, -1, 0, 0)  # is refused with the words for it
    return pins.Spot(x, y, longitude, latitude)


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Problem(404) from None


def _is_form() -> bool:
    return request.accept_mimetypes.best != "application/json"


def _back_to_case(slug: str, incident_id: str, part: str | None = None) -> Response:
    kept = {name: request.form.get(name) or None for name in ("queue", "walk")}  # None leaves it out
    address = url_for("workbench.case", slug=slug, incident_id=incident_id, _anchor=part, **kept)  # type: ignore[arg-type]
    return redirect(address, code=303)
