"""GeoPackage and FlatGeobuf, written by GDAL from a stream of Arrow batches."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.flat import GEOMETRY, batches, schema_of
from mapper.exchange.qgis_style import qml

GEOPACKAGE_CRS = "EPSG:4326"  # GeoPackage keeps longitude first whatever the order of EPSG:4326 (OGC 12-128)

# The table that QGIS looks for; its columns are those that QGIS itself creates.
LAYER_STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)
"""


def write_gpkg(found: Extract, path: Path, advance: Advance) -> None:
    """Write a GeoPackage of one layer, with a style by which QGIS draws damage at once."""
    _write(found, path, advance, "GPKG", GEOPACKAGE_CRS)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(LAYER_STYLES)
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
            "styleName, styleQML, useAsDefault, description, update_time) "
            "VALUES ('', '', ?, 'geom', ?, ?, 1, ?, ?)",
            (found.name, "damage", qml(found.seen.is_public), "Damage", found.made_at.isoformat()),
        )
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (found.made_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),),
        )


def write_fgb(found: Extract, path: Path, advance: Advance) -> None:
    """Write a FlatGeobuf, with its spatial index where every row has a place: the index knows no other."""
    has_places = found.seen.is_public or found.seen.rows["lon_e7"].null_count == 0
    options = {"SPATIAL_INDEX": "YES" if has_places and len(found.rows) else "NO"}
    _write(found, path, advance, "FlatGeobuf", "OGC:CRS84", **options)


def _write(found: Extract, path: Path, advance: Advance, driver: str, crs: str, **layer_options: str) -> None:
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
    from pyogrio.raw import write_arrow

    def counted() -> Iterator[pa.RecordBatch]:
        for batch in batches(found):
            yield batch
            advance(batch.num_rows)

    try:
        write_arrow(
            pa.RecordBatchReader.from_batches(schema_of(found), counted()),
            os.fspath(path),
            layer=found.name,
            driver=driver,
            geometry_name=GEOMETRY,
            geometry_type="MultiPolygon" if found.seen.is_public else "Point",
            crs=crs,
            layer_options=layer_options,
        )
    except (DataSourceError, DataLayerError, FeatureError) as error:
        raise OSError(str(error)) from error
