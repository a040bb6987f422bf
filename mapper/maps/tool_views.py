"""Addresses of the map's tools: the search box, as JSON for the page and as a page without scripts."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from mapper.accounts.access import EVERYONE, allow, current_crisis
from mapper.maps.places import LONGEST, places
from mapper.maps.seen import seen
from mapper.web.context import current_store
from mapper.web.locale import language

blueprint = Blueprint("map_tools", __name__)


@blueprint.get("/api/v1/crises/<slug>/places")
@allow(EVERYONE)
def find_places(slug: str) -> Response:
    """What `q` may mean, best first: a position, an area of the crisis, a populated place."""
    return Response(orjson.dumps(_found()), content_type="application/geo+json")


@blueprint.get("/crises/<slug>/places")
@allow(EVERYONE)
def places_page(slug: str) -> str:
    """The same as a list, for a browser without scripts."""
    asked = request.args.get("q", "").strip()[:LONGEST]
    return render_template("maps/places.html", crisis=current_crisis(), asked=asked, found=_found())


def _found() -> dict[str, Any]:
    store, crisis = current_store(), current_crisis()
    asked = request.args.get("q", "")
    return places(store, crisis, seen(store, crisis), asked, (language(), *crisis.languages))
