"""One case on one screen, with the forms to decide it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from mapper.accounts.access import allow, current_crisis, principal
from mapper.exchange.detail import incident_detail
from mapper.exchange.titles import damage_words, title_of
from mapper.geography.cells import covering_ranges
from mapper.geography.positions import degrees_around, distance_m, from_e7
from mapper.publication.policy import Policy
from mapper.store.tables import Crisis, Incident
from mapper.verification.claims import holders
from mapper.verification.evidence import COPY_TYPE, read_copy
from mapper.verification.filters import read_query
from mapper.verification.queue import nearby, with_own_reports
from mapper.verification.queue_views import address_of_next
from mapper.verification.refusals import Invalid, Refused
from mapper.verification.service import decide
from mapper.verification.views import current_actor, incident_id_of, sentence_of, versions_of
from mapper.verification.words import page_words
from mapper.vocabulary.states import DECIDERS, Kind, State, choices
from mapper.web.context import current_store
from mapper.web.errors import Problem

NEARBY_M = 500.0
MOST_AROUND = 8

blueprint = Blueprint("workbench", __name__)


@blueprint.get("/crises/<slug>/verify/<incident_id>")
@allow(*DECIDERS)
def case(slug: str, incident_id: str) -> str:
    """Show one incident with all that is known of it, and what can be decided."""
    return _case_page(incident_id, {})


@blueprint.post("/crises/<slug>/verify/<incident_id>")
@allow(*DECIDERS)
def decide_case(slug: str, incident_id: str) -> AnyResponse | tuple[str, int]:
    """Take the decision of a form; show the case again with what was wrong, or what became of it."""
    crisis, form = current_crisis(), request.form
    version = form.get("version", "")
    try:
        decide(
            current_store(),
            crisis,
            incident_id_of(incident_id),
            current_actor(crisis.id),
            form.get("kind", ""),
            _details(),
            form.get("reason", ""),
            versions_of(version) if version else None,
        )
    except Invalid as refusal:
        return _case_page(
            incident_id, {item.pointer: str(_(item.message)) for item in refusal.errors}
        ), refusal.status
    except Refused as refusal:
        return _case_page(incident_id, {"": sentence_of(refusal)}), refusal.status
    return redirect(_after_decision(slug, incident_id), code=303)


def _after_decision(slug: str, incident_id: str) -> str:
    """Return the next case of the queue for whoever works through it, else the same case."""
    form = request.form
    if form.get("walk"):
        return address_of_next(slug, read_query(form.get("queue", "")), incident_id_of(incident_id))
    queue = form.get("queue") or None
    return url_for(".case", slug=slug, incident_id=incident_id, decided=form.get("kind", ""), queue=queue)


@blueprint.get("/crises/<slug>/verify/media/<medium_id>/<size>")
@allow(*DECIDERS)
def medium(slug: str, medium_id: str, size: str) -> Response:
    """Send a photo's working copy (`copy` or `thumbnail`) to those who may decide."""
    store = current_store()
    try:
        wanted = uuid.UUID(medium_id)
    except ValueError:
        raise Problem(404) from None
    with store.read() as session:
        data = read_copy(store, session, current_crisis().id, wanted, is_small=size == "thumbnail")
    if data is None or size not in ("copy", "thumbnail"):
        raise Problem(404)
    return Response(data, mimetype=COPY_TYPE)


def _case_page(incident_id: str, errors: dict[str, str]) -> str:
    crisis, store, person = current_crisis(), current_store(), principal()
    try:
        wanted = incident_id_of(incident_id)
    except Refused as refusal:
        raise Problem(404, detail=sentence_of(refusal)) from refusal
    with store.read() as session:
        detail = incident_detail(session, store.keys, crisis.id, wanted, person.user_id)
        incident = session.get(Incident, (crisis.id, wanted))
        if detail is None or incident is None:
            raise Problem(404, detail=_("There is no such incident in this crisis."))
        around = _around(incident, nearby(session, incident, _ranges(incident)))
        holder = holders(session, crisis.id, [wanted], store.clock()).get(wanted)
        is_own = bool(with_own_reports(session, crisis.id, [wanted], person.user_id or 0))
    return render_template(
        "verification/case.html",
        crisis=crisis,
        incident=detail["properties"],
        geometry=detail["geometry"],
        around=around,
        errors=errors,
        words=page_words(),
        title=title_of(incident.sector, incident.asset, incident.damage_low, incident.damage_high),
        damage_words=damage_words,
        title_of=title_of,
        kinds=_kinds(incident, person.roles(crisis.id)),
        public_from=_public_from(crisis, incident),
        decided=request.args.get("decided", ""),
        holder=holder,
        is_own=is_own,
        queue=request.values.get("queue", ""),
        walk=request.values.get("walk", ""),
        moment_of=lambda text: datetime.fromisoformat(text) if text else None,
        values=request.form,
        map_settings=_map_settings(slug=crisis.slug, detail=detail, around=around),
    )


def _kinds(incident: Incident, roles: frozenset[str]) -> list[Kind]:
    """Return what the person can decide here; nothing on a signpost to another incident."""
    return [] if incident.merged_into else choices(roles, State(incident.status))


def _ranges(incident: Incident) -> list[tuple[int, int]]:
    if incident.lon_e7 is None or incident.lat_e7 is None:
        return []
    longitude, latitude = from_e7(incident.lon_e7), from_e7(incident.lat_e7)
    wide, high = degrees_around(latitude, NEARBY_M)
    return covering_ranges(longitude - wide, latitude - high, longitude + wide, latitude + high)


def _around(incident: Incident, others: list[Incident]) -> list[dict[str, Any]]:
    if incident.lon_e7 is None or incident.lat_e7 is None:
        return []
    here = (from_e7(incident.lon_e7), from_e7(incident.lat_e7))
    found = []
    for other in others:
        if other.lon_e7 is None or other.lat_e7 is None:
            continue
        there = (from_e7(other.lon_e7), from_e7(other.lat_e7))
        found.append((distance_m(*here, *there), str(other.id), other, there))
    return [
        {"incident": other, "metres": round(metres), "longitude": there[0], "latitude": there[1]}
        for metres, _id, other, there in sorted(found, key=lambda item: item[:2])[:MOST_AROUND]
        if metres <= NEARBY_M
    ]


def _public_from(crisis: Crisis, incident: Incident) -> datetime | None:
    """Return from when the public may count it; None while it is not verified."""
    if incident.status != State.VERIFIED.value or incident.verified_at is None:
        return None
    event = incident.happened_to or incident.happened_from or incident.first_reported_at
    return Policy.of(crisis).visible_at(event, incident.verified_at, incident.sector, incident.asset)


def _details() -> dict[str, Any]:
    """Return a form's fields as the decision's own types; what is no number stays text, and is refused."""
    form, found = request.form, {}
    for name in ("damage_low", "damage_high"):
        if name in form:
            found[name] = None if form[name] == "" else _number(form[name])
    for name in ("position_accuracy_m", "longitude", "latitude"):
        if form.get(name, "").strip():
            found[name] = _number(form[name])
    for name in ("source_grade", "information_grade", "into", "service_state"):
        if form.get(name, "").strip():
            found[name] = form[name].strip()
    for name in ("reports", "parts"):
        if form.getlist(name):
            found[name] = form.getlist(name)
    if form.get("repaired_at"):
        found["repaired_at"] = f"{form['repaired_at']}T00:00:00Z"
    return found


def _number(text: str) -> Any:
    text = text.strip().replace(",", ".")
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text


def _map_settings(slug: str, detail: dict[str, Any], around: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the map draws: numbers only, no text of strangers."""
    properties = detail["properties"]
    reports = [item for item in properties["report_list"] if item["position"]]
    return {
        "areas": url_for("maps.areas", slug=slug),
        "incident": detail["geometry"] and detail["geometry"]["coordinates"],
        "accuracy_m": properties["position_accuracy_m"],
        "reports": [
            [*item["position"]["coordinates"], item["position_accuracy_m"] or 100] for item in reports
        ],
        "around": [[item["longitude"], item["latitude"]] for item in around],
    }
