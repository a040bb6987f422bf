"""GeoJSON, by our own parser and never by GDAL, which can be made to open other files by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from shapely.geometry.base import BaseGeometry

from mapper.files.charsets import charset_of
from mapper.files.geometries import BUILDERS, BadGeometry, geometry_of
from mapper.files.limits import DEFAULT_LIMITS, Limits, checked_file
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.files.splitter import Piece, split_features
from mapper.vocabulary.text import N_

GEOMETRY_TYPES = {*BUILDERS, "GeometryCollection"}
WGS84_NAMES = ("crs84", "epsg::4326", "epsg:4326", "epsg:6.6:4326", "wgs84", "wgs 84", "ogc:1.3:crs84")


@dataclass(frozen=True)
class Feature:
    """One feature. `geometry` is longitude, latitude in WGS 84; None if there is none or none usable.

    `problem` says why a geometry that was given is unusable, or why the whole feature is: then
    `properties` is None. `raw_geometry` is the geometry as it was written.
    """

    number: int  # 1 is the first
    line: int | None  # where it starts, in files that have lines
    properties: dict[str, Any] | None
    geometry: BaseGeometry | None = None
    raw_geometry: Any = None
    id: str | None = None
    problem: str | None = None
    repaired: bool = False  # an area that crossed itself was made valid


def read_geojson(path: Path, limits: Limits = DEFAULT_LIMITS) -> Iterator[Feature]:
    """Yield the features of a FeatureCollection, a Feature, a geometry, or a sequence of them.

    A feature that is damaged by itself is yielded with its `problem`; FileRefused and FileTooLarge mean
    that the file as a whole cannot be read. Memory stays flat: it is parsed feature by feature.
    """
    charset = charset_of(checked_file(path, limits))
    number = 0
    with path.open(encoding=charset.name, errors=charset.errors) as file:
        for piece in split_features(file, limits):
            if piece.is_envelope:
                _check_envelope(piece)
                continue
            number += 1
            if number > limits.rows:
                raise FileTooLarge(N_("The file has more than %(limit)d features."), limit=limits.rows)
            yield _feature(number, piece, limits)


def _check_envelope(piece: Piece) -> None:
    envelope, _ = _parsed(piece.text)
    if not isinstance(envelope, dict) or envelope.get("type") != "FeatureCollection":
        raise FileRefused(N_("This is JSON, but not a GeoJSON FeatureCollection."))
    _check_crs(envelope)


def _check_crs(container: dict[str, Any]) -> None:
    """GeoJSON is WGS 84; the 2008 form could name another system, whose numbers would be misread."""
    crs = container.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(name, str) and not name.lower().endswith(WGS84_NAMES):
        raise FileRefused(
            N_("The GeoJSON's positions are in %(crs)s; convert it to WGS 84 (EPSG:4326)."), crs=name[:80]
        )


def _feature(number: int, piece: Piece, limits: Limits) -> Feature:
    value, problem = _parsed(piece.text)
    if problem:
        return Feature(number, piece.line, None, problem=problem)
    if isinstance(value, dict) and value.get("type") in GEOMETRY_TYPES:
        value = {"type": "Feature", "properties": {}, "geometry": value}
    if not isinstance(value, dict) or value.get("type") != "Feature":
        return Feature(number, piece.line, None, problem=N_("this JSON object is not a GeoJSON Feature"))
    _check_crs(value)
    properties = value.get("properties")
    if properties is not None and not isinstance(properties, dict):
        return Feature(number, piece.line, None, problem=N_("the properties are not a JSON object"))
    raw = value.get("geometry")
    geometry, problem = None, None
    try:
        geometry = geometry_of(raw, limits)
    except BadGeometry as error:
        problem = str(error)
    identity = value.get("id")
    return Feature(
        number,
        piece.line,
        properties or {},
        geometry,
        raw,
        str(identity) if isinstance(identity, str | int) else None,
        problem,
    )


def _parsed(text: str) -> tuple[Any, str | None]:
    """Return the value, or None and the problem.

    NaN and Infinity, which some writers leave in place of a missing number, are no JSON: they come back
    as the words, so that a position that holds one is refused and the rest is kept.
    """
    try:
        return orjson.loads(text), None
    except orjson.JSONDecodeError as error:
        problem = f"this is not JSON: {str(error).partition(':')[0]}"
    try:
        return json.loads(text, parse_constant=str), None
    except (ValueError, RecursionError):
        return None, problem
