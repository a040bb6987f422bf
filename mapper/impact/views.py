"""The donors' page and its table. Whoever asks, both are made of the public release alone."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa
from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from mapper.accounts.access import EVERYONE, allow, current_crisis
from mapper.exchange.titles import damage_words
from mapper.impact.figures import Figures, figures_of
from mapper.impact.table import as_csv
from mapper.maps.requests import page_selection
from mapper.publication.gate import Seen, release_areas, seen
from mapper.publication.policy import Policy, as_json, rules
from mapper.publication.requests import public_selection
from mapper.publication.selection import PublicSelection
from mapper.store.snapshot_format import WHOLE_CRISIS
from mapper.store.tables import Crisis
from mapper.vocabulary.sectors import MULTIPLE, MULTIPLE_LABEL, SECTORS
from mapper.web.context import current_store

blueprint = Blueprint("impact", __name__)

PUBLIC_SECONDS = 60  # for which anybody may keep the table: a kill switch is felt within it


@blueprint.get("/crises/<slug>/impact")
@allow(EVERYONE)
def impact(slug: str) -> str:
    """Show verified totals by week, area and sector, and how they came about."""
    crisis = current_crisis()
    found = _release(crisis)
    chosen = page_selection(is_public=True)
    assert isinstance(chosen, PublicSelection)  # noqa: S101 - what `is_public` means
    areas = release_areas(current_store(), found)
    figures = figures_of(found.rows, areas, chosen)
    names, sectors = area_names(areas), _sectors(found)
    return render_template(
        "impact/impact.html",
        crisis=crisis,
        found=found,
        figures=figures,
        chosen=chosen,
        names=names,
        sectors=sectors,
        damage_words=damage_words,
        bars=_bars(figures),
        rules=_rules(crisis, found),
        policy=found.snapshot.policy if found.snapshot else {},
        now=current_store().clock(),
    )


@blueprint.get("/crises/<slug>/impact.csv")
@allow(EVERYONE)
def impact_csv(slug: str) -> Response:
    """Answer the release's rows that are chosen by area, sector and week; `hxl=1` adds the row of tags."""
    crisis = current_crisis()
    found = _release(crisis)
    areas = release_areas(current_store(), found)
    figures = figures_of(found.rows, areas, public_selection(also=("hxl",)))
    text = as_csv(
        figures.rows,
        area_names(areas),
        version=found.version,
        as_of=found.snapshot.policy.get("as_of", "") if found.snapshot else "",
        hxl=request.args.get("hxl", "") in ("1", "true", "on"),
    )
    response = Response(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{crisis.slug}-impact.csv"'
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def area_names(areas: pa.Table) -> dict[str, str]:
    """Return what the release's areas are called, by code."""
    found = dict(zip(areas["area_code"].to_pylist(), areas["name"].to_pylist(), strict=True))
    return found | {WHOLE_CRISIS: str(_("Several areas together"))}


def _release(crisis: Crisis) -> Seen:
    return seen(current_store(), crisis, "public")


def _sectors(found: Seen) -> dict[str, str]:
    labels = {code: str(_(sector.label)) for code, sector in SECTORS.items()}
    return labels | {MULTIPLE: str(_(MULTIPLE_LABEL))}


def _bars(figures: Figures) -> list[tuple[str, int, str]]:
    """Return label, count and words of each week's column."""
    return [
        (
            week["week"],
            week["count"],
            str(_("%(week)s: %(count)s", week=week["week"], count=week["count"])),
        )
        for week in figures.weeks
    ]


def _rules(crisis: Crisis, found: Seen) -> list[str]:
    kept: dict[str, Any] = (
        found.snapshot.policy if found.snapshot else as_json(Policy.of(crisis), current_store().clock())
    )
    return [str(_(rule.message, **rule.values)) for rule in rules(kept)]
