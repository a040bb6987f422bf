"""Vectorised selections choose what a plain loop would choose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from mapper.publication.selection import PublicSelection, Selection, select_public_rows, select_rows
from mapper.store.snapshot_format import PUBLIC_ROWS

from tests.publication.tables import internal

DAY = datetime(2026, 2, 1, tzinfo=UTC)
SECTORS = ["housing", "health", "water"]
days = st.integers(0, 9).map(lambda n: DAY + timedelta(days=n))
degrees = st.integers(-18, 18).map(lambda n: n * 10.0)
incidents = st.fixed_dictionaries(
    {
        "sector": st.sampled_from(SECTORS),
        "status": st.sampled_from(["new", "verified"]),
        "damage_low": st.none() | st.integers(0, 5),
        "happened_from": st.none() | days,
        "happened_to": st.none() | days,
        "verified_at": st.none() | days,
        "area_1": st.none() | st.sampled_from(["A1", "B1"]),
        "area_2": st.none() | st.sampled_from(["A11", "B11"]),
        "place": st.none() | st.tuples(degrees, st.integers(-9, 9).map(lambda n: n * 10.0)),
    }
)
selections = st.builds(
    Selection,
    bbox=st.none()
    | st.tuples(degrees, degrees, degrees, degrees).map(
        lambda b: (b[0], max(-90, min(b[1], b[3])), b[2], min(90, max(b[1], b[3])))
    ),
    sectors=st.frozensets(st.sampled_from(SECTORS), max_size=2),
    statuses=st.frozensets(st.sampled_from(["new", "false"]), max_size=1),
    areas=st.frozensets(st.sampled_from(["A1", "B11"]), max_size=2),
    min_grade=st.none() | st.integers(0, 5),
    since=st.none() | days,
    until=st.none() | days,
    clock=st.sampled_from(["happened", "verified"]),
)


def row_of(incident: dict[str, Any]) -> dict[str, Any]:
    """Return an incident as the snapshot holds it."""
    row = {key: value for key, value in incident.items() if key != "place"}
    if incident["place"]:
        row["lon_e7"], row["lat_e7"] = (round(value * 1e7) for value in incident["place"])
    return row


def is_chosen(incident: dict[str, Any], wanted: Selection) -> bool:
    """The rules of `Selection`, one incident at a time."""
    if wanted.bbox:
        if not incident["place"]:
            return False
        west, south, east, north = wanted.bbox
        lon, lat = incident["place"]
        inside = west <= lon <= east if west <= east else lon >= west or lon <= east
        if not (inside and south <= lat <= north):
            return False
    for key, values in (("sector", wanted.sectors), ("status", wanted.statuses)):
        if values and incident[key] not in values:
            return False
    if wanted.areas and not {incident["area_1"], incident["area_2"]} & wanted.areas:
        return False
    if wanted.min_grade is not None and (
        incident["damage_low"] is None or incident["damage_low"] < wanted.min_grade
    ):
        return False
    if wanted.since or wanted.until:
        start = incident["happened_from" if wanted.clock == "happened" else "verified_at"]
        end = (incident["happened_to"] or start) if wanted.clock == "happened" else start
        if start is None or (wanted.until and start > wanted.until) or (wanted.since and end < wanted.since):
            return False
    return True


@given(st.lists(incidents, max_size=8), selections)
def test_selections_match_a_plain_loop(rows: list[dict[str, Any]], wanted: Selection) -> None:
    table = internal([row_of(row) for row in rows])
    assert select_rows(table, wanted).tolist() == [n for n, row in enumerate(rows) if is_chosen(row, wanted)]


def test_a_slice_is_filtered_as_well() -> None:
    table = internal([{"sector": sector, "damage_low": 3} for sector in SECTORS * 2])
    assert select_rows(table.slice(2, 3), Selection(sectors=frozenset({"health"}), min_grade=1)).tolist() == [
        2
    ]


def test_public_rows_are_chosen_by_area_sector_and_week() -> None:
    rows = [("A1", "housing", "2026-W06"), ("A1", "health", "2026-W06"), ("B1", "housing", "2026-W07")]
    columns = {
        "area_code": [r[0] for r in rows],
        "sector": [r[1] for r in rows],
        "week": [r[2] for r in rows],
    }
    table = pa.table(
        {name: pa.array(values, PUBLIC_ROWS.field(name).type) for name, values in columns.items()}
    )
    assert select_public_rows(table, PublicSelection()).tolist() == [0, 1, 2]
    assert select_public_rows(table, PublicSelection(sectors=frozenset({"housing"}))).tolist() == [0, 2]
    chosen = PublicSelection(
        areas=frozenset({"A1", "X"}), weeks=frozenset({"2026-W06"}), sectors=frozenset({"health"})
    )
    assert select_public_rows(table, chosen).tolist() == [1]
