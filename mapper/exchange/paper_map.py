"""The sheet's map as SVG: the ground, outlines, and points, squares or areas, in web-mercator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup, escape
from shapely.geometry import shape

from mapper.exchange.extract import Extract
from mapper.exchange.projecting import to_metres
from mapper.exchange.standalone_data import drawn

WIDTH = 700  # of the drawing's own units
MOST_POINTS = 3_000
RADIUS = 3
LOOKS = {  # in the drawing itself: a page's style sheet does not reach into it
    "water": 'fill="#dde7ea"',
    "land": 'fill="#f7f5ef"',
    "border": 'fill="none" stroke="#96a0a8" stroke-width="0.7"',
}
EDGE = 'stroke="#1c2630" stroke-width="0.5"'
UNKNOWN = 'fill="#ffffff" stroke-dasharray="1.5 1.5"'


def paper_map(found: Extract) -> Markup:
    """Return the map as an SVG element; its one text is the crisis' name."""
    data = drawn(found, MOST_POINTS).data
    (south, west), (north, east) = data["bounds"]
    plan = _Plan(west, south, east, north)
    water = f'<rect width="{WIDTH}" height="{plan.height:.1f}" {LOOKS["water"]}/>'
    body = "".join([water, *_ground(data, plan), *_marks(data, plan)])
    return Markup(  # noqa: S704 - numbers, our own attributes and an escaped name
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(found.crisis.name)}" '
        f'viewBox="0 0 {WIDTH} {plan.height:.1f}">{body}</svg>'
    )


class _Plan:
    """Degrees to the drawing's units, y down."""

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        (self._left, bottom), (right, self._top) = to_metres(
            np.array([[west, south], [east, north]])
        ).tolist()
        self._scale = WIDTH / (right - self._left)
        self.height = (self._top - bottom) * self._scale
        self.window = shapely.box(west, south, east, north)

    def __call__(self, positions: Any) -> list[tuple[float, float]]:
        metres = to_metres(np.asarray(positions, dtype=float)[:, :2])
        x, y = (metres[:, 0] - self._left) * self._scale, (self._top - metres[:, 1]) * self._scale
        return list(zip(x.tolist(), y.tolist(), strict=True))


def _ground(data: Mapping[str, Any], plan: _Plan) -> Iterator[str]:
    for item in data["ground"] or ():
        yield _path(shape(item["shape"]), plan, LOOKS[item["kind"]])
    for feature in (data["outlines"] or {}).get("features", ()):
        yield _path(shape(feature["geometry"]), plan, LOOKS["border"])


def _path(geometry: Any, plan: _Plan, look: str) -> str:
    return f'<path d="{_outline(geometry, plan)}" {look}/>'


def _outline(geometry: Any, plan: _Plan) -> str:
    clipped = shapely.make_valid(geometry).intersection(plan.window)
    return "".join(_ring(line, plan) for line in _lines(clipped))


def _lines(geometry: Any) -> Iterator[Any]:
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            yield part.exterior
            yield from part.interiors
        elif part.geom_type == "LineString":
            yield part
        elif hasattr(part, "geoms"):
            yield from _lines(part)


def _ring(line: Any, plan: _Plan) -> str:
    places = " L".join(f"{x:.1f} {y:.1f}" for x, y in plan(line.coords))
    return f"M{places}"


def _marks(data: Mapping[str, Any], plan: _Plan) -> Iterator[str]:
    """Draw what is counted: everything of one look as one path, which is set much faster than many."""
    drawings: dict[str, list[str]] = {}
    for items in data["layers"].values():
        for item in items:
            look, outline = _mark(item, data["ramp"], plan)
            drawings.setdefault(look, []).append(outline)
    for look, outlines in drawings.items():
        yield f'<path d="{"".join(outlines)}" {EDGE} {look}/>'


def _mark(item: Sequence[Any], ramp: Sequence[str], plan: _Plan) -> tuple[str, str]:
    """Return look and outline of a point `[latitude, longitude, …]`, a square or an area `[outline, …]`."""
    first, second, *rest = item
    if isinstance(first, Mapping):
        return f'{_fill(second, rest[0], ramp)} fill-opacity="0.75"', _outline(shape(first), plan)
    look = _fill(rest[0], rest[1], ramp)
    if isinstance(first, list):
        (south, west), (north, east) = first, second
        return look, _outline(shapely.box(west, south, east, north), plan)
    ((x, y),) = plan([[second, first]])
    arc = f"a{RADIUS} {RADIUS} 0 1 0"
    return look, f"M{x - RADIUS:.1f} {y:.1f}{arc}{2 * RADIUS} 0{arc}{-2 * RADIUS} 0"


def _fill(low: int | None, high: int | None, ramp: Sequence[str]) -> str:
    if low is None or high is None:
        return UNKNOWN
    return f'fill="{ramp[(low + high + 1) // 2]}"'
