"""One case on one screen, with the forms to decide it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from mapper.accounts.access import allow, current_crisis, principal
from mapper.exchange.titles import damage_words, title_of
from mapper.maps.ground_choices import ground_choices
from mapper.store.tables import Crisis, Incident
from mapper.verification.case import Case, gather
from mapper.verification.filters import read_query
from mapper.verification.gate import Condition, conditions, facts_of, unmet
from mapper.verification.photos import twins
from mapper.verification.queue_views import address_of_next
from mapper.verification.refusals import FieldError, Invalid, Refused, Stale
from mapper.verification.schemas import WRONG_INPUT
from mapper.verification.service import decide
from mapper.verification.typed import details_of, differences, remembered
from mapper.verification.views import answer_refusal, current_actor, incident_id_of, sentence_of, versions_of
from mapper.verification.words import page_words
from mapper.vocabulary.states import DECIDERS, Kind
from mapper.vocabulary.text import N_
from mapper.web.context import current_settings, current_store
from mapper.web.errors import Problem
from mapper.web.locale import language

UNKNOWN_ACCURACY_M = 100

blueprint = Blueprint("workbench", __name__)
blueprint.register_error_handler(Refused, answer_refusal)


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
        _check_ticks(form, details_of(form), incident_id)
        decide(
            current_store(),
            crisis,
            incident_id_of(incident_id),
            current_actor(crisis.id),
            form.get("kind", ""),
            details_of(form),
            form.get("reason", ""),
            versions_of(version) if version else None,
        )
    except Invalid as refusal:
        errors = {item.pointer.lstrip("/"): str(_(item.message)) for item in refusal.errors}
        return _case_page(incident_id, errors), refusal.status
    except Stale as refusal:
        return _case_page(incident_id, {"": sentence_of(refusal)}, is_stale=True), refusal.status
    except Refused as refusal:
        return _case_page(incident_id, {"": sentence_of(refusal)}), refusal.status
    return redirect(_after_decision(slug, incident_id), code=303)


@blueprint.get("/crises/<slug>/verify/<incident_id>/duplicates")
@allow(*DECIDERS)
def duplicates(slug: str, incident_id: str) -> str:
    """Show where else in the crisis nearly the same photos are."""
    crisis = current_crisis()
    with current_store().read() as session:
        found = twins(session, crisis.id, incident_id_of(incident_id))
    return render_template(
        "verification/duplicates.html", crisis=crisis, found=found, incident_id=incident_id
    )


def _check_ticks(form: Mapping[str, str], details: Mapping[str, Any], incident_id: str) -> None:
    """Ask people, who see the page, to say two things aloud that programs may leave out."""
    if form.get("kind") != Kind.VERIFY:
        return
    errors = []
    if not details.get("no_conflict"):
        errors.append(
            FieldError("/no_conflict", N_("Say that you have no stake in it, or leave it to others."))
        )
    if not form.get("gate_accepted") and _gate_lacks(details, incident_id):
        message = N_("Tick that you assess it although the gate lacks something; say why in the reason.")
        errors.append(FieldError("/gate_accepted", message))
    if errors:
        raise Invalid(WRONG_INPUT, errors)


def _gate_lacks(details: Mapping[str, Any], incident_id: str) -> bool:
    with current_store().read() as session:
        incident = session.get(Incident, (current_crisis().id, incident_id_of(incident_id)))
    return incident is not None and bool(unmet(_conditions(incident, details)))


def _conditions(incident: Incident, details: Mapping[str, Any]) -> list[Condition]:
    given = dict(details)
    if not isinstance(given.get("position_accuracy_m", 0), int | float):
        del given["position_accuracy_m"]  # is refused for itself
    return conditions(facts_of(incident, given), given)


def _after_decision(slug: str, incident_id: str) -> str:
    """Return the next case of the queue for whoever works through it, else the same case."""
    form = request.form
    if form.get("walk"):
        return address_of_next(slug, read_query(form.get("queue", "")), incident_id_of(incident_id))
    queue = form.get("queue") or None
    return url_for(".case", slug=slug, incident_id=incident_id, decided=form.get("kind", ""), queue=queue)


def _case_page(incident_id: str, errors: dict[str, str], *, is_stale: bool = False) -> str:
    crisis, store, form = current_crisis(), current_store(), request.form
    wanted = incident_id_of(incident_id)
    with store.read() as session:
        found = gather(session, store, crisis, wanted, principal(), _sun_time(crisis))
    if found is None:
        raise Problem(404, detail=_("There is no such incident in this crisis."))
    incident, properties = found.incident, found.detail["properties"]
    return render_template(
        "verification/case.html",
        crisis=crisis,
        case=found,
        incident=properties,
        geometry=found.detail["geometry"],
        gate=_conditions(incident, details_of(form)) if form.get("kind") == Kind.VERIFY else found.gate,
        errors=errors,
        changed=differences(form.get("seen", ""), properties) if is_stale else [],
        seen_version=form.get("version", "") if is_stale else "",
        seen=remembered(properties),
        archives_links=store.archives_links,
        words=page_words(),
        title=title_of(incident.sector, incident.asset, incident.damage_low, incident.damage_high),
        damage_words=damage_words,
        title_of=title_of,
        decided=request.args.get("decided", ""),
        queue=request.values.get("queue", ""),
        walk=request.values.get("walk", ""),
        moment_of=lambda text: datetime.fromisoformat(text) if text else None,
        values=form,
        settings=_page_settings(crisis, found),
    )


def _sun_time(crisis: Crisis) -> datetime | None:
    """Return the time that the sun's form asks for, in the crisis' own zone; None: the stated one."""
    try:
        moment = datetime.fromisoformat(request.args.get("sun", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(crisis.timezone))


def _page_settings(crisis: Crisis, found: Case) -> dict[str, Any]:
    """Return what the page's scripts draw: numbers and our own words, no text of strangers."""
    properties = found.detail["properties"]
    placed = [item for item in properties["report_list"] if item["position"]]
    has_basemap = bool(current_settings().basemap)
    return {
        "areas": url_for("maps.areas", slug=crisis.slug),
        "basemap": url_for("maps.basemap_file") if has_basemap else "",
        "grounds": ground_choices(),
        "language": language(),
        "incident": found.detail["geometry"] and found.detail["geometry"]["coordinates"],
        "accuracy_m": properties["position_accuracy_m"],
        "reports": [
            [*item["position"]["coordinates"], item["position_accuracy_m"] or UNKNOWN_ACCURACY_M]
            for item in placed
        ],
        "around": [[item.longitude, item.latitude] for item in found.around],
        "facilities": [[item.longitude, item.latitude] for item in found.facilities],
        "shadow": found.sun.shadow_azimuth if found.sun else None,
        "pins": [
            {
                "number": pin.number,
                "medium": str(pin.medium_id),
                "x": pin.spot.x,
                "y": pin.spot.y,
                "place": [pin.spot.longitude, pin.spot.latitude],
            }
            for pin in found.pins
        ],
        "words": {
            "pin_photo": _("Now choose the same feature on the map."),
            "pin_map": _("Choose a feature in the photo."),
            "ground_failed": _(
                "The base map “%(name)s” does not answer. The rest of the map works without it."
            ),
            "failed": _("That did not work. Reload the page and try again."),
            "keep_text": _("What you typed is still in the fields."),
        },
    }
