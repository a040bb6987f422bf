"""GeoJSON features (RFC 7946) of incidents and of public rows. Positions are longitude, latitude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import shapely

from mapper.exchange.titles import title_of
from mapper.geography.positions import from_e7
from mapper.store.snapshots import AREAS, map_file

Rows = npt.NDArray[np.int64]

# In the order of contract.md; `title` and the geometry are made from others.
PROPERTIES = (
    "id",
    "version",
    "status",
    "sector",
    "asset",
    "damage_low",
    "damage_high",
    "service_state",
    "needs",
    "people_affected_low",
    "people_affected_high",
    "reports",
    "sources",
    "origins",
    "happened_from",
    "happened_to",
    "first_reported_at",
    "verified_at",
    "position_accuracy_m",
    "area_codes",
    "needs_review",
)
PUBLIC_PROPERTIES = ("count", "damage_low", "damage_high", "sector", "week")


def incident_features(table: pa.Table, rows: Sequence[int] | Rows) -> list[dict[str, Any]]:
    """Return the features of some rows of an internal snapshot, in the order of `rows`."""
    chosen = table.select([*PROPERTIES, "lon_e7", "lat_e7"]).take(np.asarray(rows, dtype=np.int64))
    found = chosen.to_pylist()
    for row in found:
        row["area_codes"] = orjson.loads(row["area_codes"] or "{}") or {}
    return [incident_feature(row) for row in found]


def incident_feature(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the feature of an incident from its values; `area_codes` is an object, level to P-code."""
    properties = {name: _plain(values[name]) for name in PROPERTIES}
    properties["title"] = title_of(
        values["sector"], values["asset"], values["damage_low"], values["damage_high"]
    )
    return {
        "type": "Feature",
        "id": properties["id"],
        "geometry": point(values["lon_e7"], values["lat_e7"]),
        "properties": properties,
    }


def point(lon_e7: int | None, lat_e7: int | None) -> dict[str, Any] | None:
    """Return a GeoJSON point, or None where there is no position."""
    if lon_e7 is None or lat_e7 is None:
        return None
    return {"type": "Point", "coordinates": [from_e7(lon_e7), from_e7(lat_e7)]}


def public_features(table: pa.Table, rows: Rows, outlines: Mapping[str, Outline]) -> list[dict[str, Any]]:
    """Return the features of some rows of a release: counts of areas, with the areas' own outlines."""
    return [
        {
            "type": "Feature",
            "id": public_key(row),
            "geometry": outlines[row["area_code"]][0],
            "properties": {name: row[name] for name in PUBLIC_PROPERTIES}
            | {"area_codes": outlines[row["area_code"]][1]},
        }
        for row in table.take(rows).to_pylist()
    ]


def public_key(row: Mapping[str, Any]) -> str:
    """Return what a public row is called; a list of them is in this order."""
    return f"{row['area_code']}~{row['sector']}~{row['week']}"


Outline = tuple[orjson.Fragment, dict[str, str]]  # the geometry as GeoJSON, and the P-codes by level


@lru_cache(maxsize=8)
def outlines_of(folder: Path, path: str) -> Mapping[str, Outline]:
    """Return the areas of a release by code; `path` is the snapshot's, below the snapshot folder."""
    areas = map_file((folder / path).with_name(AREAS))
    shapes = shapely.to_geojson(shapely.from_wkb(areas["geometry"].to_numpy()))
    return {
        code: (orjson.Fragment(shape.encode()), orjson.loads(codes))
        for code, codes, shape in zip(
            areas["area_code"].to_pylist(), areas["area_codes"].to_pylist(), shapes, strict=True
        )
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
