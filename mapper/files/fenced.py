"""What runs behind the fence: takes its own rights away, then reads one file with one driver.

The task comes as JSON on standard input, the answer goes as JSON to standard output. Features are written
beside the file as lines of GeoJSON in longitude, latitude (WGS 84), rows as Arrow (`fenced_rows`): whoever
reads them reads them with the same care as a stranger's file, so that GDAL, if it were taken over, could pass
on nothing but features and rows. Started by `fence`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from mapper.files.archives import Member, is_workbook, unpack
from mapper.files.confinement import confine
from mapper.files.fenced_media import copy_pdf, copy_video
from mapper.files.kinds import HEAD_BYTES, kind_of
from mapper.files.limits import Limits
from mapper.files.parquets import write_parquet
from mapper.files.refusals import FileRefused, FileTooLarge, SeveralLayers
from mapper.files.sheets import write_sheet
from mapper.vocabulary.text import N_

DRIVERS = {
    "gpkg": "GPKG",
    "flatgeobuf": "FlatGeobuf",
    "kml": "LIBKML",
    "gpx": "GPX",
    "shapefile": "ESRI Shapefile",
}
SUFFIXES = {"gpkg": ".gpkg", "flatgeobuf": ".fgb", "kml": ".kml", "gpx": ".gpx", "shapefile": ".shp"}
SUFFIXES |= {"geojson": ".geojson", "geoparquet": ".parquet", "workbook": ".xlsx"}
MARKUP = {"kml", "gpx"}
WAYPOINTS = "waypoints"  # of GPX: routes and tracks tell where somebody went, not what was seen
# How KML draws a place says nothing of it.
DRAWING = {"tessellate", "extrude", "visibility", "drawOrder", "altitudeMode", "icon"}
# Every other driver of the GDAL 3.12 that pyogrio brings: VRT, GDALG and the like open whatever a file names.
# A driver of a later GDAL that is missing here stops the reading.
OTHER_DRIVERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,"
    "GDALG,GML,GPSBabel,GTFS,GeoJSON,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LVBAG,MBTiles,MVT,"
    "MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,"
    "PDF,PDS4,PGDUMP,PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
SYSTEM_FOLDERS = (Path("/usr"), Path("/lib"), Path("/lib64"))  # of libraries; no data is kept there
CHUNK = 1 << 20
ROWS, FEATURES = 65_536, 4_096  # in one batch: columns are small, features become objects


class _WithoutPandas:
    """Says that pandas is not there: pyogrio and pyarrow import it if they can, which takes a second."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name in ("pandas", "geopandas"):
            raise ModuleNotFoundError(name)


def main() -> None:
    """Do the task on standard input."""
    sys.meta_path.insert(0, _WithoutPandas)
    task = json.load(sys.stdin)
    limits = Limits(**task["limits"])
    folder = Path(task["folder"])
    programs = Path(__file__).parent  # of this room, whose own modules are loaded when they are needed
    readable = [Path(sys.prefix), Path(sys.base_prefix), programs, *SYSTEM_FOLDERS]
    holding = confine(folder, readable, limits.seconds, limits.memory_bytes, limits.zip_bytes)
    try:
        answer = {"holding": holding, **JOBS[task["job"]](folder, task, limits)}
    except SeveralLayers as refusal:
        answer = {"refused": SeveralLayers.__name__, "layers": refusal.layers}
    except FileRefused as refusal:
        answer = {
            "refused": type(refusal).__name__,
            "message": refusal.message,
            "values": refusal.values,
        }
    except MemoryError:
        answer = {"refused": FileTooLarge.__name__, "message": N_("Reading the file takes too much memory.")}
    json.dump(answer, sys.stdout, default=str)


def _read(folder: Path, task: dict[str, Any], limits: Limits) -> dict[str, Any]:
    source = Path(task["source"])
    members = _members(folder, source, task["kind"], limits)
    kind = members[0][0]
    if kind == "geojson":
        return {"kind": kind, "source": members[0][1].path.name, "tables": []}
    wants_rows = task["job"] == "rows"
    if kind == "geoparquet":
        return write_parquet(members[0][1].path, folder / "table-0", limits if wants_rows else None)
    if kind == "workbook":
        if not wants_rows:
            raise FileRefused(N_("This is an Excel workbook, which holds no shapes."))
        return write_sheet(members[0][1].path, task["layer"], folder / "table-0", limits)
    if kind in MARKUP:
        _check_markup(members[0][1].path)
    pyogrio = _import_gdal(DRIVERS[kind])
    layers = _layers(pyogrio, members)
    wanted = _chosen(layers, task["layer"], kind)
    tables = []
    for number, (name, path, layer) in enumerate(wanted):
        target = folder / f"table-{number}"
        columns = _write(path, layer, target, limits if wants_rows else None)
        columns = [column for column in columns if kind != "kml" or column not in DRAWING]
        tables.append({"layer": name, "path": target.name, "columns": columns})
    return {"kind": kind, "tables": tables, "layers": [name for name, _, _ in layers]}


def _members(folder: Path, source: Path, kind: str, limits: Limits) -> list[tuple[str, Member]]:
    """Return the files to open with their kind: the source itself, or what its archive holds of one kind."""
    if kind == "zip" and is_workbook(source, limits):
        kind = "workbook"
    if kind != "zip":
        target = source.rename(source.with_suffix(SUFFIXES[kind]))
        return [(kind, Member(target.stem, target))]
    found = unpack(source, folder, limits)
    shapefiles = [("shapefile", member) for member in found if member.path.suffix == ".shp"]
    if shapefiles:
        return shapefiles
    for member in found:
        with member.path.open("rb") as file:
            inner = kind_of(file.read(HEAD_BYTES))
        if inner in DRIVERS or inner in ("geojson", "geoparquet"):
            return [(inner, member)]
    raise FileRefused(N_("The archive holds no shapefile, KML, GeoPackage or GeoJSON."))


def _check_markup(path: Path) -> None:
    """KML needs no document type and no entities of its own; attacks do (billion laughs, XXE)."""
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = tail + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
                raise FileRefused(N_("The KML declares entities or a document type, which is not read."))
            tail = text[-16:]


def _import_gdal(driver: str) -> Any:
    """Import pyogrio with one driver; raises FileRefused if any other could be used."""
    others = {name for name in DRIVERS.values() if name != driver}
    os.environ["OGR_SKIP"] = ",".join([OTHER_DRIVERS, *sorted(others)])
    import pyogrio

    unexpected = set(pyogrio.list_drivers()) - {driver, "MEM"}
    if unexpected:
        raise FileRefused(
            N_("GDAL has drivers that are not fenced: %(names)s."), names=", ".join(sorted(unexpected))
        )
    return pyogrio


def _layers(pyogrio: Any, members: list[tuple[str, Member]]) -> list[tuple[str, Path, str | None]]:
    """Return (name, path, GDAL's layer name) of every layer with geometry."""
    found = []
    for kind, member in members:
        try:
            listed = pyogrio.list_layers(member.path)
        except pyogrio.errors.DataSourceError as error:
            raise FileRefused(N_("The file is damaged or not what it seems to be.")) from error
        for layer, geometry_type in listed.tolist():
            if geometry_type is not None:
                found.append((member.stem if kind == "shapefile" else layer, member.path, layer))
    if not found:
        raise FileRefused(N_("The file holds no layer with geometry."))
    return found


def _chosen(
    layers: list[tuple[str, Path, str | None]], wanted: str | None, kind: str
) -> list[tuple[str, Path, str | None]]:
    """Return the layer asked for; without a wish the only one, all of a KML, whose layers are folders, or the
    waypoints of a GPX."""
    wanted = WAYPOINTS if kind == "gpx" and wanted is None else wanted
    if wanted is not None:
        layers = [layer for layer in layers if layer[0] == wanted]
        if not layers:
            raise FileRefused(N_("The file has no layer %(name)s."), name=wanted)
    if len(layers) == 1 or kind == "kml":
        return layers
    raise SeveralLayers([name for name, _, _ in layers])


def _write(path: Path, layer: str | None, target: Path, limits: Limits | None) -> list[str]:
    """Write a layer as rows within limits, or without limits as features; return the rows' columns."""
    from pyarrow import ArrowException
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import open_arrow

    from mapper.files.fenced_features import converter, write_features
    from mapper.files.fenced_rows import write_rows

    try:
        size = FEATURES if limits is None else ROWS
        with open_arrow(path, layer=layer, use_pyarrow=True, batch_size=size) as (meta, batches):
            geometry, convert = meta["geometry_name"] or "wkb_geometry", converter(meta["crs"])
            if limits is not None:
                return write_rows(batches, geometry, convert, target, limits)
            write_features(batches, geometry, convert, target)
            return []
    except (DataSourceError, DataLayerError, ArrowException) as error:
        raise FileRefused(N_("The file is damaged or not what it seems to be.")) from error


def _repair(folder: Path, task: dict[str, Any], _: Limits) -> dict[str, Any]:
    import shapely

    path = folder / task["source"]
    path.write_bytes(shapely.to_wkb(shapely.make_valid(shapely.from_wkb(path.read_bytes()))))
    return {}


JOBS = {"read": _read, "rows": _read, "repair": _repair, "video": copy_video, "pdf": copy_pdf}
