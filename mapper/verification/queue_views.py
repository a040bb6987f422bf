"""The queue's pages: the list with its filters and views, and the way to the next case."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mapper.accounts.access import allow, current_crisis, principal
from mapper.store.store import Store
from mapper.verification import bulk
from mapper.verification.claims import claim, holders
from mapper.verification.comments import unread_mentions
from mapper.verification.filters import FLAGS, ORDERS, WHOSE, Filters, read_cursor, read_filters, read_query
from mapper.verification.queue import Reader, next_ids, queue_page, with_own_reports
from mapper.verification.refusals import DoesNotFit, Refused
from mapper.verification.saved_views import EVERYBODYS, forget_view, own_views, save_view
from mapper.verification.views import answer_refusal, current_actor, incident_id_of, sentence_of, versions_of
from mapper.verification.words import page_words
from mapper.vocabulary import urgency
from mapper.vocabulary.states import DECIDERS, VERIFIERS, Kind
from mapper.web.context import current_store

blueprint = Blueprint("queue", __name__)
blueprint.register_error_handler(Refused, answer_refusal)


@blueprint.get("/crises/<slug>/verify")
@allow(*DECIDERS)
def show(slug: str) -> str:
    """Show what waits for a decision."""
    crisis, store, reader = current_crisis(), current_store(), current_reader()
    filters = read_filters(request.args.to_dict())
    with store.read() as session:
        page = queue_page(session, crisis.id, filters, reader, read_cursor(request.args.get("after", "")))
        ids = [incident.id for incident in page.rows]
        claimed = holders(session, crisis.id, ids, reader.at)
        own = with_own_reports(session, crisis.id, ids, reader.user_id)
        calls = len(unread_mentions(session, crisis.id, reader.user_id))
    return render_template(
        "verification/queue.html",
        crisis=crisis,
        page=page,
        filters=filters,
        claimed=claimed,
        own=own,
        calls=calls,
        reader=reader,
        words=page_words(),
        choices={"flag": FLAGS, "whose": WHOSE, "order": ORDERS},
        views=EVERYBODYS,
        bulk_kinds=bulk.KINDS if VERIFIERS & principal().roles(crisis.id) else (),
        own_views=own_views(store, crisis.id, reader.user_id),
        urgency=urgency,
        now=reader.at,
        is_empty_after_work=request.args.get("done") == "1",
    )


@blueprint.post("/crises/<slug>/verify/next")
@allow(*DECIDERS)
def start(slug: str) -> Response:
    """Claim the first case of the queue that the person can decide, and open it."""
    filters = read_query(request.form.get("queue", ""))
    return redirect(address_of_next(slug, filters), code=303)


@blueprint.post("/crises/<slug>/verify/bulk")
@allow(*VERIFIERS)
def decide_many(slug: str) -> str | tuple[str, int]:
    """Show what one decision about several incidents would do; once confirmed, do it."""
    crisis, store, form = current_crisis(), current_store(), request.form
    actor = current_actor(crisis.id)
    kind = Kind.TRIAGE if form.get("kind") not in bulk.KINDS else Kind(form["kind"])
    chosen = {incident_id_of(text): form.get(f"version-{text}", "") for text in form.getlist("incident")}
    results, reason = [], form.get("reason", "").strip()
    if form.get("confirmed") and reason:
        versions = {key: (versions_of(text) or [0])[0] for key, text in chosen.items()}
        results = bulk.decide_all(store, crisis, versions, kind, actor, reason)
    with store.read() as session:
        found = bulk.preview(session, store, crisis.id, list(chosen), kind, actor)
    page = render_template(
        "verification/bulk.html",
        crisis=crisis,
        kind=kind,
        kinds=bulk.KINDS,
        found=found,
        results={item.incident_id: item.refusal for item in results},
        lacks_reason=bool(form.get("confirmed")) and not reason,
        filters=read_query(form.get("queue", "")),
        sentence_of=sentence_of,
        words=page_words(),
    )
    return (page, 422) if form.get("confirmed") and not reason else page


@blueprint.post("/crises/<slug>/verify/views")
@allow(*DECIDERS)
def keep_view(slug: str) -> Response:
    """Save the queue's filters under a name, or remove a view."""
    crisis, store, reader = current_crisis(), current_store(), current_reader()
    name, filters = request.form.get("name", ""), read_query(request.form.get("queue", ""))
    if request.form.get("remove"):
        forget_view(store, crisis.id, reader.user_id, name)
    else:
        save_view(store, crisis.id, reader.user_id, name, filters)
    return redirect(queue_address(slug, filters), code=303)


def queue_address(slug: str, filters: Filters, **more: str) -> str:
    """Return the address of the queue under filters."""
    values: dict[str, Any] = filters.values() | more
    return url_for("queue.show", slug=slug, **values)


def current_reader() -> Reader:
    """Return who reads the queue. The view's permission has made sure that somebody is signed in."""
    return Reader(principal().user_id or 0, current_store().clock())


def address_of_next(slug: str, filters: Filters, just_decided: uuid.UUID | None = None) -> str:
    """Claim the next case and return its address; the queue's own where nothing is left."""
    crisis, store, reader = current_crisis(), current_store(), current_reader()
    skipped = {just_decided} if just_decided else set()
    with store.read() as session:
        ids = next_ids(session, crisis.id, filters, reader, skipped)
    taken = _first_free(store, crisis.id, ids, reader)
    if taken is None:
        return queue_address(slug, filters, done="1")
    return url_for("workbench.case", slug=slug, incident_id=taken, queue=filters.query() or None, walk=1)


def _first_free(store: Store, crisis_id: int, ids: list[uuid.UUID], reader: Reader) -> uuid.UUID | None:
    """Claim the first that nobody else has claimed meanwhile."""
    for incident_id in ids:
        try:
            claim(store, crisis_id, incident_id, reader.user_id)
        except DoesNotFit:
            continue
        return incident_id
    return None
