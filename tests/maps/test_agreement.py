"""An assessment beside incidents: who agrees, who says worse, and what cannot be compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.layers.background import add_rows, in_force
from mapper.maps.agreement import grade_said
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

from tests.maps.conftest import write_incidents
from tests.maps.rows import incident_rows


@pytest.mark.parametrize(
    ("properties", "interval"),
    [
        ({"damage_gra": "Destroyed"}, (4, 5)),
        ({"Main_Damage_Site_Class": "3"}, (2, 3)),
        ({"damage_grade": 2}, (2, 2)),
        ({"damage_gra": "No visible damage"}, (0, 1)),
        ({"subtype": "major-damage"}, (3, 4)),
        ({"damage_gra": "Possibly damaged"}, None),
        ({"damaged_buildings": "3"}, None),
        ({"name": "Destroyed"}, None),
        ({}, None),
    ],
)
def test_what_a_row_says(properties: dict[str, Any], interval: tuple[int, int] | None) -> None:
    found = grade_said(properties)
    assert (found and (found.low, found.high)) == interval


@pytest.fixture
def address(sqlite_store: Store, coast: Crisis, tmp_path: Path) -> str:
    """Four incidents, three of them beside an assessed place."""
    table = incident_rows(
        [-72.30, -72.31, -72.32, -72.33],
        [18.5] * 4,
        damage_low=[4, 4, 0, None],
        damage_high=[5, 4, 1, None],
        area_1=["HT01", "HT01", "HT02", "HT01"],
    )
    write_incidents(sqlite_store, coast, table)
    said = {-72.3001: "Destroyed", -72.3101: "No visible damage", -72.3202: "Damaged", -72.3301: "Destroyed"}
    rows = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [longitude, 18.5]},
            "properties": {"damage_gra": grade},
        }
        for longitude, grade in said.items()
    ]
    (tmp_path / "emsr.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    added = add_rows(sqlite_store, coast, "assessment", tmp_path / "emsr.geojson")
    assert added.rows == 4
    with sqlite_store.read() as session:
        return f"/crises/coast/layers/{in_force(session, coast.id, 'assessment')[0].id}/agreement"


def test_agreement_altogether_and_by_area(
    client: FlaskClient, address: str, verifier: dict[str, str]
) -> None:
    answer = client.get(f"{address}?level=1", headers=verifier).json
    assert answer is not None
    both = {"agree": 1, "ground_higher": 1, "satellite_higher": 1}
    assert {name: answer[name] for name in both} == both
    assert answer["areas"] == [
        {"code": "HT01", "agree": 1, "ground_higher": 1, "satellite_higher": 0},
        {"code": "HT02", "agree": 0, "ground_higher": 0, "satellite_higher": 1},
    ]
    assert {point["verdict"] for point in answer["points"][:2]} == {"ground_higher", "satellite_higher"}


def test_agreement_is_for_those_inside(
    client: FlaskClient,
    address: str,
    release: Snapshot,
    sqlite_store: Store,
    make_token: Callable[..., dict[str, str]],
) -> None:
    assert client.get(address).status_code == 404
    assert client.get(address, headers=make_token(sqlite_store, "donor")).status_code == 404
