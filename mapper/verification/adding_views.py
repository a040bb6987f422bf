"""The form by which a verifier adds photos, videos and PDFs to a case."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from mapper.accounts.access import allow, current_crisis, principal
from mapper.intake.drafts import DraftMedium, NotAccepted
from mapper.intake.media import check_medium
from mapper.intake.views import problem_of
from mapper.verification.adding import add_evidence
from mapper.verification.media_views import medium_id_of, reason_given
from mapper.verification.refusals import FieldError, Invalid, Refused
from mapper.verification.views import answer_refusal, incident_id_of
from mapper.vocabulary.states import VERIFIERS
from mapper.vocabulary.text import N_
from mapper.web.context import current_settings, current_store

NO_FILES = N_("Choose at least one file, and not more than one report may bring.")

blueprint = Blueprint("adding", __name__)
blueprint.register_error_handler(Refused, answer_refusal)


@blueprint.post("/crises/<slug>/verify/<incident_id>/evidence")
@allow(*VERIFIERS)
def add(slug: str, incident_id: str) -> Response:
    """Seal photos, videos and PDFs beside a report of the case; custody notes who brought them and why."""
    crisis, wanted = current_crisis(), incident_id_of(incident_id)
    report_id, user_id = medium_id_of(request.form.get("report", "")), principal().user_id or 0
    reason = reason_given()
    add_evidence(current_store(), crisis.id, wanted, report_id, _media(), user_id, reason)
    return redirect(url_for("workbench.case", slug=slug, incident_id=incident_id, _anchor="photos"), code=303)


def _media() -> list[DraftMedium]:
    files = [file for file in request.files.getlist("media") if file.filename]
    if not 0 < len(files) <= current_settings().max_photos:
        raise Invalid(NO_FILES, [FieldError("/media", NO_FILES)])
    try:
        return [check_medium(file.read(), number, current_settings()) for number, file in enumerate(files)]
    except NotAccepted as refusal:
        raise problem_of(refusal) from refusal
