"""A satellite's assessment beside ground reports: where they agree, and who says worse where they do not.

An incident is held against the nearest assessed place within `METRES`. Both are intervals of one scale:
they agree where these share a grade. Nothing is concluded from what one side does not know, nor from an
assessment that only calls damage possible.

What a row of an assessment says is found by its headings and the crosswalk's words, for Copernicus EMS,
UNOSAT, xBD and this project's own scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from mapper.maps.background_tiles import Things, degrees_of, world_positions
from mapper.vocabulary.crosswalk import CERTAIN, Graded, to_interval

METRES = 50
ROUND_THE_EARTH = 40_075_016.686  # metres, of web mercator's sphere at the equator
POINTS_AT_MOST = 500
SCALES = ("copernicus", "copernicus_2016", "unosat", "xbd")
SPEAKS_OF_DAMAGE = ("damag", "grading", "subtype")
AGREE, GROUND_HIGHER, SATELLITE_HIGHER = "agree", "ground_higher", "satellite_higher"
VERDICTS = (AGREE, GROUND_HIGHER, SATELLITE_HIGHER)

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Compared:
    """Incidents that could be compared: their rows, the places, and each verdict's number in `VERDICTS`."""

    rows: Numbers
    places: Numbers
    verdicts: Numbers


def grade_said(properties: Mapping[str, Any]) -> Graded | None:
    """Return what a row of an assessment says for certain; None where it says nothing."""
    for heading, value in properties.items():
        name = heading.casefold()
        if not any(part in name for part in SPEAKS_OF_DAMAGE):
            continue
        scales = ("damage_grade",) if name == "damage_grade" else SCALES
        found = (to_interval(scale, str(value)) for scale in scales if not _is_bare(value, scale, name))
        for graded in found:
            if graded.low is not None and graded.confidence == CERTAIN:
                return graded
    return None


def _is_bare(value: Any, scale: str, name: str) -> bool:
    """A number alone is a class only where the heading names the scale."""
    return str(value).strip().isdigit() and scale != "damage_grade" and "site_class" not in name


def compare(rows: pa.Table, things: Things) -> Compared:
    """Hold the rows of an internal snapshot against the assessed places."""
    said = [grade_said(properties) for properties in things.properties]
    places = np.flatnonzero([graded is not None for graded in said] & things.is_place)
    known = _known(rows)
    if len(places) == 0 or len(known) == 0:
        return Compared(*(np.empty(0, np.int64) for _ in range(3)))
    degrees = np.column_stack([_numbers(rows, name)[known] / 1e7 for name in ("lon_e7", "lat_e7")])
    reach = METRES / (ROUND_THE_EARTH * np.cos(np.radians(np.abs(degrees[:, 1]).clip(max=85))))
    tree = shapely.STRtree(things.geometries[places])
    (own, nearest), distance = tree.query_nearest(
        shapely.points(world_positions(degrees)),
        max_distance=float(reach.max()),
        return_distance=True,
        all_matches=False,
    )
    near = distance <= reach[own]
    found, against = known[own[near]], places[nearest[near]]
    low, high = (_numbers(rows, name)[found] for name in ("damage_low", "damage_high"))
    theirs = np.array([(said[place].low, said[place].high) for place in against], np.int64).reshape(-1, 2)
    verdicts = np.where(low > theirs[:, 1], 1, np.where(high < theirs[:, 0], 2, 0))
    return Compared(found, against, verdicts)


def described(rows: pa.Table, things: Things, found: Compared, level: int) -> dict[str, Any]:
    """Return a comparison's sums, altogether and by area of a level, and places: disagreement first."""
    order = np.argsort(found.verdicts == 0, kind="stable")[:POINTS_AT_MOST]
    return {
        "metres": METRES,
        **_sums(found.verdicts),
        "areas": _by_area(rows, found, level),
        "points": [
            {
                "verdict": VERDICTS[found.verdicts[n]],
                "position": degrees_of(things.geometries[found.places[n]]),
            }
            for n in order
        ],
        "points_left_out": max(0, len(found.verdicts) - POINTS_AT_MOST),
    }


def _by_area(rows: pa.Table, found: Compared, level: int) -> list[dict[str, Any]]:
    column = f"area_{level}"
    if column not in rows.column_names:
        return []
    codes = np.array(rows.column(column).take(found.rows).to_pylist(), object)
    names: Sequence[str] = sorted({code for code in codes if code})
    return [{"code": code, **_sums(found.verdicts[codes == code])} for code in names]


def _sums(verdicts: Numbers) -> dict[str, int]:
    return {verdict: int((verdicts == number).sum()) for number, verdict in enumerate(VERDICTS)}


def _known(rows: pa.Table) -> Numbers:
    """Rows with a position and a grade."""
    has = rows.column("damage_low").is_valid().to_numpy() & (_numbers(rows, "cell_key") >= 0)
    return np.flatnonzero(has)


def _numbers(rows: pa.Table, name: str) -> Numbers:
    filled: Numbers = rows.column(name).fill_null(0).to_numpy().astype(np.int64)
    return filled
