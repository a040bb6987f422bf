"""What people do around a case besides deciding it: claim it, release it."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from mapper.accounts.access import allow, current_crisis
from mapper.verification import claims
from mapper.verification.refusals import DoesNotFit, Refused
from mapper.verification.views import current_actor, incident_id_of, problem_of
from mapper.vocabulary.states import DECIDERS
from mapper.web.context import current_store

blueprint = Blueprint("desk", __name__)


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
            raise problem_of(refusal) from refusal
    if not _is_form():
        return jsonify({"until": until.isoformat() if until else None})
    return redirect(back_to_case(slug, incident_id), code=303)


def _is_form() -> bool:
    return request.accept_mimetypes.best != "application/json"


def back_to_case(slug: str, incident_id: str) -> str:
    """Return the case's address with the queue that the person works through."""
    queue = request.form.get("queue") or None  # None leaves it out of the address
    return url_for("workbench.case", slug=slug, incident_id=incident_id, queue=queue)
