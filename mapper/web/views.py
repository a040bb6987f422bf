"""The first page: the crises, for people."""

from __future__ import annotations

from flask import Blueprint, render_template

from mapper.store.crises import all_crises
from mapper.web.context import current_store
from mapper.web.permission import EVERYONE, allow

blueprint = Blueprint("web", __name__)


@blueprint.get("/")
@allow(EVERYONE)
def home() -> str:
    """List the crises with the ways into each."""
    with current_store().read() as session:
        return render_template("web/home.html", crises=all_crises(session))
