"""Runs behind the fence: writes a layer's features as lines of GeoJSON in longitude, latitude (WGS 84)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import shapely

from mapper.files.refusals import FileRefused
from mapper.vocabulary.text import N_

WGS84 = "OGC:CRS84"
DEGREES = ("EPSG:4326", WGS84)


def write_features(batches: Iterable[Any], geometry: str, convert: Any, target: Path) -> None:
    """Write record batches with a column of well-known binary; `convert` is from `converter`."""
    with target.open("wb") as file:
        for batch in batches:
            file.writelines(_lines(batch, geometry, convert))


def converter(crs: Any) -> Any:
    """Return a function from a system's x, y to longitude and latitude; None if they are that.

    `crs` is anything that pyproj understands. Raises FileRefused for what it does not.
    """
    if crs is None or crs in DEGREES:
        return None  # without a stated system the reader's check of degrees decides
    import pyproj

    try:
        known = pyproj.CRS.from_user_input(crs)
        if known.to_authority() in (("EPSG", "4326"), ("OGC", "CRS84")):
            return None
        return pyproj.Transformer.from_crs(known, WGS84, always_xy=True).transform
    except pyproj.exceptions.ProjError as error:
        raise FileRefused(N_("The file's coordinate system is not known.")) from error


def _lines(batch: Any, geometry: str, convert: Any) -> Iterator[bytes]:
    """Yield the batch as GeoJSON features, one a line."""
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
