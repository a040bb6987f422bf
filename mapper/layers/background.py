"""Loading what was known of a place beside its boundaries: people, activities, facilities, roads."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from mapper.layers.headings import RowColumns, recognise_rows, text_of
from mapper.layers.joining import Join, find_join, known_areas
from mapper.layers.placing import placed
from mapper.layers.rows import Source, SourceRow, read_source
from mapper.layers.service import AREAS, LayerRefused
from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import Area, Crisis, Layer, LayerRow
from mapper.vocabulary.assets import match_category
from mapper.vocabulary.sectors import SECTORS

POPULATION, ACTIVITIES, FACILITIES, ROADS = "population", "activities", "facilities", "roads"
ASSESSMENT = "assessment"
KINDS = (POPULATION, ACTIVITIES, FACILITIES, ROADS, ASSESSMENT)
PLACED = frozenset({FACILITIES, ROADS})  # kinds whose rows are nothing without a geometry
ROWS_AT_ONCE = 5_000
MOST_FIELDS, LONGEST_VALUE = 60, 500  # of what an assessment's row keeps
# Names of clusters that are no words of the vocabulary (IASC, and how 3W files shorten them).
CLUSTERS = {sector.cluster.casefold(): code for code, sector in SECTORS.items() if sector.cluster} | {
    "shelter/nfi": "housing",
    "shelter and nfi": "housing",
    "food security and livelihoods": "food",
    "emergency telecommunications": "telecom",
    "mine action": "explosive_hazard",
    "energy": "power",
}


@dataclass(frozen=True)
class AddedRows:
    """What was loaded: how many rows, how many had to be left out, and codes that no loaded area has."""

    kind: str
    rows: int
    left_out: int
    unknown_codes: int
    joined_by: str = ""  # "code" or "name": the column that names the areas was found by its values
    column: str = ""
    put_right: int = 0  # points whose axes were swapped


def add_rows(
    store: Store, crisis: Crisis, kind: str, path: Path, level: int | None = None, name: str | None = None
) -> AddedRows:
    """Load a file as a layer of `kind`; it replaces the one of the same kind and level, or else of its name.

    Raises LayerRefused, or what `read_source` raises for a file that cannot be read.
    """
    source, put_right = read_source(path), 0
    columns = recognise_rows(source.columns, source.tags, level)
    if kind in PLACED or kind == ASSESSMENT:
        found = placed(source, (crisis.west, crisis.south, crisis.east, crisis.north))
        source, put_right = found.source, found.put_right
    if kind not in PLACED:
        columns = replace(columns, join=_join(store, crisis, columns, source))
    _has_what_it_needs(kind, columns, source)
    rows = [made for row in source.rows if (made := _row(kind, columns, row)) is not None]
    if not rows:
        raise LayerRefused(f"the file has no row that can be used as {kind}")
    finest = max((int(code) for row in rows for code in row["codes"]), default=None)
    at = store.clock()
    layer = Layer(
        crisis_id=crisis.id,
        id=uuid.uuid4(),
        kind=kind,
        level=finest if kind == POPULATION else None,
        name=name or path.name,
        version_label=at.date().isoformat(),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        features=len(rows),
        since_version=crisis.areas_version,
        added_at=at,
    )
    with store.write() as session:
        unknown = _unknown_codes(session, crisis.id, rows)
        if unknown == len(rows):
            raise LayerRefused("no area that is loaded has any of the file's codes: load the areas first")
        _keep(session, layer, rows, at)
    left_out, join = len(source.rows) - len(rows), columns.join
    by = (join.by, join.column) if join else ("", "")
    return AddedRows(kind, len(rows), left_out, unknown, *by, put_right=put_right)


def _join(store: Store, crisis: Crisis, columns: RowColumns, source: Source) -> Join | None:
    """Return how rows name their areas where no column says so by its heading, or none that is loaded."""
    values = [row.values for row in source.rows if row.problem is None]
    with store.read() as session:
        areas = known_areas(session, crisis.id)
    known = {(str(area.level), area.code) for area in areas}
    others = columns.codes.keys() - {area.level for area in areas}
    if others or any(columns.codes_of(row).items() & known for row in values):
        return None
    return find_join(source.columns, values, areas)


def in_force(session: Session, crisis_id: int, kind: str) -> list[Layer]:
    """Return the layers of a kind that hold now, the oldest first."""
    query = select(Layer).where(Layer.crisis_id == crisis_id, Layer.kind == kind, Layer.replaced_at.is_(None))
    return list(session.scalars(query.order_by(Layer.added_at, Layer.id)))


def rows_of(session: Session, layer: Layer) -> Iterable[tuple[dict[str, str], dict[str, Any]]]:
    """Yield the codes and properties of a layer's rows, in the order of its file."""
    query = select(LayerRow.codes, LayerRow.properties).where(
        LayerRow.crisis_id == layer.crisis_id, LayerRow.layer_id == layer.id
    )
    return ((codes, properties) for codes, properties in session.execute(query.order_by(LayerRow.number)))


def sector_of(words: str) -> str:
    """Return the sector that a cluster's name or a sector's word means; `unknown` where none fits."""
    return CLUSTERS.get(words.casefold().strip()) or match_category(words)[1]


def _has_what_it_needs(kind: str, columns: RowColumns, source: Source) -> None:
    is_placed = any(row.geometry is not None for row in source.rows)
    if kind == ASSESSMENT and not columns.codes and columns.join is None and not is_placed:
        raise LayerRefused(
            "no row has a position, and no column holds the codes or the names of areas that are loaded: "
            "load those first that the table is about, with mapper layer add areas FILE --level N "
            "--codes COLUMN"
        )
    if kind in (POPULATION, ACTIVITIES) and not columns.codes and columns.join is None:
        raise LayerRefused(
            "no column of P-codes such as ADM2_PCODE or #adm2+code; a column named P-code needs --level"
        )
    if kind == POPULATION and "people" not in columns.fields:
        raise LayerRefused("no column of people such as population, T_TL or #population")
    if kind == ACTIVITIES and "sector" not in columns.fields:
        raise LayerRefused("no column of sectors such as sector, cluster or #sector")
    if kind in PLACED and not is_placed:
        raise LayerRefused(
            f"{kind} need positions: columns of latitude and longitude, GeoJSON, GeoPackage, FlatGeobuf, KML "
            "or a shapefile"
        )


def _row(kind: str, columns: RowColumns, row: SourceRow) -> dict[str, Any] | None:
    """Return what is kept of a row; None where it says nothing that the kind needs."""
    codes = columns.codes_of(row.values)
    has_place, takes_place = row.geometry is not None, kind in PLACED or kind == ASSESSMENT
    if row.problem or not ((has_place and takes_place) or (codes and kind not in PLACED)):
        return None
    geometry = shapely.to_wkb(row.geometry) if row.geometry is not None else None
    return {
        "number": row.number,
        "codes": codes,
        "properties": _READ[kind](columns, row.values),
        "geometry": geometry,
    }


def _people(columns: RowColumns, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"people": columns.count(values, "people")}


def _activity(columns: RowColumns, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sector": sector_of(columns.text(values, "sector")),
        "organisation": columns.text(values, "organisation")[:LONGEST_VALUE],
        "status": columns.text(values, "status").casefold()[:LONGEST_VALUE],
        "reached": columns.count(values, "reached"),
        "in_need": columns.count(values, "in_need"),
    }


def _thing(columns: RowColumns, values: Mapping[str, Any]) -> dict[str, Any]:
    category = columns.text(values, "category")
    asset, sector = match_category(category)
    return {
        "name": columns.text(values, "name")[:LONGEST_VALUE],
        "category": category[:LONGEST_VALUE],
        "asset": asset,
        "sector": sector,
        "people": columns.count(values, "people"),
    }


def _assessed(_columns: RowColumns, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text_of(value)[:LONGEST_VALUE] for name, value in list(values.items())[:MOST_FIELDS]}


_READ: dict[str, Callable[[RowColumns, Mapping[str, Any]], dict[str, Any]]] = {
    POPULATION: _people,
    ACTIVITIES: _activity,
    FACILITIES: _thing,
    ROADS: _thing,
    ASSESSMENT: _assessed,
}


def _unknown_codes(session: Session, crisis_id: int, rows: list[dict[str, Any]]) -> int:
    """Return how many rows name no loaded area; 0 where no areas of any of their levels are loaded."""
    layer = (Layer.crisis_id == Area.crisis_id) & (Layer.id == Area.layer_id)
    query = select(Area.level, Area.code).join(Layer, layer)
    query = query.where(Area.crisis_id == crisis_id, Layer.kind == AREAS, Layer.replaced_at.is_(None))
    known = {(str(level), code) for level, code in session.execute(query)}
    levels = {level for level, _code in known}
    return sum(bool(row["codes"].keys() & levels) and not row["codes"].items() & known for row in rows)


def _keep(session: Session, layer: Layer, rows: list[dict[str, Any]], at: datetime) -> None:
    earlier: list[ColumnElement[bool]] = [
        Layer.crisis_id == layer.crisis_id,
        Layer.kind == layer.kind,
        Layer.replaced_at.is_(None),
    ]
    earlier.append(Layer.level == layer.level if layer.kind == POPULATION else Layer.name == layer.name)
    session.execute(update(Layer).where(*earlier).values(replaced_at=at))
    session.add(layer)
    session.flush()
    owner = {"crisis_id": layer.crisis_id, "layer_id": layer.id}
    for start in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(insert(LayerRow), [owner | row for row in rows[start : start + ROWS_AT_ONCE]])
    payload = {"kind": layer.kind, "rows": len(rows), "sha256": layer.sha256, "name": layer.name}
    ledger.append(session, layer.crisis_id, "layer", str(layer.id), payload, at)
