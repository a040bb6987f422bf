"""The front door for files of features: chooses the reader by what the bytes say.

    for feature in read_features(path): feature.properties, feature.geometry

GeoJSON is read by our own parser; GeoPackage, FlatGeobuf, KML, GPX, zipped shapefiles and GeoParquet are read
behind the fence, and what comes back is read as GeoJSON again, with the same checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from mapper.files.fence import Fenced, read_fenced, repair_fenced
from mapper.files.geojson import Feature, read_geojson
from mapper.files.kinds import HEAD_BYTES, kind_of
from mapper.files.limits import DEFAULT_LIMITS, Limits, checked_file
from mapper.files.refusals import FileRefused
from mapper.vocabulary.text import N_

__all__ = ["Feature", "Features", "read_features"]

FENCED_KINDS = {"gpkg", "flatgeobuf", "geoparquet", "kml", "gpx", "zip", "workbook"}
# Two thousand segments that all cross make two million crossings: a second's work. More go behind the fence.
QUICK_REPAIR = 2_000


@dataclass(frozen=True)
class Features:
    """A readable file of features; each iteration reads it anew.

    `format` is geojson, gpkg, flatgeobuf, geoparquet, kml, gpx or shapefile; `layers` the names of
    the layers that are read (none for GeoJSON).
    """

    format: str
    layers: tuple[str, ...]
    _paths: tuple[Path, ...]
    _limits: Limits
    _fenced: Fenced | None = None  # keeps the private folder until nobody reads

    def __iter__(self) -> Iterator[Feature]:
        """Yield the features. Areas that cross themselves come back repaired.

        Raises FileRefused or FileTooLarge in the middle where a GeoJSON text is found damaged there.
        """
        numbers = count(1)
        for path in self._paths:
            for feature in read_geojson(path, self._limits):
                number = next(numbers)
                line = feature.line if self._fenced is None else None
                yield _repaired(replace(feature, number=number, line=line), self._limits)


def read_features(path: Path, limits: Limits = DEFAULT_LIMITS, layer: str | None = None) -> Features:
    """Recognise a file of features, by its bytes and never by its name; nothing but a local file is opened.

    `layer` chooses one where the file has several. Raises SeveralLayers when it has and none is named,
    FileTooLarge beyond the limits, FileRefused for what cannot be read.
    """
    with checked_file(path, limits).open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind == "geojson":
        return Features(kind, (), (path,), limits)
    if kind in FENCED_KINDS:
        return _behind_the_fence(path, str(kind), layer, limits)
    if kind == "bare shapefile":
        raise FileRefused(
            N_("A shapefile is several files: zip .shp, .shx, .dbf and .prj and bring the zip.")
        )
    raise FileRefused(
        N_(
            "This is none of the files that are read: GeoJSON, GeoPackage, FlatGeobuf, GeoParquet, KML, GPX, "
            "zipped shapefile."
        )
    )


def _behind_the_fence(path: Path, kind: str, layer: str | None, limits: Limits) -> Features:
    fenced = read_fenced(path, kind, layer, limits)
    found = str(fenced.answer["kind"])
    if found == "geojson":
        return Features(found, (), (fenced.source,), limits, fenced)
    layers = tuple(str(table["layer"]) for table in fenced.answer["tables"])
    return Features(found, layers, tuple(fenced.tables), limits, fenced)


def _repaired(feature: Feature, limits: Limits) -> Feature:
    geometry = feature.geometry
    if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_valid:
        return feature
    valid = _areas_of(_valid(geometry, limits))
    if valid is None:
        return replace(feature, geometry=None, problem=N_("the area has no inside"))
    return replace(feature, geometry=valid, repaired=True)


def _valid(geometry: BaseGeometry, limits: Limits) -> BaseGeometry:
    if shapely.get_num_coordinates(geometry) <= QUICK_REPAIR:
        return shapely.make_valid(geometry)
    return shapely.from_wkb(repair_fenced(shapely.to_wkb(geometry), limits))


def _areas_of(geometry: BaseGeometry) -> BaseGeometry | None:
    """Return the polygons of a repaired area, without the lines and points that the repair left over."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(geometry)) if part.geom_type == "Polygon"]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
