"""What runs behind the fence: takes its own rights away, then reads one file with one GDAL driver.

The task comes as JSON on standard input, the answer goes as JSON to standard output. Features are written
beside the file as lines of GeoJSON in longitude, latitude (WGS 84): whoever reads them reads them with the
same care as a stranger's GeoJSON, so that GDAL, if it were taken over, could pass on nothing but a feature.
Started by `fence`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mapper.files.archives import Member, unpack
from mapper.files.confinement import confine
from mapper.files.kinds import HEAD_BYTES, kind_of
from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge, SeveralLayers
from mapper.vocabulary.text import N_

DRIVERS = {"gpkg": "GPKG", "flatgeobuf": "FlatGeobuf", "kml": "LIBKML", "shapefile": "ESRI Shapefile"}
SUFFIXES = {"gpkg": ".gpkg", "flatgeobuf": ".fgb", "kml": ".kml", "shapefile": ".shp", "geojson": ".geojson"}
# Every other driver of the GDAL 3.12 that pyogrio brings: VRT, GDALG and the like open whatever a file names.
# A driver of a later GDAL that is missing here stops the reading.
OTHER_DRIVERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,"
    "GDALG,GML,GPSBabel,GPX,GTFS,GeoJSON,GeoJSONSeq,GeoRSS,HTTP,Idrisi,JML,JSONFG,KML,LVBAG,MBTiles,MVT,"
    "MapInfo File,MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,"
    "PDF,PDS4,PGDUMP,PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
SYSTEM_FOLDERS = (Path("/usr"), Path("/lib"), Path("/lib64"))  # of libraries; no data is kept there
CHUNK = 1 << 20
BATCH_ROWS = 4_096
WGS84 = "OGC:CRS84"


def main() -> None:
    """Do the task on standard input."""
    task = json.load(sys.stdin)
    limits = Limits(**task["limits"])
    folder = Path(task["folder"])
    readable = [Path(sys.prefix), Path(sys.base_prefix), *SYSTEM_FOLDERS]
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
    if kind == "kml":
        _check_markup(members[0][1].path)
    pyogrio = _import_gdal(DRIVERS[kind])
    layers = _layers(pyogrio, members)
    wanted = _chosen(layers, task["layer"], joins=kind == "kml")
    tables = []
    for number, (name, path, layer) in enumerate(wanted):
        target = folder / f"table-{number}.geojsonl"
        _write_table(path, layer, target)
        tables.append({"layer": name, "path": target.name})
    return {"kind": kind, "tables": tables, "layers": [name for name, _, _ in layers]}


def _members(folder: Path, source: Path, kind: str, limits: Limits) -> list[tuple[str, Member]]:
    """Return the files to open with their kind: the source itself, or what its archive holds of one kind."""
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
        if inner in DRIVERS or inner == "geojson":
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
    for heavy in ("pandas", "geopandas"):  # pyogrio imports them if it can; a second saved
        sys.modules[heavy] = None  # type: ignore[assignment]
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
    layers: list[tuple[str, Path, str | None]], wanted: str | None, joins: bool
) -> list[tuple[str, Path, str | None]]:
    """Return the layer asked for; without a wish the only one, or all of a KML, whose layers are folders."""
    if wanted is not None:
        layers = [layer for layer in layers if layer[0] == wanted]
        if not layers:
            raise FileRefused(N_("The file has no layer %(name)s."), name=wanted)
    if len(layers) == 1 or joins:
        return layers
    raise SeveralLayers([name for name, _, _ in layers])


def _write_table(path: Path, layer: str | None, target: Path) -> None:
    from pyarrow import ArrowException
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import open_arrow

    try:
        with (
            target.open("wb") as file,
            open_arrow(path, layer=layer, use_pyarrow=True, batch_size=BATCH_ROWS) as opened,
        ):
            meta, batches = opened
            convert = _converter(meta["crs"])
            for batch in batches:
                file.writelines(_lines(batch, meta["geometry_name"] or "wkb_geometry", convert))
    except (DataSourceError, DataLayerError, ArrowException) as error:
        raise FileRefused(N_("The file is damaged or not what it seems to be.")) from error


def _lines(batch: Any, geometry: str, convert: Any) -> Iterator[bytes]:
    """Yield the batch as GeoJSON features, one a line."""
    import orjson
    import shapely

    index = batch.schema.get_field_index(geometry)
    shapes = shapely.from_wkb(batch.column(index).to_numpy(zero_copy_only=False), on_invalid="ignore")
    if convert is not None:
        shapes = shapely.transform(shapes, convert, interleaved=False)
    shapes = shapely.to_geojson(shapes).tolist()
    for properties, shape in zip(batch.remove_column(index).to_pylist(), shapes, strict=True):
        parts = orjson.dumps(properties, default=_plain), (shape or "null").encode()
        yield b'{"type":"Feature","properties":%b,"geometry":%b}\n' % parts


def _plain(value: object) -> str | None:
    """What JSON does not know becomes text; bytes, which say nothing to a reader, become null."""
    return None if isinstance(value, bytes) else str(value)


def _converter(crs: str | None) -> Any:
    """Return a function from the layer's coordinates to longitude and latitude; None if they are that."""
    if crs is None or crs in ("EPSG:4326", WGS84):
        return None  # without a stated system the reader's check of degrees decides
    import pyproj

    try:
        return pyproj.Transformer.from_crs(crs, WGS84, always_xy=True).transform
    except pyproj.exceptions.ProjError as error:
        raise FileRefused(N_("The file's coordinate system is not known.")) from error


def _repair(folder: Path, task: dict[str, Any], _: Limits) -> dict[str, Any]:
    import shapely

    path = folder / task["source"]
    path.write_bytes(shapely.to_wkb(shapely.make_valid(shapely.from_wkb(path.read_bytes()))))
    return {}


JOBS = {"read": _read, "repair": _repair}
