"""The incidents behind one number of the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mapper.planning.tally import OVERRIDDEN, VERIFIED, WAITING, Mask, encoded, is_blocked, is_one_of

KINDS = ("verified", "waiting", "override", "blocked")
MOST = 500
SHOWN = (
    "id",
    "status",
    "sector",
    "asset",
    "damage_low",
    "damage_high",
    "service_state",
    "people_affected_low",
    "people_affected_high",
    "reports",
    "sources",
    "origins",
    "happened_from",
    "first_reported_at",
    "verified_at",
)


@dataclass(frozen=True)
class Behind:
    """The worst incidents behind a number, and how many there are in all."""

    rows: Sequence[dict[str, Any]]
    count: int


def incidents_behind(rows: pa.Table, level: int, area: str | None, sector: str | None, kind: str) -> Behind:
    """Return the incidents of an area (None: in no area) that a number counts, the worst first."""
    mask = _of_kind(rows, kind) & _in_area(rows, level, area)
    if sector is not None and kind != "blocked":  # ways belong to transport, whatever sector is shown
        mask &= is_one_of(rows["sector"], {sector})
    chosen = rows.select(SHOWN).filter(pa.array(mask))
    worst = pc.sort_indices(
        chosen,
        sort_keys=[  # what is not known may be the worst
            ("damage_high", "descending", "at_start"),
            ("damage_low", "descending", "at_start"),
            ("id", "ascending", "at_start"),
        ],
    )
    return Behind(chosen.take(worst[:MOST]).to_pylist(), chosen.num_rows)


def _of_kind(rows: pa.Table, kind: str) -> Mask:
    if kind == "blocked":
        return is_blocked(rows)
    statuses = {"verified": VERIFIED, "waiting": WAITING, "override": OVERRIDDEN}[kind]
    return is_one_of(rows["status"], statuses)


def _in_area(rows: pa.Table, level: int, area: str | None) -> Mask:
    if area is not None:
        return is_one_of(rows[f"area_{level}"], {area})
    places, _codes = encoded(rows[f"area_{level}"])
    found: Mask = np.asarray(places < 0)
    return found
