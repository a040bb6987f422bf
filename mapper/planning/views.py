"""The coordinators' pages: the ranked areas, their table as CSV, and what stands behind each number."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from mapper.accounts.access import allow, current_crisis, principal
from mapper.exchange.detail import incident_detail
from mapper.layers.service import areas_of
from mapper.planning.behind import KINDS, incidents_behind
from mapper.planning.outlines import drawing_of
from mapper.planning.service import Plan, PlannedArea, make_plan
from mapper.planning.table import as_csv
from mapper.planning.words import damage_words, labels
from mapper.publication.gate import Seen, seen
from mapper.store.tables import Crisis
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.states import DECIDERS
from mapper.web.context import current_store
from mapper.web.errors import Problem
from mapper.web.locale import language

blueprint = Blueprint("planning", __name__)

PLANNERS = ("coordinator", "verifier", "admin")
FIRST_ROWS = 100
# The factors' letters are those of the method's source and the same in every language.
LETTERS = {"S": "S", "N": "N", "G": "G", "V": "V"}
FORMULA = "P = 100 · S · N · G · V"


@blueprint.get("/crises/<slug>/plan")
@allow(*PLANNERS)
def plan(slug: str) -> str:
    """Rank the areas of a level in a sector."""
    crisis, store = current_crisis(), current_store()
    found = _seen(crisis)
    made = make_plan(store, crisis, found, *_choice())
    with store.read() as session:
        drawing = drawing_of(session, str(store.engine.url), crisis.id, crisis.areas_version, made.level)
    return render_template(
        "planning/plan.html",
        crisis=crisis,
        plan=made,
        drawing=drawing,
        shades=_shades(made),
        name_of=name_in(crisis),
        formula=FORMULA,
        letters=LETTERS,
        words=labels(),
        now=store.clock(),
        first=None if request.args.get("all") else FIRST_ROWS,
    )


@blueprint.get("/crises/<slug>/plan.csv")
@allow(*PLANNERS)
def plan_csv(slug: str) -> Response:
    """Answer the same table with every figure unrounded; `hxl=1` adds the row of tags."""
    crisis = current_crisis()
    made = make_plan(current_store(), crisis, _seen(crisis), *_choice())
    text = as_csv(made, name_in(crisis), hxl=_flag("hxl"))
    sector = made.sector or "all"
    name = f"{crisis.slug}-plan-adm{made.level}-{sector}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/crises/<slug>/plan/incidents")
@allow(*PLANNERS)
def behind(slug: str) -> str:
    """List the incidents behind one number of the plan."""
    crisis = current_crisis()
    level, sector = _choice()
    kind, area = request.args.get("kind", "verified"), request.args.get("area", "")
    if kind not in KINDS:
        raise Problem(400, detail=_("kind: One of %(names)s.", names=", ".join(KINDS)))
    found = _seen(crisis)
    incidents = incidents_behind(found.rows, level or 1, area or None, sector, kind)
    return render_template(
        "planning/incidents.html",
        crisis=crisis,
        incidents=incidents,
        area=_area_name(crisis, level or 1, area),
        chosen={"level": level, "sector": sector, "kind": kind},
        words=labels(),
        damage_words=damage_words,
        data_until=found.snapshot.data_until if found.snapshot else None,
        now=current_store().clock(),
    )


@blueprint.get("/crises/<slug>/plan/incidents/<incident_id>")
@allow(*PLANNERS)
def incident(slug: str, incident_id: str) -> str:
    """Show one incident's reports: where walking down from a number ends."""
    crisis, store, person = current_crisis(), current_store(), principal()
    try:
        wanted = uuid.UUID(incident_id)
    except ValueError:
        raise Problem(404, detail=_("There is no such incident in this crisis.")) from None
    with store.read() as session:
        detail = incident_detail(session, store.keys, crisis.id, wanted, person.user_id)
    if detail is None:
        raise Problem(404, detail=_("There is no such incident in this crisis."))
    return render_template(
        "planning/incident.html",
        crisis=crisis,
        incident=detail["properties"],
        words=labels(),
        damage_words=damage_words,
        moment_of=datetime.fromisoformat,
        may_decide=bool(person.roles(crisis.id) & frozenset(DECIDERS)),
        now=store.clock(),
    )


def name_in(crisis: Crisis) -> Callable[[PlannedArea], str]:
    """Return what an area is called in the reader's language, else the crisis', else as it comes."""
    languages = (language(), *crisis.languages)

    def name(area: PlannedArea) -> str:
        return _name(area.names, languages) or area.code

    return name


def _name(names: Any, languages: tuple[str, ...]) -> str:
    return next((names[code] for code in languages if names.get(code)), "") or next(
        (name for name in names.values() if name), ""
    )


def _area_name(crisis: Crisis, level: int, code: str) -> str:
    """Return the name of an area by its code; the code where it has none."""
    with current_store().read() as session:
        areas = areas_of(session, crisis.id, level, with_geometry=False)
    names = next((area.names for area in areas if area.code == code), {})
    return _name(names, (language(), *crisis.languages)) or code


def _seen(crisis: Crisis) -> Seen:
    return seen(current_store(), crisis, "internal")


def _choice() -> tuple[int | None, str | None]:
    """Return the level and the sector that the address chooses; what is empty chooses nothing."""
    level, sector = request.args.get("level", ""), request.args.get("sector", "")
    if level and level not in ("1", "2", "3"):
        raise Problem(400, detail=_("level: A level of areas is 1, 2 or 3."))
    if sector and sector not in SECTORS:
        raise Problem(400, detail=_("sector: There is no such sector."))
    return int(level) if level else None, sector or None


def _flag(name: str) -> bool:
    return request.args.get(name, "") in ("1", "true", "on")


def _shades(made: Plan) -> dict[str, str]:
    """Return the class of each area's outline: 1 to 5 by its share of the highest priority."""
    highest = max((area.priority.total.value for area in made.ranked if area.priority), default=0) or 1
    shades = {area.code: "waiting" for area in made.waiting} | {area.code: "silent" for area in made.silent}
    for area in made.ranked:
        if area.priority:
            shades[area.code] = str(min(5, 1 + int(5 * area.priority.total.value / highest)))
    return shades
