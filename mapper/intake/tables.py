"""A stranger's file as rows, whatever it is: its bytes decide which reader takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mapper.files.batches import Batch, Table
from mapper.files.csv_batches import csv_batches
from mapper.files.csvs import CsvFile, open_csv
from mapper.files.feature_rows import feature_table
from mapper.files.features import FENCED_KINDS, Features, read_features
from mapper.files.fence import Fenced
from mapper.files.kinds import HEAD_BYTES, kind_of
from mapper.files.limits import Limits, checked_file
from mapper.files.refusals import FileRefused
from mapper.files.row_files import FencedTable, open_fenced
from mapper.vocabulary.text import N_

LIMITS = Limits(vertices=100_000, feature_characters=5_000_000)  # a report is a place, not a country

# What --format takes, and the formats that a file may have then. Exports of other systems are tables.
TABLES = frozenset({"csv", "xlsx"})
FORMATS: dict[str, frozenset[str]] = {
    "csv": frozenset({"csv"}),
    "xlsx": frozenset({"xlsx"}),
    "geojson": frozenset({"geojson"}),
    "geojsonseq": frozenset({"geojson"}),
    "gpkg": frozenset({"gpkg"}),
    "shapefile": frozenset({"shapefile"}),
    "kml": frozenset({"kml"}),
    "kmz": frozenset({"kml"}),
    "flatgeobuf": frozenset({"flatgeobuf"}),
    "geoparquet": frozenset({"geoparquet"}),
    "gpx": frozenset({"gpx"}),
    "ushahidi": TABLES,
    "kobo": TABLES | {"geojson"},
    "odk": TABLES,
}
# Other names of the same formats, as people and programs call them.
OTHER_NAMES = {
    "excel": "xlsx", "xls": "xlsx", "json": "geojson", "geojsonl": "geojsonseq", "geojson-seq": "geojsonseq",
    "ndjson": "geojsonseq", "geopackage": "gpkg", "shp": "shapefile", "fgb": "flatgeobuf",
    "parquet": "geoparquet", "kobotoolbox": "kobo", "odk-central": "odk",
}  # fmt: skip


@dataclass(frozen=True)
class CsvTable:
    """A CSV file of any dialect."""

    _file: CsvFile

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings, all different."""
        return self._file.columns

    @property
    def tags(self) -> Mapping[str, str]:
        """HXL tags by column."""
        return self._file.tags

    @property
    def description(self) -> str:
        """Encoding and delimiter."""
        delimiter = {"\t": "tab"}.get(self._file.delimiter, self._file.delimiter)
        return f"CSV, {self._file.charset.name}, values separated by {delimiter}"

    def batches(self) -> Iterator[Batch]:
        """See `batches.Table`."""
        return csv_batches(self._file)


def open_table(path: Path, kind: str | None, layer: str | None = None) -> Table:
    """Open a file as what its bytes say, or as `kind` (of FORMATS) if they agree. Raises FileRefused."""
    with checked_file(path, LIMITS).open("rb") as file:
        found = kind_of(file.read(HEAD_BYTES))
    fitting = FORMATS.get(kind or "", frozenset())
    if kind is not None and found is None and "csv" not in fitting:
        raise FileRefused(N_("The file is %(found)s, not %(kind)s."), found="text", kind=kind)
    if found is None or fitting == {"csv"}:
        return CsvTable(open_csv(path, LIMITS))
    format_name, table = _opened(path, found, layer)
    if kind is not None and format_name not in fitting:
        raise FileRefused(N_("The file is %(found)s, not %(kind)s."), found=format_name, kind=kind)
    return table


def _opened(path: Path, found: str, layer: str | None) -> tuple[str, Table]:
    if found == "geojson":
        return found, feature_table(read_features(path, LIMITS), found)
    if found not in FENCED_KINDS:
        raise FileRefused(
            N_("A shapefile is several files: zip .shp, .shx, .dbf and .prj and bring the zip.")
        )
    table = open_fenced(path, found, layer, LIMITS)
    if isinstance(table, Fenced):
        features = Features("geojson", (), (table.source,), LIMITS, table)
        return "geojson", feature_table(features, "geojson in a zip")
    return table.kind if isinstance(table, FencedTable) else "xlsx", table
