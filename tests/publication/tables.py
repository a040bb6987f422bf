"""Internal snapshots made of a few columns, for tests."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from mapper.store.snapshot_format import INTERNAL


def internal(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Return a snapshot of these incidents; what is not given is null."""
    filled = [{"id": str(uuid.UUID(int=number)), **row} for number, row in enumerate(rows)]
    order = sorted(range(len(filled)), key=lambda row: filled[row]["id"])
    for place, row in enumerate(filled):
        row["by_id"] = order[place]
    columns = [pa.array([row.get(field.name) for row in filled], field.type) for field in INTERNAL]
    return pa.Table.from_arrays(columns, schema=INTERNAL)
