"""The formats that leave: how each is called, what its file ends with, and what writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.geojson_file import write_geojson
from mapper.exchange.geoparquet import write_geoparquet
from mapper.exchange.gis_files import write_fgb, write_gpkg
from mapper.exchange.kml import write_kml
from mapper.exchange.paper import write_pdf
from mapper.exchange.sheets import write_csv, write_xlsx
from mapper.exchange.standalone import write_html
from mapper.exchange.tile_archive import write_pmtiles
from mapper.vocabulary.text import N_


@dataclass(frozen=True)
class Format:
    """One format; `write` takes an extract, the path and whom to tell how many rows are written."""

    name: str
    label: str  # for gettext
    suffix: str
    content_type: str
    write: Callable[[Extract, Path, Advance], None]
    with_hxl: Callable[[Extract, Path, Advance], None] | None = None  # where it can hold a row of HXL tags


FORMATS: dict[str, Format] = {
    found.name: found
    for found in (
        Format(
            "csv",
            N_("Table (CSV)"),
            ".csv",
            "text/csv; charset=utf-8; header=present",
            write_csv,
            partial(write_csv, hxl=True),
        ),
        Format(
            "xlsx",
            N_("Spreadsheet (XLSX)"),
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            write_xlsx,
            partial(write_xlsx, hxl=True),
        ),
        Format(
            "hxl",
            N_("Table with HXL tags"),
            ".hxl.csv",
            "text/csv; charset=utf-8; header=present",
            partial(write_csv, hxl=True),
            partial(write_csv, hxl=True),
        ),
        Format("geojson", "GeoJSON", ".geojson", "application/geo+json", write_geojson),
        Format(
            "gpkg", N_("GeoPackage, with a QGIS style"), ".gpkg", "application/geopackage+sqlite3", write_gpkg
        ),
        Format("kml", "KML", ".kml", "application/vnd.google-earth.kml+xml", write_kml),
        Format("fgb", "FlatGeobuf", ".fgb", "application/octet-stream", write_fgb),
        Format("geoparquet", "GeoParquet", ".parquet", "application/vnd.apache.parquet", write_geoparquet),
        Format("pmtiles", N_("Vector tiles (PMTiles)"), ".pmtiles", "application/vnd.pmtiles", write_pmtiles),
        Format("pdf", N_("Situation sheet (PDF)"), ".pdf", "application/pdf", write_pdf),
        Format("html", N_("Map in one file (HTML)"), ".html", "text/html; charset=utf-8", write_html),
    )
}
