"""Where the things of a table are: by its geometry, else by its columns, put right by the crisis' box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shapely import Point
from shapely.geometry.base import BaseGeometry

from mapper.files.columns import SAMPLE, guess_columns
from mapper.files.numbers import parse_coordinate, parse_position
from mapper.layers.headings import text_of
from mapper.layers.rows import Source, SourceRow

DEGREES = ("latitude", "longitude", "position")
Box = tuple[float, float, float, float]  # west, south, east, north


@dataclass(frozen=True)
class Placed:
    """A source whose rows have geometries as far as anything tells, and how many had swapped axes."""

    source: Source
    put_right: int


def placed(source: Source, box: Box) -> Placed:
    """Give rows without a geometry that of their columns; turn points round that lie in the box only so."""
    by_columns = _by_columns(source, box)
    rows, put_right = [], 0
    for row, point in zip(source.rows, by_columns, strict=True):
        geometry = row.geometry if row.geometry is not None else point
        turned = _turned(geometry, box)
        put_right += turned is not None
        rows.append(replace(row, geometry=turned or geometry))
    return Placed(replace(source, rows=rows), put_right)


def _by_columns(source: Source, box: Box) -> list[Point | None]:
    sample = [{name: text_of(value) for name, value in row.values.items()} for row in source.rows[:SAMPLE]]
    guesses = guess_columns(source.columns, sample, source.tags, box)
    columns = {name: guess.column for name, guess in guesses.items() if name in DEGREES}
    return [_point(row, columns) for row in source.rows]


def _point(row: SourceRow, columns: Mapping[str, str]) -> Point | None:
    def said(name: str) -> str:
        return text_of(row.values.get(columns.get(name, "")))

    if pair := parse_position(said("position")):
        return Point(pair)
    north, east = parse_coordinate(said("latitude")), parse_coordinate(said("longitude"))
    return None if north is None or east is None else Point(east.degrees, north.degrees)


def _turned(geometry: BaseGeometry | None, box: Box) -> Point | None:
    """Return a point with its axes swapped, where it lies in the box only then."""
    if not isinstance(geometry, Point) or geometry.is_empty or _is_inside(geometry.x, geometry.y, box):
        return None
    return Point(geometry.y, geometry.x) if _is_inside(geometry.y, geometry.x, box) else None


def _is_inside(longitude: float, latitude: float, box: Sequence[float]) -> bool:
    west, south, east, north = box
    return west <= longitude <= east and south <= latitude <= north
