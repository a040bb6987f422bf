"""What a stand-alone map holds: points, squares that count them, or areas; and the ground under them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from flask_babel import gettext as _

from mapper.exchange.extract import Extract
from mapper.exchange.flat import degrees, incidents_flat
from mapper.exchange.qgis_style import RAMP, UNKNOWN_COLOUR
from mapper.exchange.titles import damage_words
from mapper.geography.cells import BITS, cell_xy
from mapper.maps.areas import area_collection
from mapper.maps.boundaries import area_shapes
from mapper.store.snapshot_format import WHOLE_CRISIS
from mapper.vocabulary.sectors import MULTIPLE, MULTIPLE_LABEL, SECTORS
from mapper.vocabulary.states import STATES
from mapper.web.assets import MANIFEST, STATIC, read_manifest
from mapper.web.locale import language, moment, number

MOST_POINTS = 20_000  # what an old laptop's browser still draws at once
MOST_SQUARES = 4_000
GROUND_MARGIN = 8.0  # degrees around the crisis

SHOWN = ("status", "area_1", "reports", "sources", "origins", "happened_from", "verified_at")


@dataclass(frozen=True)
class Drawn:
    """The file's data, its layers (code to label) and what is to be said above the map."""

    data: Mapping[str, Any]
    groups: Mapping[str, str]
    notices: Sequence[str]


def drawn(found: Extract, most_points: int | None = None) -> Drawn:
    """Return what to draw of an extract; more incidents than `most_points` are counted in squares."""
    layers, notices = _layers(found, MOST_POINTS if most_points is None else most_points)
    crisis = found.crisis
    data = {
        "bounds": [[crisis.south, crisis.west], [crisis.north, crisis.east]],
        "ramp": [f"rgb({colour})" for colour in RAMP],
        "unknown": f"rgb({UNKNOWN_COLOUR})",
        "ground": _ground(found),
        "outlines": None if found.seen.is_public else _outlines(found),
        "layers": layers,
        "words": {
            "zoom_in": _("Zoom in"),
            "zoom_out": _("Zoom out"),
            "close": _("Close"),
            "layers": _("Layers"),
        },
    }
    return Drawn(data, {code: _group_label(code) for code in layers}, notices)


def _layers(found: Extract, most_points: int) -> tuple[dict[str, Any], list[str]]:
    if found.seen.is_public:
        return {"areas": _areas(found)}, []
    rows = found.seen.rows.take(found.rows)
    placed = rows.filter(pc.is_valid(rows["lon_e7"]))
    notices = []
    if missing := rows.num_rows - placed.num_rows:
        notices.append(
            _("%(count)s incidents have no place yet and are not on this map.", count=number(missing))
        )
    if placed.num_rows <= most_points:
        return _points(placed, found.crisis.timezone), notices
    squares = _squares(placed)
    notices.append(
        _(
            "%(count)s incidents are too many to draw one by one in a file: %(squares)s squares count them. "
            "Export fewer with a filter to see each.",
            count=number(placed.num_rows),
            squares=number(len(squares)),
        )
    )
    return {"squares": squares}, notices


def _group_label(code: str) -> str:
    if code in SECTORS:
        return str(_(SECTORS[code].label))
    return str({"areas": _("Verified incidents by area"), "squares": _("Incidents in squares")}[code])


def _points(rows: pa.Table, timezone: str) -> dict[str, Any]:
    """Return the incidents of each sector: place, interval, title and lines of text."""
    longitude, latitude = degrees(rows)
    table = incidents_flat(rows)
    columns = {
        name: table[name].to_pylist() for name in ("sector", "damage_low", "damage_high", "title", *SHOWN)
    }
    found: dict[str, list[Any]] = {code: [] for code in SECTORS}
    for place, sector in enumerate(columns["sector"]):
        said = {name: values[place] for name, values in columns.items()}
        lines = [[label, text] for label, text in _lines(said, timezone) if text]
        found[sector].append(
            [
                round(float(latitude[place]), 6),
                round(float(longitude[place]), 6),
                said["damage_low"],
                said["damage_high"],
                said["title"],
                lines,
            ]
        )
    return {code: items for code, items in found.items() if items}


def _lines(said: Mapping[str, Any], timezone: str) -> list[tuple[str, str]]:
    return [
        (_("State"), _(STATES[said["status"]].label) if said["status"] in STATES else said["status"]),
        (_("Area"), said["area_1"] or ""),
        (_("Reports, sources, origins"), f"{said['reports']}, {said['sources']}, {said['origins']}"),
        (_("Happened"), moment(said["happened_from"], timezone)),
        (_("Verified"), moment(said["verified_at"], timezone)),
    ]


def _squares(rows: pa.Table) -> list[Any]:
    """Return squares with the number of their incidents and the span of their damage."""
    keys = rows["cell_key"].to_numpy()
    cells, zoom = _cells(keys)
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    counts = np.diff(starts, append=len(cells))
    worst = _worst(rows["damage_high"], starts)
    least = _worst(rows["damage_low"], starts)
    column, line = cell_xy(cells[starts])
    return [
        [
            [_latitude(y + 1, zoom), _longitude(x, zoom)],
            [_latitude(y, zoom), _longitude(x + 1, zoom)],
            low,
            high,
            _("%(count)s incidents", count=number(count)),
            [[_("Worst damage among them"), damage_words(low, high)]],
            count,
        ]
        for x, y, count, low, high in zip(
            column.tolist(), line.tolist(), counts.tolist(), least, worst, strict=True
        )
    ]


def _cells(keys: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """Return each row's square at the finest zoom that has few enough; rows are in order of key."""
    for zoom in range(20, -1, -1):
        cells = keys >> (2 * (BITS - zoom))
        if np.count_nonzero(np.diff(cells)) < MOST_SQUARES:
            break
    return cells, zoom


def _worst(column: pa.ChunkedArray, starts: npt.NDArray[Any]) -> list[int | None]:
    grades = column.fill_null(-1).to_numpy()
    return [None if grade < 0 else grade for grade in np.maximum.reduceat(grades, starts).tolist()]


def _longitude(x: int, zoom: int) -> float:
    return round(float(x / 2**zoom * 360 - 180), 6)


def _latitude(y: int, zoom: int) -> float:
    return round(math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / 2**zoom)))), 6)


def _areas(found: Extract) -> list[Any]:
    """Return the release's areas, each with its rows."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in found.seen.rows.take(found.rows).to_pylist():
        rows.setdefault(row["area_code"], []).append(row)
    shapes = {area["area_code"]: area for area in found.areas.to_pylist()}
    return [
        _area(shapes[code], items)
        for code, items in sorted(rows.items(), key=lambda item: shapes[item[0]]["area_level"])
    ]


def _area(shape: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    lows = [row["damage_low"] for row in rows if row["damage_low"] is not None]
    highs = [row["damage_high"] for row in rows if row["damage_high"] is not None]
    name = _("Several areas together") if shape["area_code"] == WHOLE_CRISIS else shape["name"]
    lines = [
        [
            f"{_sector(row['sector'])}, {row['week']}",
            f"{number(row['count'])}. {damage_words(row['damage_low'], row['damage_high'])}",
        ]
        for row in sorted(rows, key=lambda row: (row["week"], row["sector"]), reverse=True)
    ]
    total = sum(row["count"] for row in rows)
    outline = orjson.loads(shapely.to_geojson(shapely.from_wkb(shape["geometry"])))
    return [
        outline,
        min(lows, default=None),
        max(highs, default=None),
        _("%(name)s: %(count)s verified incidents", name=name, count=number(total)),
        lines,
        total,
    ]


def _sector(code: str) -> str:
    return str(_(MULTIPLE_LABEL if code == MULTIPLE else SECTORS[code].label))


def _ground(found: Extract) -> Any:
    """Return land and borders around the crisis from the built base map; None where it is not built."""
    built = read_manifest(MANIFEST).get("vendor/world-land.json")
    if built is None:
        return None
    crisis = found.crisis
    window = shapely.box(
        crisis.west - GROUND_MARGIN,
        crisis.south - GROUND_MARGIN,
        crisis.east + GROUND_MARGIN,
        crisis.north + GROUND_MARGIN,
    )
    features = orjson.loads((STATIC / built).read_bytes())["features"]
    return [
        {"kind": feature["properties"]["kind"], "shape": orjson.loads(shapely.to_geojson(part))}
        for feature in features
        if not (part := _clipped(feature["geometry"], window)).is_empty
    ]


def _clipped(geometry: Mapping[str, Any], window: Any) -> Any:
    shape = shapely.from_geojson(orjson.dumps(geometry))
    return shapely.set_precision(shapely.make_valid(shape).intersection(window), 0.01)


def _outlines(found: Extract) -> Any:
    """Return the outlines of the loaded areas of the first level, simplified."""
    with found.store.read() as session:
        shapes = area_shapes(session, found.crisis.id, 1)
    return orjson.loads(area_collection(shapes, (language(), *found.crisis.languages))) if shapes else None
