"""What a worker does here: P-codes for reports and incidents that have none of the areas in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from mapper.geography.positions import from_e7
from mapper.layers.lookup import AreaCatalogue, catalogue
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, Report

BATCH = 2_000


def work(store: Store) -> int:
    """Do one batch of each crisis that has areas; return how many rows were looked up."""
    with store.read() as session:
        crises = session.execute(
            select(Crisis.id, Crisis.areas_version).where(Crisis.areas_version > 0)
        ).all()
    return sum(_work_crisis(store, crisis_id, version) for crisis_id, version in crises)


def _work_crisis(store: Store, crisis_id: int, version: int) -> int:
    done = 0
    for table in (Report, Incident):
        with store.read() as session:
            waiting = _waiting(session, table, crisis_id, version)
            if not waiting:
                continue
            codes = _codes(catalogue(session, store.engine, crisis_id, version), waiting)
        rows = [_row(crisis_id, item, found, version) for item, found in zip(waiting, codes, strict=True)]
        if table is Incident:
            at = store.clock()
            rows = [row | {"changed_at": at} for row in rows]
        with store.write() as session:
            session.execute(update(table), rows)
        done += len(rows)
    return done


def _waiting(
    session: Session, table: type[Report] | type[Incident], crisis_id: int, version: int
) -> list[Any]:
    behind = or_(table.areas_version.is_(None), table.areas_version < version)
    query = (
        select(table.id, table.lon_e7, table.lat_e7).where(table.crisis_id == crisis_id, behind).limit(BATCH)
    )
    return list(session.execute(query).all())


def _codes(areas: AreaCatalogue, rows: list[Any]) -> list[dict[str, str] | None]:
    """One entry a row: codes by level, empty outside every area, None without a position."""
    placed = [number for number, row in enumerate(rows) if row.lon_e7 is not None]
    longitude = [from_e7(rows[number].lon_e7) for number in placed]
    latitude = [from_e7(rows[number].lat_e7) for number in placed]
    found: list[dict[str, str] | None] = [None] * len(rows)
    for number, codes in zip(placed, areas.codes_of(longitude, latitude), strict=True):
        found[number] = codes
    return found


def _row(crisis_id: int, item: Any, codes: dict[str, str] | None, version: int) -> dict[str, Any]:
    return {
        "crisis_id": crisis_id,
        "id": item.id,
        "area_codes": codes or None,
        "areas_version": version,
        "outside_areas": codes == {},
    }
