"""The map in other sites' pages: one page of the public release for a frame, and oEmbed that offers it.

Whoever asks, and however signed in, it is the public's: a frame of another site must never hold more. The
page runs no script and sets no cookie; which sites may frame it is `MAPPER_EMBED_SITES`, none by default.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import orjson
from flask import Blueprint, Response, g, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import escape

from mapper.accounts.access import EVERYONE, allow, current_crisis
from mapper.exchange.extract import extract_rows
from mapper.exchange.paper_map import paper_map
from mapper.publication import requests
from mapper.publication.gate import seen
from mapper.publication.selection import select_public_rows
from mapper.store.crises import crisis_by_slug
from mapper.store.tables import Crisis
from mapper.vocabulary.damage import CLASSES
from mapper.web.context import current_settings, current_store
from mapper.web.errors import Problem
from mapper.web.headers import content_security_policy

PUBLIC_SECONDS = 60  # below the five minutes within which a blanked crisis must be gone everywhere
WIDTH, HEIGHT = 640, 560  # pixels, where the asker has no limits
PAGE_OF_CRISIS = re.compile(r"/crises/([a-z0-9-]{1,64})(?:/embed)?/?")

blueprint = Blueprint("embeds", __name__)


@blueprint.get("/crises/<slug>/embed")
@allow(EVERYONE)
def embed(slug: str) -> Response:
    """The release as a map and its figures, for a frame in pages of the sites that the operator allows."""
    g.sets_no_cookie = True
    crisis, store = current_crisis(), current_store()
    found = seen(store, crisis, "public")
    rows = select_public_rows(found.rows, requests.public_selection())
    extract = extract_rows(store, crisis, found, rows)
    count = sum(found.rows.take(rows)["count"].to_pylist())
    page = render_template(
        "exchange/embed.html",
        crisis=crisis,
        found=found,
        map=paper_map(extract),
        count=count,
        grades=[(grade, _(label)) for grade, label in CLASSES.items()],
    )
    response = Response(page, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.headers["Content-Security-Policy"] = _policy()
    return response


def _policy() -> str:
    """The site's policy without scripts, open to the frames of the sites in the settings."""
    sites = " ".join(current_settings().embed_site_list) or "'none'"
    closed = content_security_policy().replace("script-src 'self'", "script-src 'none'")
    return closed.replace("frame-ancestors 'none'", f"frame-ancestors {sites}")


@blueprint.get("/oembed")
@allow(EVERYONE)
def oembed() -> Response:
    """What oEmbed 1.0 answers about the address of a public map: the frame to show it in."""
    kind = request.args.get("format", "json")
    if kind not in ("json", "xml"):
        raise Problem(501, detail=_("format is json or xml."))
    crisis = _crisis_at(request.args.get("url", ""))
    described = _described(crisis, _limit("maxwidth", WIDTH), _limit("maxheight", HEIGHT))
    body = orjson.dumps(described) if kind == "json" else _xml(described)
    response = Response(
        body, content_type="application/json" if kind == "json" else "text/xml; charset=utf-8"
    )
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response


def _crisis_at(address: str) -> Crisis:
    """Return the crisis whose public map lies at `address`; a 404 problem where there is none to show."""
    asked, own = urlsplit(address), urlsplit(current_settings().public_url)
    match = PAGE_OF_CRISIS.fullmatch(asked.path)
    is_ours = (asked.scheme, asked.netloc) == (own.scheme, own.netloc)
    with current_store().read() as session:
        crisis = crisis_by_slug(session, match[1]) if match and is_ours else None
    if crisis is None or not current_settings().embed_site_list:
        raise Problem(404, detail=_("There is no map at this address that may be embedded."))
    seen(current_store(), crisis, "public")  # 404 while its public side is switched off
    return crisis


def _limit(name: str, usual: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 100_000):
        raise Problem(400, detail=_("%(name)s: Give a whole number of pixels.", name=name))
    return min(usual, int(text))


def _described(crisis: Crisis, width: int, height: int) -> dict[str, Any]:
    own = current_settings().public_url.rstrip("/")
    address = f"{own}{url_for('embeds.embed', slug=crisis.slug)}"
    frame = (
        f'<iframe src="{escape(address)}" width="{width}" height="{height}" title="{escape(crisis.name)}" '
        'style="border:0" loading="lazy" sandbox="allow-popups" referrerpolicy="no-referrer"></iframe>'
    )
    return {
        "version": "1.0",
        "type": "rich",
        "title": crisis.name,
        "provider_name": "Damage mapper",
        "provider_url": own,
        "cache_age": PUBLIC_SECONDS,
        "width": width,
        "height": height,
        "html": frame,
    }


def _xml(described: dict[str, Any]) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in described.items():
        ElementTree.SubElement(root, name).text = str(value)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
