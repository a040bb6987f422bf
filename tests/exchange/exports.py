"""Crises to export: incidents of every kind, unknown ones among them, and a release."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from mapper.exchange.exporting import export
from mapper.exchange.extract import Extract, extract
from mapper.store.store import Store
from mapper.store.tables import Crisis

from tests.maps.conftest import write_incidents
from tests.maps.rows import incident_rows

FORMULA = "=HYPERLINK(0)"
MOMENT = datetime(2026, 2, 27, 23, 30, 15, 123456, tzinfo=UTC)


def some_incidents(count: int = 40, seed: int = 3) -> pa.Table:
    """Return incidents around Haiti: the first without a position, damage, time or P-code."""
    random = np.random.default_rng(seed)
    longitude = np.round(random.uniform(-74, -71, count), 7)
    latitude = np.round(random.uniform(18, 20, count), 7)
    longitude[0] = latitude[0] = np.nan
    grades = [None if n % 5 == 0 else n % 6 for n in range(count)]
    times = [None if n % 7 == 0 else MOMENT - timedelta(hours=n) for n in range(count)]
    return incident_rows(
        longitude,
        latitude,
        damage_low=grades,
        damage_high=[grade if grade is None else min(5, grade + 1) for grade in grades],
        happened_from=times,
        happened_to=times,
        verified_at=[MOMENT if n % 2 else None for n in range(count)],
        needs=[["water", "food"] if n % 3 else [] for n in range(count)],
        service_state=[None if n % 4 == 0 else "out" for n in range(count)],
        people_affected_low=[None if n % 2 else n for n in range(count)],
        position_accuracy_m=[None if n == 0 else 12.5 for n in range(count)],
        area_codes=[json.dumps({} if n == 0 else {"1": FORMULA if n == 1 else "HT01"}) for n in range(count)],
        area_1=[None if n == 0 else FORMULA if n == 1 else "HT01" for n in range(count)],
    )


def given_incidents(store: Store, crisis: Crisis, table: pa.Table | None = None) -> pa.Table:
    """Write a snapshot of incidents and return its rows."""
    table = some_incidents() if table is None else table
    order = pc.sort_indices(table["id"]).cast(pa.int32())
    table = table.set_column(table.schema.get_field_index("by_id"), table.schema.field("by_id"), order)
    write_incidents(store, crisis, table)
    return table


def exported(store: Store, crisis: Crisis, kind: str, path: Path, **options: Any) -> Path:
    """Write an export and return where; `options` are audience, where and hxl."""
    hxl = options.pop("hxl", False)
    export(taken(store, crisis, **options), kind, path, lambda _rows: None, hxl=hxl)
    return path


def taken(store: Store, crisis: Crisis, audience: str = "internal", where: str = "") -> Extract:
    """Return an extract."""
    return extract(store, crisis, audience, where)


def by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return rows by their id."""
    return {row["id"]: row for row in rows}


def milliseconds(moment: datetime | None) -> datetime | None:
    """Return a time cut to milliseconds, which is what files keep."""
    return moment and moment.replace(microsecond=moment.microsecond // 1000 * 1000)
