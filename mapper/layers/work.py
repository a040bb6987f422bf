"""What a worker does here: P-codes for reports and incidents that have none of the areas in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Update, bindparam, or_, select, update
from sqlalchemy.orm import Session

from mapper.geography.positions import from_e7
from mapper.layers.lookup import AreaCatalogue, Found, catalogue
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, Report

BATCH = 2_000
ON_BORDER = "on_border"  # a report's position_flag, where it has no graver one


def work(store: Store) -> int:
    """Do one batch of each crisis that has areas; return how many rows were looked up."""
    with store.read() as session:
        crises = session.execute(
            select(Crisis.id, Crisis.areas_version).where(Crisis.areas_version > 0)
        ).all()
    return sum(_work_crisis(store, crisis_id, version) for crisis_id, version in crises)


def _work_crisis(store: Store, crisis_id: int, version: int) -> int:
    return sum(_work_table(store, table, crisis_id, version) for table in (Report, Incident))


def _work_table(store: Store, table: type[Report] | type[Incident], crisis_id: int, version: int) -> int:
    with store.read() as session:
        waiting = _waiting(session, table, crisis_id, version)
        if not waiting:
            return 0
        found = _found(catalogue(session, store.engine, crisis_id, version), waiting)
    changes = [_change(item, where, version) for item, where in zip(waiting, found, strict=True)]
    with store.write() as session:
        at = store.clock()
        for is_visible, alike in _split(changes, waiting):
            dated = table is Incident and is_visible
            rows = [change | {"changed_at": at} for change in alike] if dated else alike
            if rows:
                session.connection().execute(_where_unmoved(table, crisis_id, rows[0]), rows)
    return len(changes)


def _waiting(
    session: Session, table: type[Report] | type[Incident], crisis_id: int, version: int
) -> list[Any]:
    behind = or_(table.areas_version.is_(None), table.areas_version < version)
    columns: list[Any] = [table.id, table.lon_e7, table.lat_e7, table.area_codes, table.outside_areas]
    if table is Report:
        columns.append(Report.position_flag)
    query = select(*columns).where(table.crisis_id == crisis_id, behind).limit(BATCH)
    return list(session.execute(query).all())


def _found(areas: AreaCatalogue, rows: list[Any]) -> list[Found | None]:
    """Return for each row where it lies; None without a position."""
    placed = [number for number, row in enumerate(rows) if row.lon_e7 is not None]
    longitude = [from_e7(rows[number].lon_e7) for number in placed]
    latitude = [from_e7(rows[number].lat_e7) for number in placed]
    found: list[Found | None] = [None] * len(rows)
    for number, where in zip(placed, areas.find(longitude, latitude), strict=True):
        found[number] = where
    return found


def _change(item: Any, where: Found | None, version: int) -> dict[str, Any]:
    change = {
        "row": item.id,
        "lon": item.lon_e7,
        "lat": item.lat_e7,
        "area_codes": where.codes or None if where else None,
        "areas_version": version,
        "outside_areas": where is not None and not where.codes,
    }
    if hasattr(item, "position_flag"):
        other = None if item.position_flag == ON_BORDER else item.position_flag
        change["position_flag"] = other or (ON_BORDER if where and where.on_border else None)
    return change


def _split(changes: list[dict[str, Any]], items: list[Any]) -> list[tuple[bool, list[dict[str, Any]]]]:
    """Part what people will see from what stays as it was: that must not date a row anew."""
    parts: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for change, item in zip(changes, items, strict=True):
        same = change["area_codes"] == item.area_codes and change["outside_areas"] == item.outside_areas
        parts[not same].append(change)
    return list(parts.items())


def _where_unmoved(table: type[Report] | type[Incident], crisis_id: int, row: dict[str, Any]) -> Update:
    """Rows that were moved since they were read keep waiting."""
    return (
        update(table)
        .where(
            table.crisis_id == crisis_id,
            table.id == bindparam("row"),
            table.lon_e7.is_not_distinct_from(bindparam("lon")),
            table.lat_e7.is_not_distinct_from(bindparam("lat")),
        )
        .values({name: bindparam(name) for name in row if name not in ("row", "lon", "lat")})
    )
