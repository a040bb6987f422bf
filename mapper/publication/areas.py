"""The areas of a public release: which may be shown, how they are called, and their simplified outlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.publication.partition import H3_LEVEL, Partition
from mapper.store.snapshot_format import PUBLIC_AREAS, WHOLE_CRISIS, WHOLE_CRISIS_LEVEL
from mapper.store.tables import Area, Crisis, Layer

TOLERANCE = 0.003  # degrees, about 300 m: outlines are for looking at
DECIMALS = 4
GRID = 10**-DECIMALS  # degrees, about 10 m


@dataclass(frozen=True)
class KnownArea:
    """An area in force: its code, level, names by language and the codes above it by level."""

    code: str
    level: int
    names: Mapping[str, str]
    parents: Mapping[str, str]

    def code_at(self, level: int) -> str | None:
        """Return the code of this area or the one above it at a level."""
        return self.code if level == self.level else self.parents.get(str(level))


def known_areas(session: Session, crisis_id: int) -> list[KnownArea]:
    """Return the areas in force, the coarsest first."""
    query = _in_force(select(Area.code, Area.level, Area.names, Area.parents), crisis_id)
    return [KnownArea(*row) for row in session.execute(query.order_by(Area.level, Area.code))]


def partition_of(areas: Sequence[KnownArea], level: int) -> Partition:
    """Return the partition at a level. Levels above it serve for merging where they hold several areas."""
    if not areas:
        return Partition(level, by_cell=True)
    codes = {at: {code for area in areas if (code := area.code_at(at))} for at in range(level + 1)}
    shown = [at for at in codes if at == level or len(codes[at]) > 1]
    levels = {code: at for at in shown for code in codes[at]}
    parents: dict[str, str] = {}
    for area in areas:
        chain = [code for at in reversed(shown) if (code := area.code_at(at))]
        parents |= dict(pairwise(chain))
    return Partition(level, levels, parents)


def area_table(
    session: Session, crisis: Crisis, areas: Sequence[KnownArea], partition: Partition, used: Iterable[str]
) -> pa.Table:
    """Return every area of the partition and the whole crisis (`snapshot_format.PUBLIC_AREAS`).

    Of H3 cells, which are the same everywhere, only those that are `used`.
    """
    if partition.by_cell:
        return _table([*_cells(used), _whole(crisis, [])])
    outlines = _outlines(session, crisis.id, areas, partition)
    rows = [
        {
            "area_code": code,
            "area_level": level,
            "name": _name(code, areas, crisis.languages),
            "area_codes": _codes(code, partition),
            "geometry": outlines[code],
        }
        for code, level in sorted(partition.levels.items(), key=lambda item: (item[1], item[0]))
        if code in outlines
    ]
    return _table([*rows, _whole(crisis, list(outlines.values()))])


def _in_force(query: Any, crisis_id: int) -> Any:
    layer = (Layer.crisis_id == Area.crisis_id) & (Layer.id == Area.layer_id)
    return query.join(Layer, layer).where(
        Area.crisis_id == crisis_id, Layer.kind == "areas", Layer.replaced_at.is_(None)
    )


def _outlines(
    session: Session, crisis_id: int, areas: Sequence[KnownArea], partition: Partition
) -> dict[str, BaseGeometry]:
    """Return each area's outline; one that was not loaded itself is the union of the nearest below it."""
    found: dict[str, BaseGeometry] = {}
    for level in sorted(set(partition.levels.values())):
        wanted = {code for code, at in partition.levels.items() if at == level}
        parts = _parts(areas, level, wanted)
        loaded = _geometries(session, crisis_id, {part.level for group in parts.values() for part in group})
        whole = {
            code: _surface(shapely.union_all([loaded[part.code] for part in group]))
            for code, group in parts.items()
        }
        found |= _simplified(whole)
    return found


def _parts(areas: Sequence[KnownArea], level: int, wanted: set[str]) -> dict[str, list[KnownArea]]:
    """Return of which loaded areas each wanted one consists, all of the coarsest level there is."""
    parts: dict[str, list[KnownArea]] = {}
    for area in areas:  # the coarsest first
        code = area.code_at(level)
        if code in wanted and area.level >= level:
            group = parts.setdefault(code, [])
            if not group or group[0].level == area.level:
                group.append(area)
    return parts


def _geometries(session: Session, crisis_id: int, levels: set[int]) -> dict[str, BaseGeometry]:
    query = _in_force(select(Area.code, Area.geometry), crisis_id).where(Area.level.in_(levels))
    return {code: shapely.make_valid(shapely.from_wkb(wkb)) for code, wkb in session.execute(query)}


def _simplified(whole: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Simplify a level's areas together, so that neighbours still share their border."""
    codes = list(whole)
    drawn = shapely.coverage_simplify(np.array([whole[code] for code in codes]), TOLERANCE)
    snapped = shapely.set_precision(drawn, GRID)  # snapping each on one grid keeps them valid and touching
    return {
        code: _surface(outline) if not outline.is_empty else whole[code]
        for code, outline in zip(codes, snapped, strict=True)
    }


def _surface(geometry: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry alone."""
    parts = shapely.get_parts(geometry)
    flat = [piece for part in parts for piece in shapely.get_parts(part) if piece.geom_type == "Polygon"]
    return flat[0] if len(flat) == 1 else shapely.multipolygons(flat)


def _cells(used: Iterable[str]) -> list[dict[str, Any]]:
    import h3

    return [
        {
            "area_code": cell,
            "area_level": H3_LEVEL,
            "name": cell,
            "area_codes": {"h3": cell},
            "geometry": shapely.polygons([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]),
        }
        for cell in sorted(set(used) - {WHOLE_CRISIS})
    ]


def _whole(crisis: Crisis, outlines: list[BaseGeometry]) -> dict[str, Any]:
    box = shapely.box(crisis.west, crisis.south, crisis.east, crisis.north)
    geometry = _surface(shapely.union_all(outlines, grid_size=GRID)) if outlines else box
    return {
        "area_code": WHOLE_CRISIS,
        "area_level": WHOLE_CRISIS_LEVEL,
        "name": crisis.name,
        "area_codes": {},
        "geometry": geometry,
    }


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    columns = [[row[name] for row in rows] for name in PUBLIC_AREAS.names]
    written = dict(zip(PUBLIC_AREAS.names, columns, strict=True))
    written["area_codes"] = [orjson.dumps(codes).decode() for codes in written["area_codes"]]
    written["geometry"] = [shapely.to_wkb(_rounded(outline)) for outline in written["geometry"]]
    return pa.table(written, schema=PUBLIC_AREAS)


def _rounded(outline: BaseGeometry) -> BaseGeometry:
    """Write 34.3683 for 34.368300000000005: the digits carry nothing and are sent to everybody."""
    return shapely.transform(outline, lambda degrees: np.round(degrees, DECIMALS))


def _name(code: str, areas: Sequence[KnownArea], languages: Sequence[str]) -> str:
    names = next((area.names for area in areas if area.code == code), {})
    return next((names[language] for language in languages if names.get(language)), None) or next(
        iter(names.values()), code
    )


def _codes(code: str, partition: Partition) -> dict[str, str]:
    found = {}
    place: str | None = code
    while place is not None:
        found[str(partition.levels[place])] = place
        place = partition.parents.get(place)
    return dict(sorted(found.items()))
