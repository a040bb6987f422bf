"""Outlines of real boundaries, and partitions of layers in every form they come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from mapper.layers.service import add_areas
from mapper.publication.areas import KnownArea, area_table, known_areas, partition_of
from mapper.publication.partition import Partition
from mapper.store.snapshot_format import WHOLE_CRISIS
from mapper.store.store import Store


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "bbox", "provinces"),
    [
        ("HTI_adm1", (-75, 17, -71, 21), 10),
        ("HTI_adm3", (-75, 17, -71, 21), 10),  # provinces are the unions of their communes
        ("UKR_adm1", (22, 44, 41, 53), 27),
        ("NPL_adm2", (80, 26, 89, 31), 7),
    ],
)
def test_real_boundaries(
    shared: Path, sqlite_store: Store, make_crisis: Any, file: str, bbox: Any, provinces: int
) -> None:
    crisis = make_crisis(sqlite_store, bbox=bbox)
    add_areas(sqlite_store, crisis, shared / "admin-boundaries" / f"{file}.geojson")
    with sqlite_store.read() as session:
        known = known_areas(session, crisis.id)
        partition = partition_of(known, 1)
        table = area_table(session, crisis, known, partition, [])
    rows = {row["area_code"]: shapely.from_wkb(row["geometry"]) for row in table.to_pylist()}
    assert len(rows) == provinces + 1
    assert all(outline.is_valid and outline.area > 0.001 for outline in rows.values())
    whole = rows.pop(WHOLE_CRISIS)
    assert sum(outline.area for outline in rows.values()) == pytest.approx(whole.area, rel=0.001)
    assert all(json.loads(codes)["1"] in rows for codes in table["area_codes"].to_pylist() if codes != "{}")


def area(code: str, level: int, **parents: str) -> KnownArea:
    """Return an area; `l0="X"` names the one above it at level 0."""
    return KnownArea(code, level, {}, {name[1:]: parent for name, parent in parents.items()})


def test_one_country_is_no_level_to_merge_into() -> None:
    partition = partition_of([area("A1", 1, l0="A"), area("A2", 1, l0="A")], 1)
    assert partition == Partition(1, {"A1": 1, "A2": 1}, {})
    assert [(key.area, key.sector) for key in partition.keys("A1", "food", "2026-W01")] == [
        ("A1", "food"),
        ("A1", "multiple"),
        (WHOLE_CRISIS, "food"),
        (WHOLE_CRISIS, "multiple"),
    ]


def test_several_countries_are() -> None:
    known = [area("A11", 2, l1="A1", l0="A"), area("B11", 2, l1="B1", l0="B")]
    partition = partition_of(known, 1)
    assert partition.levels == {"A1": 1, "B1": 1, "A": 0, "B": 0}
    assert [key.area for key in partition.keys("B1", "multiple", "2026-W01")] == ["B1", "B", WHOLE_CRISIS]


def test_where_an_incident_is_counted() -> None:
    partition = partition_of([area("A1", 1, l0="A"), area("B1", 1, l0="B")], 1)
    assert partition.area_of({"0": "A", "1": "A1", "2": "A11"}, 1.0, 1.0) == "A1"
    assert partition.area_of({"0": "A", "1": "gone"}, 1.0, 1.0) == "A"
    assert partition.area_of(None, 1.0, 1.0) == WHOLE_CRISIS
    cells = partition_of([], 1)
    near = {cells.area_of(None, 30.0 + n / 1000, 50.0) for n in range(5)}
    assert len(near) == 1
    assert cells.area_of(None, None, None) == WHOLE_CRISIS
