"""Addresses of what people and programs take away: files of every format, and the feed."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from mapper.accounts.access import EVERYONE, allow, current_crisis, principal
from mapper.exchange.exporting import ExportRefused, export
from mapper.exchange.extract import Extract, extract_rows
from mapper.exchange.features import public_key
from mapper.exchange.feed import Entry, Feed, feed_xml, incident_entry, release_entry
from mapper.exchange.formats import FORMATS
from mapper.exchange.sheets import TooManyRows
from mapper.exchange.standalone import NotBuilt
from mapper.publication import requests
from mapper.publication.gate import Seen, release_areas, seen
from mapper.publication.parameters import moment
from mapper.publication.selection import select_public_rows, select_rows
from mapper.store.tables import Crisis, Incident
from mapper.web.context import current_store
from mapper.web.errors import PROBLEMS, Problem
from mapper.web.permission import limit

ATOM = "application/atom+xml"
PUBLIC_SECONDS = 60
PROBLEMS[ExportRefused] = (400, "Cannot be exported so")
PROBLEMS[TooManyRows] = (400, "Too many rows")
PROBLEMS[NotBuilt] = (503, "The front end is not built")

blueprint = Blueprint("exports", __name__)


@blueprint.app_template_global("export_formats")
def export_formats() -> list[tuple[str, str]]:
    """Return the formats for people to choose from: name and translated label."""
    return [(chosen.name, _(chosen.label)) for chosen in FORMATS.values()]


@blueprint.get("/crises/<slug>/export/<kind>")
@allow(EVERYONE)
@limit("30/minute", methods=("GET",))
def export_file(slug: str, kind: str) -> Response:
    """A file of what this audience may see; the list's filters choose its rows."""
    crisis = current_crisis()
    if kind not in FORMATS:
        raise Problem(404, detail=_("Formats are %(names)s.", names=", ".join(FORMATS)))
    found = _chosen(crisis, also=("hxl",))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        export(found, kind, path, lambda _rows: None, hxl=request.args.get("hxl") == "1")
        file = path.open("rb")  # stays readable when the folder is gone
    response = send_file(
        file,
        mimetype=FORMATS[kind].content_type,
        as_attachment=True,
        download_name=f"{slug}-{found.name}{FORMATS[kind].suffix}",
        etag=False,
    )
    response.headers["Cache-Control"] = "no-cache"
    return response


def _chosen(crisis: Crisis, also: Sequence[str]) -> Extract:
    store = current_store()
    found = seen(store, crisis, principal().audience(crisis.id))
    if found.is_public:
        rows = select_public_rows(found.rows, requests.public_selection(also))
    else:
        rows = select_rows(found.rows, requests.selection(also))
    return extract_rows(store, crisis, found, rows)


@blueprint.get("/crises/<slug>/incidents.atom")
@allow(EVERYONE)
def incident_feed(slug: str) -> Response:
    """What is new, as an Atom feed with GeoRSS: incidents, or the release's rows to the public."""
    crisis = current_crisis()
    found = seen(current_store(), crisis, principal().audience(crisis.id))
    entries = _release_entries(crisis, found) if found.is_public else _incident_entries(crisis)
    until = found.snapshot.data_until if found.snapshot else crisis.created_at
    feed = Feed(
        id=_page(crisis),
        title=crisis.name,
        link=request.url,
        page=_page(crisis),
        updated=max((entry.updated for entry in entries), default=until),
    )
    return _sent(feed_xml(feed, entries))


def _sent(body: bytes) -> Response:
    response = Response(body, content_type=f"{ATOM}; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response


def _page(crisis: Crisis) -> str:
    return url_for("maps.crisis_map", slug=crisis.slug, _external=True)


def _incident_entries(crisis: Crisis) -> list[Entry]:
    """Return the entries of the incidents changed last, read from the tables: a feed is about what is new."""
    requests.nothing_but(("limit", "since"))
    most, _after = requests.page()
    since = requests.one("since", moment)
    query = select(Incident).where(Incident.crisis_id == crisis.id, Incident.merged_into.is_(None))
    if since is not None:
        query = query.where(Incident.changed_at >= since.astimezone(UTC))
    with current_store().read() as session:
        newest = session.scalars(query.order_by(Incident.changed_at.desc(), Incident.id).limit(most)).all()
    return [incident_entry(incident, _page(crisis)) for incident in newest]


def _release_entries(crisis: Crisis, found: Seen) -> list[Entry]:
    selection = requests.public_selection(("limit",))
    most, _after = requests.page()
    rows = found.rows.take(select_public_rows(found.rows, selection)).to_pylist()
    newest = sorted(rows, key=lambda row: (row["week"], public_key(row)), reverse=True)[:most]
    areas = {area["area_code"]: area for area in release_areas(current_store(), found).to_pylist()}
    updated = found.snapshot.data_until if found.snapshot else datetime.now(UTC)
    return [
        release_entry(row, areas[row["area_code"]], public_key(row), _page(crisis), updated) for row in newest
    ]
