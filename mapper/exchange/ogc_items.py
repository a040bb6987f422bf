"""Items of the OGC API: flat GeoJSON features, a page at a time, made column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from sqlalchemy import select

from mapper.exchange.features import public_key
from mapper.exchange.flat import GEOMETRY, INCIDENT_FIELDS, TIME, area_codes_of, degrees, incidents_flat
from mapper.exchange.lists import Page, page_of_keys
from mapper.exchange.ogc import MERCATOR
from mapper.exchange.ogc_collections import Collection
from mapper.exchange.ogc_query import AreaSelection, ItemsQuery
from mapper.exchange.projecting import to_metres
from mapper.layers.service import AREAS as LOADED_AREAS
from mapper.publication.gate import release_areas
from mapper.store.store import Store
from mapper.store.tables import Area, Layer

Feature = dict[str, Any]
NAMES = [name for name in INCIDENT_FIELDS.names if name != GEOMETRY]


def incident_items(table: pa.Table, rows: npt.NDArray[Any], crs: str) -> list[Feature]:
    """Return the features of some incidents, in the order of `rows`."""
    taken = table.take(rows)
    columns = [_texts(column) for column in incidents_flat(taken).select(NAMES).columns]
    codes = NAMES.index("area_codes")
    columns[codes] = [orjson.Fragment(text or "{}") for text in columns[codes]]  # is JSON already
    points = _points(taken, crs)
    return [
        {
            "type": "Feature",
            "id": values[0],
            "geometry": point,
            "properties": dict(zip(NAMES, values, strict=True)),
        }
        for point, values in zip(points, zip(*columns, strict=True), strict=True)
    ]


def _texts(column: pa.Array) -> list[Any]:
    """Return a column's values as JSON has them."""
    if column.type == TIME:
        column = pc.strftime(column, "%Y-%m-%dT%H:%M:%SZ")
    values: list[Any] = column.to_pylist()
    return values


def _points(table: pa.Table, crs: str) -> list[Feature | None]:
    positions = np.column_stack(degrees(table))
    if crs == MERCATOR:
        positions = to_metres(positions)
    return [None if x != x else {"type": "Point", "coordinates": (x, y)} for x, y in positions.tolist()]


@dataclass(frozen=True)
class Outlined:
    """An area: its code, level, name, P-codes by level, and outline in degrees."""

    code: str
    level: int
    name: str
    codes: Mapping[str, str]
    outline: Any

    def geometry(self, crs: str) -> orjson.Fragment:
        """Return the outline as GeoJSON."""
        shape = shapely.transform(self.outline, to_metres) if crs == MERCATOR else self.outline
        return orjson.Fragment(shapely.to_geojson(shape).encode())


def release_items(
    table: pa.Table, rows: npt.NDArray[Any], areas: Mapping[str, Outlined], crs: str
) -> list[Feature]:
    """Return the features of some rows of a release: what contract.md lists, and nothing finer."""
    drawn = {code: area.geometry(crs) for code, area in areas.items()}
    return [
        {
            "type": "Feature",
            "id": public_key(row),
            "geometry": drawn[row["area_code"]],
            "properties": {
                **{name: row[name] for name in ("count", "damage_low", "damage_high", "sector", "week")},
                "area_codes": areas[row["area_code"]].codes,
            },
        }
        for row in table.take(rows).to_pylist()
    ]


def areas_of_collection(store: Store, collection: Collection) -> Mapping[str, Outlined]:
    """Return the areas that the asker sees, by code: the release's, or all that are loaded."""
    if collection.seen.is_public:
        return _by_code(_released(release_areas(store, collection.seen)))
    crisis = collection.crisis
    return _loaded(store, crisis.id, crisis.areas_version, tuple(crisis.languages))


def _released(areas: pa.Table) -> Iterable[Outlined]:
    for row in areas.to_pylist():
        outline = shapely.from_wkb(row["geometry"])
        yield Outlined(
            row["area_code"], row["area_level"], row["name"], area_codes_of(row["area_codes"]), outline
        )


@lru_cache(maxsize=4)
def _loaded(
    store: Store, crisis_id: int, _version: int, languages: tuple[str, ...]
) -> Mapping[str, Outlined]:
    """Return the areas in force; `_version` rises whenever they change."""
    query = (
        select(Area)
        .join(Layer, (Layer.crisis_id == Area.crisis_id) & (Layer.id == Area.layer_id))
        .where(Area.crisis_id == crisis_id, Layer.kind == LOADED_AREAS, Layer.replaced_at.is_(None))
    )
    with store.read() as session:
        found = session.scalars(query).all()
    return _by_code(
        Outlined(
            area.code,
            area.level,
            next((area.names[one] for one in languages if area.names.get(one)), "")
            or next(iter(area.names.values()), area.code),
            {**area.parents, str(area.level): area.code},
            shapely.from_wkb(area.geometry),
        )
        for area in found
    )


def _by_code(areas: Iterable[Outlined]) -> Mapping[str, Outlined]:
    return {area.code: area for area in sorted(areas, key=lambda area: area.code)}


def page_of_areas(
    areas: Mapping[str, Outlined], query: ItemsQuery, chosen: AreaSelection
) -> tuple[list[Outlined], Page]:
    """Return a page of areas in order of code."""
    found = [
        area
        for area in areas.values()
        if (not chosen.codes or area.code in chosen.codes)
        and (chosen.level is None or area.level == chosen.level)
        and (chosen.bbox is None or _meets(area.outline, chosen.bbox))
    ]
    page = page_of_keys([area.code for area in found], query.limit, query.after)
    return [found[place] for place in page.rows], page


def _meets(outline: Any, bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return any(shapely.box(left, south, right, north).intersects(outline) for left, right in boxes)


def area_item(area: Outlined, crs: str) -> Feature:
    """Return the feature of an area."""
    return {
        "type": "Feature",
        "id": area.code,
        "geometry": area.geometry(crs),
        "properties": {"code": area.code, "level": area.level, "name": area.name, "area_codes": area.codes},
    }
