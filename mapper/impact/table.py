"""The release's rows as CSV, with what they were made under beside each."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from mapper.exchange.sheets import HXL, inert

COLUMNS = ("week", "area_code", "area_name", "sector", "count", "damage_low", "damage_high")
AROUND = {"version": "#meta+version", "as_of": "#date+updated"}


def as_csv(
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    *,
    version: int,
    as_of: str,
    hxl: bool = False,
) -> str:
    """Return rows of a release as UTF-8 text; what is not known is empty. `names` are those of areas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *AROUND])
    if hxl:
        writer.writerow([*(HXL[name] for name in COLUMNS), *AROUND.values()])
    for row in rows:
        cells = dict(row) | {"area_name": names.get(row["area_code"], row["area_code"])}
        writer.writerow([_safe(cells[name]) for name in COLUMNS] + [version, as_of])
    return text.getvalue()


def _safe(cell: Any) -> Any:
    return inert(cell) if isinstance(cell, str) else cell
