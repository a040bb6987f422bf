"""The situation sheet as PDF: what is known, by sector and area, with a map; right-to-left where read so.

Everything in it is counted from the extract; WeasyPrint sets it. Fonts are those of the site, from disk.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from flask import render_template
from flask_babel import gettext as _

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.paper_map import paper_map
from mapper.store.snapshot_format import WHOLE_CRISIS
from mapper.vocabulary.damage import CLASSES, UNKNOWN_LABEL
from mapper.vocabulary.sectors import MULTIPLE, MULTIPLE_LABEL, SECTORS
from mapper.vocabulary.states import STATES, State
from mapper.web.assets import STATIC
from mapper.web.locale import language, text_direction

MEDIA = STATIC / "build" / "media"
FONT_FILE = re.compile(r"(noto-(?:sans|naskh-arabic))-[a-z-]+?-(400|600)-normal-\w+\.woff2")
FAMILIES = {"noto-sans": "Noto Sans", "noto-naskh-arabic": "Noto Naskh Arabic"}
MOST_AREAS = 40


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, how many, and how many of each grade (None: not known)."""

    label: str
    count: int
    grades: Mapping[int | None, int]


def write_pdf(found: Extract, path: Path, advance: Advance) -> None:
    """Write the sheet, tagged and in the language in force."""
    html = render_template(
        "exchange/paper.html",
        crisis=found.crisis,
        found=found,
        language=language(),
        direction=text_direction(),
        map=paper_map(found),
        tables=_tables(found),
        figures=_figures(found),
        grades=[(grade, _(label)) for grade, label in CLASSES.items()],
        unknown=_(UNKNOWN_LABEL),
    )
    set_pdf(html, path)
    advance(len(found.rows))


def set_pdf(html: str, path: Path) -> None:
    """Set a page in the style of the sheet; pictures must be in it as data, and nothing is fetched."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    own_files, nothing = URLFetcher(allowed_protocols=["file"]), URLFetcher(allowed_protocols=["data"])
    style = _fonts() + (STATIC / "exchange" / "paper.css").read_text(encoding="utf-8")
    sheet = CSS(string=style, font_config=fonts, url_fetcher=own_files)
    page = HTML(string=html, url_fetcher=nothing)  # whatever a name contains, nothing is fetched for it
    page.write_pdf(str(path), stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")


def _fonts() -> str:
    """Return the faces of the fonts that the front-end build left on disk."""
    faces = []
    for file in sorted(MEDIA.glob("*.woff2")):
        match = FONT_FILE.fullmatch(file.name)
        if match is not None:
            family, weight = FAMILIES[match[1]], match[2]
            faces.append(
                f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
                f'src: url("{file.as_uri()}") }}'
            )
    return "\n".join(faces)


def _figures(found: Extract) -> list[tuple[str, int]]:
    rows = found.seen.rows.take(found.rows)
    if found.seen.is_public:
        return [
            (_("Verified incidents counted"), sum(rows["count"].to_pylist())),
            (_("Areas"), len(set(rows["area_code"].to_pylist()))),
            (_("Weeks"), len(set(rows["week"].to_pylist()))),
        ]
    states = Counter(rows["status"].to_pylist())
    return [
        (_("Incidents"), rows.num_rows),
        (_(STATES[State.VERIFIED].label), states["verified"]),
        (_("Out of service"), Counter(rows["service_state"].to_pylist())["out"]),
        (_("Without a place yet"), rows["lon_e7"].null_count),
    ]


def _tables(found: Extract) -> list[tuple[str, Sequence[Row], bool]]:
    """Return each table: its heading, its rows and whether they are counted by grade."""
    rows = found.seen.rows.take(found.rows)
    if found.seen.is_public:
        names = dict(zip(found.areas["area_code"].to_pylist(), found.areas["name"].to_pylist(), strict=True))
        names[WHOLE_CRISIS] = _("Several areas together")
        return [
            (_("By sector"), _summed(rows, "sector", _sector), False),
            (_("By area"), _summed(rows, "area_code", lambda code: names[code]), False),
            (_("By week"), _summed(rows, "week", str), False),
        ]
    tables = [
        (_("By sector"), _graded(rows, "sector", _sector), True),
        (_("By area"), _graded(rows, "area_1", lambda code: code or _("Area not known"))[:MOST_AREAS], True),
    ]
    states = _graded(rows, "status", lambda code: _(STATES[code].label) if code in STATES else str(code))
    return [*tables, (_("By state"), states, True)]


def _sector(code: str) -> str:
    return str(_(MULTIPLE_LABEL if code == MULTIPLE else SECTORS[code].label))


def _graded(rows: pa.Table, name: str, label: Any) -> list[Row]:
    """Count rows of an internal snapshot by a column, the largest first, and by their worst grade."""
    found: dict[Any, Counter[int | None]] = {}
    for value, grade in zip(rows[name].to_pylist(), rows["damage_high"].to_pylist(), strict=True):
        found.setdefault(value, Counter())[grade] += 1
    made = [Row(label(value), sum(grades.values()), grades) for value, grades in found.items()]
    return sorted(made, key=lambda row: (-row.count, row.label))


def _summed(rows: pa.Table, name: str, label: Any) -> list[Row]:
    """Sum rows of a release by a column, the largest first."""
    sums: Counter[str] = Counter()
    for value, count in zip(rows[name].to_pylist(), rows["count"].to_pylist(), strict=True):
        sums[value] += count
    return [Row(label(value), count, {}) for value, count in sums.most_common()]
