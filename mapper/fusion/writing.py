"""Writing: one short transaction that puts a batch's changes in, unless something changed meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from mapper.fusion.blocking import Blocking
from mapper.fusion.changes import Changes
from mapper.fusion.links import KEPT_APART, Links
from mapper.fusion.members import Member, portions
from mapper.store.bulk import insert_rows
from mapper.store.store import Store
from mapper.store.tables import Incident, IncidentIdentity, IncidentLink, IncidentReport, LinkageKey, Report


class Overtaken(Exception):
    """A person changed an incident that the batch was worked out from; work it out again."""


def keys_of(blocking: Blocking, crisis_id: int, new: Sequence[Member]) -> list[dict[str, Any]]:
    """Return the rows by which the new reports will be found."""
    return [
        {"crisis_id": crisis_id, "key": row.key, "value": row.value, "report_id": member.id}
        for member in new
        if not member.is_erased
        for row in set(blocking.rows_of(member.traits))
    ]


def write(
    store: Store,
    crisis_id: int,
    new: Sequence[uuid.UUID],
    keys: Sequence[dict[str, Any]],
    changes: Changes,
    at: datetime,
) -> None:
    """Write the changes of a batch at once; raises Overtaken."""
    with store.writing() as connection:
        _check(connection, crisis_id, changes.relied_on)
        for table, rows in (
            (Incident, changes.founded),
            (IncidentIdentity, changes.identities),
            (IncidentReport, changes.seated),
            (LinkageKey, keys),
        ):
            insert_rows(connection, table, rows)
        for rows in _alike(changes.altered):
            _update(connection, Incident, ("crisis_id", "id"), rows)
        _update(connection, IncidentReport, ("crisis_id", "report_id"), changes.moved)
        _link(connection, crisis_id, changes.links)
        _mark(connection, crisis_id, new, at)


def _link(connection: Connection, crisis_id: int, links: Links) -> None:
    for some in portions(sorted(links.renewed)):
        here = or_(IncidentLink.incident_id.in_(some), IncidentLink.other_id.in_(some))
        derived = (IncidentLink.crisis_id == crisis_id, IncidentLink.kind != KEPT_APART)
        connection.execute(delete(IncidentLink).where(*derived, here))
    insert_rows(connection, IncidentLink, links.rows)


def _alike(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the rows by the columns they set, so that each group is one statement."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    return list(groups.values())


def _update(
    connection: Connection,
    table: type[Incident] | type[IncidentReport],
    names: tuple[str, ...],
    rows: Sequence[dict[str, Any]],
) -> None:
    """Set the other columns of rows found by `names`; all rows set the same ones."""
    if not rows:
        return
    columns = table.__table__.c
    found = [columns[name] == bindparam(f"of_{name}") for name in names]
    values = {
        name: bindparam(f"to_{name}", type_=columns[name].type) for name in rows[0] if name not in names
    }
    renamed = [{f"{'of' if name in names else 'to'}_{name}": row[name] for name in row} for row in rows]
    connection.execute(update(table).where(*found).values(values), renamed)


def _check(connection: Connection, crisis_id: int, relied_on: Mapping[uuid.UUID, int]) -> None:
    found: dict[uuid.UUID, int] = {}
    for some in portions(sorted(relied_on)):
        here = (Incident.crisis_id == crisis_id, Incident.id.in_(some))
        query = select(Incident.id, Incident.version).where(*here).order_by(Incident.id).with_for_update()
        found |= dict(connection.execute(query).all())
    if found != relied_on:
        raise Overtaken


def _mark(connection: Connection, crisis_id: int, new: Sequence[uuid.UUID], at: datetime) -> None:
    here = (Report.crisis_id == crisis_id, Report.id == bindparam("report"))
    statement = update(Report).where(*here).values(fused_at=at)
    connection.execute(statement, [{"report": one} for one in new])
