"""The coordinators' page for files: bring one, look at how it would be read, start it, watch it, stop it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as AnyResponse

from mapper.accounts.access import allow, current_crisis, principal
from mapper.files.refusals import FileRefused
from mapper.intake import import_service as service
from mapper.intake.import_files import private_folder
from mapper.intake.import_preview import FLAGS, SHOWN
from mapper.intake.import_runs import (
    ENDED,
    LABELS,
    LONGEST_SENDER,
    NOT_NOW,
    UNDER_WAY,
    NotNow,
    Source,
    State,
    newest_runs,
    run_by_id,
)
from mapper.intake.import_undo import ask_undo, effect_of
from mapper.intake.import_versions import KEEP
from mapper.intake.import_words import FIELD_LABELS, reason_in_words
from mapper.intake.import_work import discard
from mapper.store.blobs import BlobMissing
from mapper.store.tables import ImportReject, ImportRun, User
from mapper.vocabulary.states import STATES
from mapper.web.context import current_settings, current_store
from mapper.web.errors import PROBLEMS, Problem

blueprint = Blueprint("imports", __name__)

WHO = ("coordinator", "admin")
PLACING = ("latitude", "longitude", "position")  # shown as one position
LONGEST_REASON = 2_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PROBLEMS[NotNow] = (409, "This import is past that")


@blueprint.get("/crises/<slug>/import")
@allow(*WHO)
def show_imports(slug: str) -> str:
    """Show the form for a file, and the crisis' imports."""
    return _imports({})


@blueprint.post("/crises/<slug>/import")
@allow(*WHO)
def take_file(slug: str) -> AnyResponse | tuple[str, int]:
    """Keep a file aside and go to its preview; show the form again with what is wrong."""
    crisis, file = current_crisis(), request.files.get("file")
    sender = " ".join(request.form.get("sender", "").split())
    errors: dict[str, str] = {}
    if file is None or not file.filename:
        errors["file"] = _("Choose a file")
    if not sender:
        errors["sender"] = _("Say whose file it is")
    elif len(sender) > LONGEST_SENDER:
        errors["sender"] = _("Use at most %(most)s characters", most=LONGEST_SENDER)
    if errors or file is None:
        return _imports(errors), 422
    with private_folder() as folder:
        path = folder / "upload"
        file.save(path)
        name = " ".join((file.filename or "").split()).rpartition("/")[2]
        layer = request.form.get("layer", "").strip() or None
        source = Source(path, name, sender, principal().user_id, layer=layer)
        try:
            run = service.take_file(current_store(), crisis, source)
        except FileRefused as refusal:
            return _imports({"file": refusal_sentence(refusal)}), 422
    return redirect(url_for(".show_import", slug=slug, import_id=run.id), code=303)


@blueprint.get("/crises/<slug>/import/<import_id>")
@allow(*WHO)
def show_import(slug: str, import_id: str) -> str:
    """Show how a file would be read, or how far its import is and what became of it."""
    run = _run(import_id)
    return _preview(run, {}) if run.state == State.PREVIEW else _progress(run)


@blueprint.post("/crises/<slug>/import/<import_id>")
@allow(*WHO)
def change_import(slug: str, import_id: str) -> AnyResponse | tuple[str, int]:
    """Do what the pressed button says."""
    store, crisis, run = current_store(), current_crisis(), _run(import_id)
    action = request.form.get("action", "")
    here = redirect(url_for(".show_import", slug=slug, import_id=import_id), code=303)
    if action in ("look", "start") and run.state == State.PREVIEW:
        columns = {
            name: request.form[f"map-{name}"] for name in FIELD_LABELS if f"map-{name}" in request.form
        }
        errors = _twice(columns)
        if errors:
            return _preview(run, errors), 422
        service.choose(store, crisis, run, columns)
        if action == "start":
            changed, missing = (request.form.get(name, KEEP) for name in ("changed", "missing"))
            service.start(store, run, changed, missing)
        return here
    if action == "discard" and run.state == State.PREVIEW:
        discard(store, run)
        return redirect(url_for(".show_imports", slug=slug), code=303)
    if action == "cancel":
        service.cancel(store, run)
        return here
    raise NotNow(_(NOT_NOW))


@blueprint.get("/crises/<slug>/import/<import_id>/undo")
@allow(*WHO)
def show_undo(slug: str, import_id: str) -> str:
    """Say what undoing an import does, and what stays, before it is done."""
    return _undo(_run(import_id), {})


@blueprint.post("/crises/<slug>/import/<import_id>/undo")
@allow(*WHO)
def undo(slug: str, import_id: str) -> AnyResponse | tuple[str, int]:
    """Withdraw every report of an import."""
    run, reason = _run(import_id), request.form.get("reason", "").strip()
    if not reason:
        return _undo(run, {"reason": _("Say why it is undone")}), 422
    ask_undo(current_store(), run, principal().user_id, reason[:LONGEST_REASON])
    return redirect(url_for(".show_import", slug=slug, import_id=import_id), code=303)


@blueprint.get("/crises/<slug>/import/<import_id>/progress.json")
@allow(*WHO)
def progress(slug: str, import_id: str) -> Response:
    """How far an import is, for the page's script."""
    run = _run(import_id)
    state, counts = _(LABELS[run.state]), _counts(run)
    return jsonify(is_over=run.state not in UNDER_WAY, state=state, total=run.total, **counts)


@blueprint.get("/crises/<slug>/import/<import_id>/rejects.csv")
@allow(*WHO)
def rejects(slug: str, import_id: str) -> Response:
    """The rows that were refused: their line, the field and the reason."""
    run = _run(import_id)
    name = secure_filename(run.file_name.rpartition(".")[0]) or "import"
    headers = {"Content-Disposition": f'attachment; filename="{name}-rejects.csv"'}
    return Response(stream_with_context(_reject_lines(run)), mimetype="text/csv", headers=headers)


def refusal_sentence(refusal: FileRefused) -> str:
    """Return why a file cannot be read, in the reader's language."""
    return str(_(refusal.message, **refusal.values))


def _run(import_id: str) -> ImportRun:
    with current_store().read() as session:
        run = run_by_id(session, current_crisis().id, import_id)
    if run is None:
        raise Problem(404, detail=_("There is no such import in this crisis."))
    return run


def _imports(errors: Mapping[str, str]) -> str:
    crisis = current_crisis()
    with current_store().read() as session:
        runs = newest_runs(session, crisis.id)
        people = _people(runs)
    return render_template(
        "intake/imports.html",
        crisis=crisis,
        runs=runs,
        people=people,
        labels=LABELS,
        senders=sorted({run.sender for run in runs if run.sender}),
        values=request.form,
        errors=errors,
        most_megabytes=current_settings().max_body_bytes // 1_000_000,
        now=current_store().clock(),
    )


def _people(runs: Any) -> dict[int | None, str]:
    wanted = {run.user_id for run in runs if run.user_id is not None}
    with current_store().read() as session:
        rows = session.execute(select(User.id, User.email).where(User.id.in_(wanted)))
        return {row.id: row.email for row in rows}


def _preview(run: ImportRun, errors: Mapping[str, str]) -> str:
    crisis = current_crisis()
    try:
        look = service.look(current_store(), crisis, run)
    except (FileRefused, BlobMissing) as error:
        raise Problem(409, detail=_("The file is kept no longer. Bring it again.")) from error
    chosen = {name: request.form.get(f"map-{name}", run.mapping.get(name, "")) for name in FIELD_LABELS}
    return render_template(
        "intake/import_preview.html",
        crisis=crisis,
        run=run,
        look=look,
        fields=FIELD_LABELS,
        flags=FLAGS,
        in_words=reason_in_words,
        chosen=chosen,
        placing=PLACING,
        errors=errors,
        shown=SHOWN,
        before=service.imported_before(current_store(), run),
        reasons=[
            (reason_in_words(reason), count) for reason, count in look.preview.summary.reasons.most_common(5)
        ],
        points=[
            {"row": number, "at": [row.longitude, row.latitude], "flag": row.flag}
            for number, row in enumerate(look.preview.rows, start=1)
            if row.longitude is not None
        ],
        has_basemap=bool(current_settings().basemap),
    )


def _progress(run: ImportRun) -> str:
    with current_store().read() as session:
        effect = effect_of(session, run) if run.state in (State.UNDOING, State.UNDONE) else None
    return render_template(
        "intake/import_progress.html",
        crisis=current_crisis(),
        run=run,
        people=_people([run]),
        labels=LABELS,
        fields=FIELD_LABELS,
        flags=FLAGS,
        in_words=reason_in_words,
        counts=_counts(run),
        effect=effect,
        states=STATES,
        is_over=run.state not in UNDER_WAY,
        has_ended=run.state in ENDED,
        reasons=[
            (reason_in_words(reason), count)
            for reason, count in sorted(
                (run.summary or {}).get("reasons", {}).items(), key=lambda item: -item[1]
            )[:10]
        ],
    )


def _undo(run: ImportRun, errors: Mapping[str, str]) -> str:
    if run.state not in ENDED:
        raise NotNow(_(NOT_NOW))
    with current_store().read() as session:
        effect = effect_of(session, run)
    return render_template(
        "intake/import_undo.html",
        crisis=current_crisis(),
        run=run,
        effect=effect,
        states=STATES,
        values=request.form,
        errors=errors,
    )


def _counts(run: ImportRun) -> dict[str, int]:
    names = ("read", "accepted", "duplicates", "rejected", "needs_location")
    return {name: (run.summary or {}).get(name, 0) for name in names}


def _twice(columns: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong: one column cannot be two fields."""
    used: dict[str, str] = {}
    errors = {}
    for name, column in columns.items():
        if column and column in used:
            other = _(FIELD_LABELS[used[column]])
            errors[f"map-{name}"] = _(
                "“%(column)s” is used for “%(other)s” already", column=column, other=other
            )
        used[column] = name
    return errors


def _reject_lines(run: ImportRun) -> Iterator[str]:
    yield "line,reason,field\r\n"
    mine = (ImportReject.crisis_id == run.crisis_id, ImportReject.import_id == run.id)
    query = select(ImportReject).where(*mine).order_by(ImportReject.number, ImportReject.position)
    with current_store().read() as session:
        for row in session.scalars(query.execution_options(yield_per=1_000)):
            buffer = io.StringIO()
            csv.writer(buffer).writerow((row.line, _harmless(row.reason), _harmless(row.field)))
            yield buffer.getvalue()


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
