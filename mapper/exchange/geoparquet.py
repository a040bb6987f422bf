"""GeoParquet 1.1 with a covering bounding box, written batch by batch.

Source: geoparquet.org, version 1.1.0. A column without `crs` is longitude, latitude (OGC:CRS84).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.flat import GEOMETRY, batches, schema_of

EDGES = ("xmin", "ymin", "xmax", "ymax")
BBOX = pa.struct([(edge, pa.float64()) for edge in EDGES])
COVERING = {"bbox": {edge: ["bbox", edge] for edge in EDGES}}


def write_geoparquet(found: Extract, path: Path, advance: Advance) -> None:
    """Write a GeoParquet file whose readers can skip row groups that lie elsewhere."""
    plain = pa.schema([*list(schema_of(found))[:-1], (GEOMETRY, pa.binary()), ("bbox", BBOX)])
    schema = plain.with_metadata({"geo": json.dumps(_metadata(found))})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches(found):
            columns = [*batch.columns, _boxes(batch[GEOMETRY])]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            advance(batch.num_rows)


def _metadata(found: Extract) -> dict[str, Any]:
    kinds = ["MultiPolygon"] if found.seen.is_public else ["Point"]
    column = {"encoding": "WKB", "geometry_types": kinds, "covering": COVERING}
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def _boxes(geometries: pa.Array) -> pa.Array:
    bounds = shapely.bounds(shapely.from_wkb(geometries.to_numpy(zero_copy_only=False)))
    edges = [pa.array(bounds[:, place], pa.float64()) for place in range(4)]
    return pa.StructArray.from_arrays(edges, fields=list(BBOX), mask=pa.array(np.isnan(bounds[:, 0])))
