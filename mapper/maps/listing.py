"""The rows that the map page shows before any script runs, with the words they are shown in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from flask_babel import gettext as _

from mapper.maps.release_tiles import sums_by_area
from mapper.publication.bitmaps import Index, rows_of
from mapper.publication.selection import PublicSelection, Selection, select_public_rows
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.damage import CLASSES, UNKNOWN_LABEL
from mapper.vocabulary.sectors import MULTIPLE, MULTIPLE_LABEL, SECTORS
from mapper.vocabulary.services import SERVICE_STATES
from mapper.vocabulary.states import STATES, State

FIRST_INCIDENTS = 100
FIRST_RELEASE_ROWS = 500
SHOWN_COLUMNS = (
    "id",
    "status",
    "sector",
    "asset",
    "damage_low",
    "damage_high",
    "service_state",
    "reports",
    "sources",
    "origins",
    "happened_from",
    "first_reported_at",
    "verified_at",
    "position_accuracy_m",
    "lon_e7",
    "lat_e7",
)

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Listed:
    """A list's first rows and how many there are altogether."""

    rows: Sequence[Mapping[str, Any]]
    count: int


def newest_incidents(index: Index, selection: Selection) -> Listed:
    """Return the incidents reported last among a selection, with the words they are shown in."""
    chosen = [rows_of(part.chosen(selection, part.everything()), part.everything()) for part in index.parts]
    parts = zip(index.parts, chosen, strict=True)
    newest = _newest(pa.concat_tables([_newest(part.rows, rows) for part, rows in parts]), None)
    return Listed([_incident(row) for row in newest.to_pylist()], sum(map(len, chosen)))


def _newest(table: pa.Table, among: Rows | None) -> pa.Table:
    """Return the rows to be shown that were reported last, of some or all rows."""
    reported = table.select(["first_reported_at"])
    reported = reported if among is None else reported.take(among)
    newest = pc.select_k_unstable(reported, FIRST_INCIDENTS, [("first_reported_at", "descending")]).to_numpy()
    return table.select(SHOWN_COLUMNS).take(newest if among is None else among[newest])


def one_incident(index: Index, incident_id: str) -> Mapping[str, Any] | None:
    """Return one incident with the words it is shown in; None where this audience sees no such one."""
    for part in index.parts:
        row = pc.index(part.rows["id"], incident_id).as_py()
        if row >= 0 and part.holds(row):
            return _incident(part.rows.select(SHOWN_COLUMNS).slice(row, 1).to_pylist()[0])
    return None


def release_rows(table: pa.Table, areas: Mapping[str, str], selection: PublicSelection) -> Listed:
    """Return the release's rows among a selection: by area, the newest week first."""
    chosen = table.take(select_public_rows(table, selection))
    by_area = sorted(chosen.to_pylist(), key=lambda row: (row["area_code"], row["sector"]))
    newest_first = sorted(by_area, key=lambda row: row["week"], reverse=True)
    rows = [
        row
        | {
            "area": areas.get(row["area_code"], row["area_code"]),
            "sector_label": sector_label(row["sector"]),
            "damage_label": damage_label(row["damage_low"], row["damage_high"]),
        }
        for row in newest_first[:FIRST_RELEASE_ROWS]
    ]
    return Listed(rows, chosen.num_rows)


def area_rows(table: pa.Table, areas: Mapping[str, str], selection: PublicSelection) -> Listed:
    """Return the sums of the release by area among a selection, the largest first."""
    sums = sums_by_area(table.take(select_public_rows(table, selection)))
    rows = [
        {
            "code": area.code,
            "area": areas.get(area.code, area.code),
            "count": area.count,
            "damage_low": area.damage_low,
            "damage_high": area.damage_high,
            "damage_label": damage_label(area.damage_low, area.damage_high),
        }
        for area in sorted(sums, key=lambda area: -area.count)
    ]
    return Listed(rows, sum(area.count for area in sums))


def sector_label(code: str) -> str:
    """Return a sector's name, translated."""
    if code == MULTIPLE:
        return str(_(MULTIPLE_LABEL))
    return str(_(SECTORS[code].label)) if code in SECTORS else code


def damage_label(low: int | None, high: int | None) -> str:
    """Return an interval of damage in words."""
    if low is None or high is None:
        return str(_(UNKNOWN_LABEL))
    return str(_(CLASSES[low])) if low == high else f"{_(CLASSES[low])} – {_(CLASSES[high])}"


def _kind(sector: str) -> str:
    return str(_("Incident")) if sector == "unknown" else sector_label(sector)


def _incident(row: Mapping[str, Any]) -> dict[str, Any]:
    asset = ASSETS.get(row["asset"] or "")
    service = row["service_state"]
    return {
        **row,
        "title": _(asset.label) if asset else _kind(row["sector"]),
        "sector_label": sector_label(row["sector"]),
        "status_label": _(STATES[State(row["status"])].label),
        "damage_label": damage_label(row["damage_low"], row["damage_high"]),
        "service_label": _(SERVICE_STATES[service]) if service in SERVICE_STATES else "",
    }
