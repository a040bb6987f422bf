"""Loading areas, and finding the ones in force."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, defer

from mapper.files.features import Feature, read_features
from mapper.geography.cod import NO_LANGUAGE, AreaColumns, NoPcodes, recognise
from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import Area, Crisis, Layer

AREAS = "areas"


class LayerRefused(Exception):
    """A file cannot be loaded as that layer; the message says why and what to do."""


@dataclass(frozen=True)
class AddedAreas:
    """What was loaded: the admin level, how many areas, and the boundaries' own version."""

    level: int
    areas: int
    version_label: str


@dataclass(frozen=True)
class NamedColumns:
    """The columns of codes and of names of a file that has no COD-AB headings, as a person named them."""

    codes: str
    names: str | None = None


def add_areas(
    store: Store,
    crisis: Crisis,
    path: Path,
    level: int | None = None,
    name: str | None = None,
    named: NamedColumns | None = None,
) -> AddedAreas:
    """Load the areas of one level from a COD-AB file; they replace the level's earlier ones.

    `named` are the columns of a file with other headings; then `level` has to be said.

    Raises LayerRefused, or what `read_features` raises for a file that cannot be read. Nothing is
    kept unless every area is sound.
    """
    features = list(read_features(path))
    if not features:
        raise LayerRefused("the file holds no areas")
    columns = _columns(features) if named is None else _named(features, named, level or 0)
    level = columns.deepest if level is None else level
    if level not in columns.codes:
        raise LayerRefused(f"the file has no codes of level {level}; it has {sorted(columns.codes)}")
    rows = _rows(features, columns, level)
    _lies_here(crisis, features)
    at = store.clock()
    label = _version(features, columns) or at.date().isoformat()
    layer = Layer(
        crisis_id=crisis.id,
        id=uuid.uuid4(),
        kind=AREAS,
        level=level,
        name=name or path.name,
        version_label=label,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        features=len(rows),
        added_at=at,
    )
    _keep(store, layer, rows)
    return AddedAreas(level, len(rows), label)


def layers_of(session: Session, crisis_id: int) -> Sequence[Layer]:
    """Return the area layers in force, the coarsest first."""
    query = select(Layer).where(
        Layer.crisis_id == crisis_id, Layer.kind == AREAS, Layer.replaced_at.is_(None)
    )
    return session.scalars(query.order_by(Layer.level)).all()


def areas_of(session: Session, crisis_id: int, level: int, *, with_geometry: bool = True) -> Sequence[Area]:
    """Return the areas in force of a level, by code; empty where none are loaded."""
    query = (
        select(Area)
        .join(Layer, (Layer.crisis_id == Area.crisis_id) & (Layer.id == Area.layer_id))
        .where(
            Area.crisis_id == crisis_id,
            Layer.kind == AREAS,
            Layer.level == level,
            Layer.replaced_at.is_(None),
        )
        .order_by(Area.code)
    )
    if not with_geometry:
        query = query.options(defer(Area.geometry))
    return session.scalars(query).all()


def _columns(features: list[Feature]) -> AreaColumns:
    names = {name: None for feature in features for name in feature.properties or {}}
    try:
        return recognise(names)
    except NoPcodes as error:
        raise LayerRefused(
            f"{error}: areas come as COD-AB boundaries with P-codes; for others name the column with "
            f"--level N --codes COLUMN, one of: {', '.join(names)}"
        ) from error


def _named(features: list[Feature], named: NamedColumns, level: int) -> AreaColumns:
    headings = {name: None for feature in features for name in feature.properties or {}}
    for column in filter(None, (named.codes, named.names)):
        if column not in headings:
            raise LayerRefused(f"there is no column {column}; there are: {', '.join(headings)}")
    names = {level: {NO_LANGUAGE: named.names}} if named.names else {}
    return AreaColumns({level: named.codes}, names)


def _rows(features: list[Feature], columns: AreaColumns, level: int) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for feature in features:
        code = columns.code(feature.properties or {}, level)
        if code is None:
            raise LayerRefused(f"feature {feature.number} has no code in {columns.codes[level]}")
        if code in rows:
            raise LayerRefused(f"feature {feature.number} has the code {code} that another has already")
        if feature.geometry is None or feature.geometry.geom_type not in {"Polygon", "MultiPolygon"}:
            raise LayerRefused(f"feature {feature.number} ({code}) is no polygon")
        rows[code] = {
            "code": code,
            "level": level,
            "names": columns.names_of(feature.properties or {}, level),
            "parents": columns.parents(feature.properties or {}, level),
            "geometry": shapely.to_wkb(feature.geometry),
            "population": None,
        }
    return list(rows.values())


def _lies_here(crisis: Crisis, features: list[Feature]) -> None:
    box = shapely.box(crisis.west, crisis.south, crisis.east, crisis.north)
    if not any(feature.geometry is not None and feature.geometry.intersects(box) for feature in features):
        raise LayerRefused(
            f"no area of the file touches the crisis' bounding box {crisis.west},{crisis.south},"
            f"{crisis.east},{crisis.north}: is it the right country, and are its coordinates degrees?"
        )


def _version(features: list[Feature], columns: AreaColumns) -> str | None:
    values = {str((feature.properties or {}).get(columns.version or "") or "")[:40] for feature in features}
    found = sorted(value for value in values if value)
    return found[-1] if found else None


def _keep(store: Store, layer: Layer, rows: list[dict[str, Any]]) -> None:
    with store.write() as session:
        crisis = session.get_one(Crisis, layer.crisis_id)
        crisis.areas_version += 1
        layer.since_version = crisis.areas_version
        same = (Layer.crisis_id == layer.crisis_id, Layer.kind == AREAS, Layer.level == layer.level)
        session.execute(
            update(Layer).where(*same, Layer.replaced_at.is_(None)).values(replaced_at=layer.added_at)
        )
        session.add(layer)
        session.flush()
        owner = {"crisis_id": layer.crisis_id, "layer_id": layer.id}
        session.execute(insert(Area), [owner | row for row in rows])
        payload = {
            "areas": len(rows),
            "level": layer.level,
            "sha256": layer.sha256,
            "version": layer.version_label,
        }
        ledger.append(session, layer.crisis_id, "layer", str(layer.id), payload, layer.added_at)
