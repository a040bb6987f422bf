"""A crisis with snapshots: incidents for those inside, a release for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
import shapely
from mapper.store import snapshots
from mapper.store.snapshot_format import PUBLIC_AREAS, PUBLIC_ROWS, WHOLE_CRISIS, WHOLE_CRISIS_LEVEL
from mapper.store.store import Store
from mapper.store.tables import Crisis, Snapshot

from tests.maps.rows import incident_rows

# Positions around Port-au-Prince, longitude and latitude.
LONGITUDES = [-72.34, -72.335, -72.33, -72.3, -73.75]
LATITUDES = [18.54, 18.545, 18.55, 18.52, 18.2]
POLICY = {
    "as_of": "2026-03-01T12:00:00+00:00",
    "mode": "hazard",
    "embargo_hours": 0,
    "minimum_count": 5,
    "level": 1,
}
RELEASE = [  # area_code, area_level, sector, week, count, damage_low, damage_high
    ("HT01", 1, "health", "2026-W06", 12, 2, 4),
    ("HT01", 1, "housing", "2026-W08", 30, 1, 5),
    ("HT02", 1, "multiple", "2026-W08", 7, None, None),
    (WHOLE_CRISIS, WHOLE_CRISIS_LEVEL, "multiple", "2026-W08", 5, 0, 3),
]
AREAS = [  # area_code, area_level, name, area_codes, outline
    ("HT01", 1, "West", '{"1":"HT01"}', shapely.box(-73.0, 18.2, -71.8, 19.0)),
    ("HT02", 1, "South-East", '{"1":"HT02"}', shapely.box(-72.9, 18.0, -71.7, 18.2)),
    (WHOLE_CRISIS, WHOLE_CRISIS_LEVEL, "Elsewhere", "{}", shapely.box(-75.0, 17.5, -71.0, 20.5)),
]


@pytest.fixture
def coast(sqlite_store: Store, make_crisis: Callable[..., Crisis]) -> Crisis:
    """A crisis without any snapshot."""
    return make_crisis(sqlite_store)


@pytest.fixture
def incidents(sqlite_store: Store, coast: Crisis) -> pa.Table:
    """Five incidents that the internal snapshot of `coast` holds."""
    table = incident_rows(LONGITUDES, LATITUDES)
    write_incidents(sqlite_store, coast, table)
    return table


@pytest.fixture
def release(sqlite_store: Store, coast: Crisis) -> Snapshot:
    """The public release of `coast`."""
    return write_release(sqlite_store, coast)


@pytest.fixture
def verifier(sqlite_store: Store, coast: Crisis, make_token: Callable[..., dict[str, str]]) -> dict[str, str]:
    """The headers of somebody who may see incidents."""
    return make_token(sqlite_store, "verifier")


def write_incidents(store: Store, crisis: Crisis, table: pa.Table) -> Snapshot:
    """Write `table` as the internal snapshot's next version."""
    return snapshots.write(
        store, crisis.id, "internal", {snapshots.ROWS: table}, data_until=store.clock(), policy={}
    )


def write_release(store: Store, crisis: Crisis, rows: list[Any] = RELEASE) -> Snapshot:
    """Write rows and the areas above as the public release's next version."""
    areas = [(*row[:4], shapely.to_wkb(row[4])) for row in AREAS]
    files = {snapshots.ROWS: _table(rows, PUBLIC_ROWS), snapshots.AREAS: _table(areas, PUBLIC_AREAS)}
    with store.read() as session:
        newest = snapshots.latest(session, crisis.id, "public")
    version = newest.version + 1 if newest else 1
    staged = snapshots.stage(store, crisis.id, "public", version, files)
    at = store.clock()
    with store.write() as session:
        return snapshots.record(session, staged, data_until=at, created_at=at, policy=POLICY)


def _table(rows: list[Any], schema: pa.Schema) -> pa.Table:
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in schema]
    return pa.table(columns, names=schema.names).cast(schema)
