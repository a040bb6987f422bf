"""What the map page is made of: the shell, its settings and words, and the rows it shows by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from flask import current_app, request, url_for
from flask_babel import gettext as _

from mapper.accounts.access import principal
from mapper.layers.background import ASSESSMENT, POPULATION, in_force
from mapper.maps.background import activity_sources, layer_choices
from mapper.maps.basemap import Basemap
from mapper.maps.boundaries import levels
from mapper.maps.ground_choices import ground_choices
from mapper.maps.listing import area_rows, newest_incidents, one_incident, release_rows, sector_label
from mapper.maps.requests import page_selection
from mapper.maps.seen import Seen, index_of, release_areas
from mapper.maps.shell import Shell, compose
from mapper.maps.words import control_words, texts
from mapper.publication.policy import Policy, as_json, rules
from mapper.publication.selection import PublicSelection
from mapper.store.snapshot_format import WHOLE_CRISIS
from mapper.store.tables import Crisis, Layer
from mapper.vocabulary.damage import CLASSES
from mapper.vocabulary.sectors import MULTIPLE, SECTORS
from mapper.vocabulary.states import STATES, VERIFIERS
from mapper.web.context import current_store
from mapper.web.locale import language, moment, text_direction


def page_of(crisis: Crisis, found: Seen, basemap: Basemap | None) -> dict[str, Any]:
    """Return what the template of the map page needs."""
    chosen = page_selection(is_public=found.is_public)
    names = _area_names(release_areas(current_store(), found)) if found.is_public else {}
    return {
        "crisis": crisis,
        "found": found,
        "chosen": chosen,
        "shell": _shell(found),
        "settings": _settings(crisis, found, basemap) | {"names": names},
        "texts": texts(),
        "now": current_store().clock(),
        "sectors": {
            code: sector_label(code) for code in (*SECTORS, *([MULTIPLE] if found.is_public else []))
        },
        "states": {str(state): _(entry.label) for state, entry in STATES.items()},
        "grades": {grade: _(label) for grade, label in CLASSES.items()},
        "clocks": [
            ("happened", _("it happened")),
            ("reported", _("it was reported")),
            ("verified", _("it was verified")),
        ],
        "shown_by": [("damage", _("Damage")), ("sector", _("Sector")), ("status", _("State"))],
        "marks": _marks(),
        "population": _population(crisis),
        "activity_sources": [] if found.is_public else _activity_sources(crisis),
        **(_release_words(crisis, found) if found.is_public else {}),
        **_rows(found, chosen, names),
    }


def _release_words(crisis: Crisis, found: Seen) -> dict[str, Any]:
    """The release's rules in plain words, and when it changes next."""
    now, policy = current_store().clock(), Policy.of(crisis)
    kept = found.snapshot.policy if found.snapshot else as_json(policy, now)
    if policy.is_conflict:
        due = policy.released_last(now) + timedelta(days=1)
        coming = _(
            "The next numbers come at %(when)s at the earliest.",
            when=moment(due, crisis.timezone, "d MMM y, HH:mm"),
        )
    else:
        coming = _("New numbers appear within minutes of enough incidents being verified.")
    return {"rules": [_(rule.message, **rule.values) for rule in rules(kept)], "next_release": coming}


def _population(crisis: Crisis) -> Layer | None:
    """The population layer that shares are worked out from, the one loaded last."""
    with current_store().read() as session:
        return next(reversed(in_force(session, crisis.id, POPULATION)), None)


def _activity_sources(crisis: Crisis) -> list[dict[str, Any]]:
    with current_store().read() as session:
        return activity_sources(session, crisis.id)


def _area_names(areas: pa.Table) -> dict[str, str]:
    found = dict(zip(areas["area_code"].to_pylist(), areas["name"].to_pylist(), strict=True))
    return found | {WHOLE_CRISIS: _("Several areas together")}


def _clocks() -> list[tuple[str, str]]:
    return [
        ("happened", _("it happened")),
        ("reported", _("it was reported")),
        ("verified", _("it was verified")),
    ]


def _marks() -> list[tuple[str, str, str]]:
    """State, service and words of the legend's outlines and marks."""
    return [
        ("verified", "", _("Verified by two people")),
        ("new", "", _("Not verified")),
        ("disputed", "", _("Disputed")),
        ("override", "", _("Emergency override by one person")),
        ("false", "", _("False or retracted")),
        ("new", "out", _("Out of service")),
        ("new", "partial", _("Partly working")),
    ]


def _sector_codes(found: Seen) -> list[str]:
    return [*SECTORS, MULTIPLE] if found.is_public else list(SECTORS)


def _shell(found: Seen) -> Shell:
    assets = (_asset("vendor/leaflet.js"), _asset("vendor/leaflet.css"))
    rightwards = text_direction() == "ltr"
    return compose(control_words(), assets, rightwards=rightwards, with_incidents=not found.is_public)


def _settings(crisis: Crisis, found: Seen, basemap: Basemap | None) -> dict[str, Any]:
    """What the scripts need to know; nothing in it is secret or was written by a stranger."""
    with current_store().read() as session:
        loaded = [1] if found.is_public else levels(session, crisis.id)
    return {
        "audience": "public" if found.is_public else "internal",
        "language": language(),
        "timezone": "UTC" if found.is_public else crisis.timezone,
        "bounds": [crisis.west, crisis.south, crisis.east, crisis.north],
        "levels": loaded,
        "tiles": tile_template(crisis.slug),
        "areas": unquote(url_for("maps.areas", slug=crisis.slug, level="{level}")),
        "summary": url_for("maps.summary", slug=crisis.slug),
        "incidents": url_for("exchange.incident_list", slug=crisis.slug),
        "case": f"/crises/{crisis.slug}/verify/{{id}}" if VERIFIERS & principal().roles(crisis.id) else None,
        "world": _asset("vendor/world-land.json"),
        "basemap": _basemap(basemap),
        "grounds": ground_choices(),
        "layers": [] if found.is_public else _own_layers(crisis),
        "activities": url_for("background.activities", slug=crisis.slug),
    }


def _own_layers(crisis: Crisis) -> list[dict[str, Any]]:
    """The layers an operator loaded, with the addresses of their tiles and of what lies in a box."""
    with current_store().read() as session:
        choices = layer_choices(session, crisis.id)
    for choice in choices:
        found = url_for("background.layer_features", slug=crisis.slug, layer_id=choice["id"])
        choice["features"], choice["tiles"] = found, found.removesuffix("features") + "{z}/{x}/{y}.mvt"
        if choice["kind"] == ASSESSMENT:
            choice["agreement"] = found.removesuffix("features") + "agreement"
    return choices


def _basemap(found: Basemap | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"url": url_for("maps.basemap_file"), "kind": found.kind, "maxZoom": found.max_zoom}


def _asset(name: str) -> str:
    """The address of a built asset, as templates get it."""
    address: Callable[[str], str] = current_app.jinja_env.globals["asset"]  # type: ignore[assignment]
    return address(name)


def tile_template(slug: str, *, external: bool = False) -> str:
    """Return the address of tiles with {z}, {x} and {y} in it."""
    places = {"zoom": "{z}", "x": "{x}", "y": "{y}"}
    return unquote(url_for("maps.incident_tiles", slug=slug, **places, _external=external))


def _rows(found: Seen, chosen: Any, names: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(chosen, PublicSelection):
        return {
            "areas": area_rows(found.rows, names, chosen),
            "release": release_rows(found.rows, names, chosen),
            "weeks": sorted(set(found.rows["week"].to_pylist()), reverse=True),
        }
    asked, index = request.args.get("incident", ""), index_of(current_store(), found)
    return {
        "incidents": newest_incidents(index, chosen),
        "incident": one_incident(index, asked) if asked else None,
    }
