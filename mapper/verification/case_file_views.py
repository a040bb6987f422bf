"""Addresses of case files: one incident as a bundle to take away, for a stated reason."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

from flask import Blueprint, Response, request, send_file

from mapper.accounts.access import allow, current_crisis, principal
from mapper.store.bundles import BundleRefused
from mapper.verification.case_file import write_case_file
from mapper.verification.case_paper import Request
from mapper.verification.media_views import reason_given
from mapper.verification.refusals import FieldError, Invalid, NoRight, Refused
from mapper.verification.schemas import WRONG_INPUT
from mapper.verification.views import answer_refusal, incident_id_of
from mapper.vocabulary.states import DECIDERS
from mapper.vocabulary.text import N_
from mapper.web.context import current_store
from mapper.web.errors import PROBLEMS
from mapper.web.permission import limit

COPIES, ORIGINALS = "copies", "originals"
TAKERS = frozenset({"coordinator", "admin"})  # of originals in bulk
PROBLEMS[BundleRefused] = (503, "The file cannot be written")

blueprint = Blueprint("case_files", __name__)
blueprint.register_error_handler(Refused, answer_refusal)


@blueprint.app_template_global("may_take_originals")
def may_take_originals(roles: Collection[str]) -> bool:
    """Return whether somebody of these roles may have a case file with the sealed originals in it."""
    return not TAKERS.isdisjoint(roles)


@blueprint.post("/crises/<slug>/verify/<incident_id>/case-file")
@allow(*DECIDERS)
@limit("20/minute", methods=("POST",))
def case_file_page(slug: str, incident_id: str) -> Response:
    """Hand out the case file that the case's form asks for, and note it in ledger and custody."""
    return _file(slug, incident_id)


@blueprint.post("/api/v1/crises/<slug>/incidents/<incident_id>/case-file")
@allow(*DECIDERS)
@limit("20/minute", methods=("POST",))
def case_file(slug: str, incident_id: str) -> Response:
    """Answer a case file as ZIP; the form says `reason`, and `media` (`copies` or `originals`)."""
    return _file(slug, incident_id)


def _file(slug: str, incident_id: str) -> Response:
    crisis, person = current_crisis(), principal()
    wanted = incident_id_of(incident_id)
    media = request.form.get("media", COPIES)
    if media not in (COPIES, ORIGINALS):
        message = N_("Say copies or originals.")
        raise Invalid(WRONG_INPUT, [FieldError("/media", message)])
    if media == ORIGINALS and not may_take_originals(person.roles(crisis.id)):
        raise NoRight(N_("Only coordinators and administrators take the originals of a whole case."))
    asked = Request(person.user_id, person.email, reason_given(), media == ORIGINALS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.zip"
        write_case_file(current_store(), crisis, wanted, asked, path)
        file = path.open("rb")  # stays readable when the folder is gone
    return send_file(
        file,
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"{slug}-case-{wanted}.zip",
        etag=False,
    )
