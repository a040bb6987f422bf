"""Rows of a file of features that our own parser reads (GeoJSON).

The file is parsed once: a text that is damaged at its end is refused before any row is used, and the columns
are those of all features. What was read waits in a private folder, so that it can be read again quickly.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from mapper.files.batches import BATCH_ROWS, Batch, Degrees, Geometries
from mapper.files.geojson import Feature
from mapper.vocabulary.text import N_

AREAS = ("Polygon", "MultiPolygon")
NO_FEATURE = N_("the feature cannot be read")


@dataclass(frozen=True)
class FeatureTable:
    """Features as rows; a shape that is no point stands for itself by a point inside it."""

    columns: tuple[str, ...]
    description: str
    _folder: tempfile.TemporaryDirectory[str] = field(repr=False)

    @property
    def tags(self) -> Mapping[str, str]:
        """Features have no HXL tags."""
        return {}

    def batches(self) -> Iterator[Batch]:
        """See `batches.Table`."""
        with (Path(self._folder.name) / "rows").open("rb") as file:
            rows = map(orjson.loads, file)
            while group := list(islice(rows, BATCH_ROWS)):
                yield _batch(self.columns, group)


def feature_table(features: Iterable[Feature], description: str) -> FeatureTable:
    """Read features to their end; raises FileRefused or FileTooLarge where they do."""
    folder = tempfile.TemporaryDirectory(prefix="mapper-rows-")
    names: dict[str, None] = {}
    with (Path(folder.name) / "rows").open("wb") as file:
        for feature in features:
            names |= dict.fromkeys(feature.properties or {})
            file.write(orjson.dumps(_kept(feature), option=orjson.OPT_APPEND_NEWLINE))
    return FeatureTable(tuple(names), description, folder)


def _kept(feature: Feature) -> list[Any]:
    """Return line, problem, properties, raw geometry, id, and degrees or nulls."""
    unreadable = feature.properties is None
    problem = feature.problem or NO_FEATURE if unreadable else None
    longitude, latitude = _degrees(feature) or (None, None)
    line = feature.line or feature.number
    return [line, problem, feature.properties, feature.raw_geometry, feature.id, longitude, latitude]


def _batch(columns: tuple[str, ...], rows: list[list[Any]]) -> Batch:
    lines, problems, properties, shapes, ids, longitude, latitude = zip(*rows, strict=True)

    def texts(column: str) -> Sequence[str]:
        return [_as_text((each or {}).get(column)) for each in properties]

    def raws() -> Sequence[Mapping[str, Any]]:
        parts = zip(properties, shapes, ids, strict=True)
        return [{"properties": each, "geometry": shape, "id": name} for each, shape, name in parts]

    return Batch(
        lines,
        columns,
        texts,
        raws,
        {index: problem for index, problem in enumerate(problems) if problem is not None},
        Geometries(
            np.array(longitude, dtype=np.float64),
            np.array(latitude, dtype=np.float64),
            np.array([shape is not None for shape in shapes], dtype=bool),
            np.array(
                [isinstance(shape, dict) and shape.get("type") in AREAS for shape in shapes], dtype=bool
            ),
        ),
    )


def _degrees(feature: Feature) -> Degrees | None:
    if feature.geometry is not None and not feature.geometry.is_empty:
        point = feature.geometry.representative_point()
        return point.x, point.y
    return _off_earth(feature.raw_geometry)


def _off_earth(raw: Any) -> Degrees | None:
    """Return a point's two numbers although they are no place: with their axes swapped they may be one."""
    if not isinstance(raw, dict) or raw.get("type") != "Point":
        return None
    numbers = raw.get("coordinates")
    if (
        not isinstance(numbers, list)
        or len(numbers) < 2
        or any(type(n) not in (int, float) for n in numbers[:2])
    ):
        return None
    longitude, latitude = float(numbers[0]), float(numbers[1])
    return (longitude, latitude) if math.isfinite(longitude) and math.isfinite(latitude) else None


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()
