"""The page on which a verifier draws boxes over faces and plates. Number fields do it without scripts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from mapper.accounts.access import allow, current_crisis, principal
from mapper.store.custody import LONGEST_REASON
from mapper.verification.custody import held_medium
from mapper.verification.media_views import medium_id_of, reason_given
from mapper.verification.redactions import SIDES, boxes_of, in_percent, redact_copy, redactions_of
from mapper.verification.refusals import Invalid, Refused, Stale
from mapper.verification.views import answer_refusal, sentence_of
from mapper.vocabulary.states import VERIFIERS
from mapper.web.context import current_store
from mapper.web.errors import Problem

SPARE_ROWS = 4
FIELDS = ("page", *SIDES)

blueprint = Blueprint("redaction", __name__)
blueprint.register_error_handler(Refused, answer_refusal)


@blueprint.get("/crises/<slug>/verify/media/<medium_id>/redact")
@allow(*VERIFIERS)
def show(slug: str, medium_id: str) -> str:
    """Show the present copy, its boxes, and the redactions before it."""
    return _page(medium_id)


@blueprint.post("/crises/<slug>/verify/media/<medium_id>/redact")
@allow(*VERIFIERS)
def redact(slug: str, medium_id: str) -> Response | tuple[str, int]:
    """Order a copy with the form's boxes; custody and ledger note who did and why."""
    crisis, wanted = current_crisis(), medium_id_of(medium_id)
    columns = [request.form.getlist(f"box_{name}") for name in FIELDS]
    rows = [dict(zip(FIELDS, values, strict=True)) for values in zip(*columns, strict=False)]
    after = request.form.get("after", type=int)
    try:
        user_id = principal().user_id or 0
        redact_copy(current_store(), crisis.id, wanted, user_id, boxes_of(rows), reason_given(), after)
    except (Invalid, Stale) as refusal:
        return _page(
            medium_id, sentence_of(refusal), None if isinstance(refusal, Stale) else rows
        ), refusal.status
    return redirect(url_for(".show", slug=slug, medium_id=medium_id), code=303)


def _page(medium_id: str, error: str = "", rows: list[dict[str, str]] | None = None) -> str:
    crisis, store, wanted = current_crisis(), current_store(), medium_id_of(medium_id)
    with store.read() as session:
        held = held_medium(session, crisis.id, wanted, principal().user_id)
        history = redactions_of(session, crisis.id, wanted)
    if held is None or held.medium.copy_blob is None:
        raise Problem(404, detail=_("There is no such medium in this crisis."))
    boxes: list[dict[str, Any]] = rows or [in_percent(box) for box in (history[0].boxes if history else ())]
    return render_template(
        "verification/redact.html",
        crisis=crisis,
        held=held,
        history=history,
        boxes=boxes,
        spare=SPARE_ROWS,
        error=error,
        reason=request.form.get("reason", ""),
        longest=LONGEST_REASON,
        page=max(1, min(request.args.get("page", 1, int), held.medium.pages or 1)),
    )
