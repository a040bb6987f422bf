"""Made-up rows of an internal snapshot, in its own schema."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from mapper.geography.cells import cell_keys
from mapper.store.snapshot_format import INTERNAL

LAST = datetime(2026, 2, 28, tzinfo=UTC)
STATUSES = ("new", "triaged", "in_review", "verified", "verified", "disputed")
SECTORS = ("health", "housing", "water", "power", "education", "transport", "unknown")


def incident_rows(longitude: Any, latitude: Any, seed: int = 7, **columns: Any) -> pa.Table:
    """Return incidents at positions in degrees, sorted by cell key; `columns` override what is made up."""
    random = np.random.default_rng(seed)
    longitude, latitude = np.asarray(longitude, float), np.asarray(latitude, float)
    count = len(longitude)
    made = _made_up(random, count) | columns
    made |= {
        "cell_key": cell_keys(longitude, latitude),
        "lon_e7": _e7(longitude),
        "lat_e7": _e7(latitude),
        "by_id": np.arange(count, dtype=np.int32),
    }
    arrays = [pa.array(_listed(made[field.name]), _plain(field.type)).cast(field.type) for field in INTERNAL]
    table = pa.Table.from_arrays(arrays, schema=INTERNAL).combine_chunks()
    order = np.argsort(made["cell_key"], kind="stable")
    return table.take(pa.array(order)).combine_chunks()


def _made_up(random: np.random.Generator, count: int) -> dict[str, Any]:
    low = random.integers(-1, 6, count)
    high = np.minimum(5, low + random.integers(0, 3, count))
    known = low >= 0
    happened = [LAST - timedelta(days=int(days)) for days in random.exponential(9, count)]
    areas = [f"HT{n:02}" for n in random.integers(1, 11, count)]
    return {
        "id": [str(uuid.UUID(bytes=random.bytes(16), version=4)) for _ in range(count)],
        "version": np.ones(count, int),
        "status": random.choice(STATUSES, count),
        "sector": random.choice(SECTORS, count),
        "asset": [None] * count,
        "damage_low": [int(value) if has else None for value, has in zip(low, known, strict=True)],
        "damage_high": [int(value) if has else None for value, has in zip(high, known, strict=True)],
        "service_state": random.choice(["working", "partial", "out"], count),
        "needs": [[] for _ in range(count)],
        "people_affected_low": [None] * count,
        "people_affected_high": [None] * count,
        "reports": random.integers(1, 9, count),
        "sources": random.integers(1, 5, count),
        "origins": random.integers(1, 4, count),
        "happened_from": happened,
        "happened_to": happened,
        "first_reported_at": [moment + timedelta(hours=5) for moment in happened],
        "verified_at": [None] * count,
        "position_accuracy_m": random.uniform(5, 400, count).astype(np.float32),
        "area_codes": [json.dumps({"1": code}) for code in areas],
        "area_1": areas,
        "area_2": [f"{code}01" for code in areas],
        "area_3": [None] * count,
        "outside_areas": [False] * count,
        "needs_review": [False] * count,
    }


def _e7(degrees: np.ndarray) -> list[int | None]:
    return [round(value * 1e7) if np.isfinite(value) else None for value in degrees.tolist()]


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _listed(values: Any) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)
