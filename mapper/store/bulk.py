"""Bulk inserts: a table's statement is compiled once, and its rows go straight to the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.exc import IntegrityError

from mapper.store.tables import Base
from mapper.store.types import UtcDateTime


def insert_rows(connection: Connection, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all name the same columns; columns left out become null.

    `execute(insert(table), rows)` does the same, but pays for the statement each time: three quarters of
    the write of a small group. Column defaults that only Python knows are not applied.
    """
    if rows:
        statement = _statement(table, tuple(rows[0]), connection.dialect)
        connection.exec_driver_sql(statement.sql, [statement.bind(row) for row in rows])


def bound(dialect: Dialect, table: type[Base], columns: Mapping[str, Sequence[Any]]) -> tuple[str, list[Any]]:
    """Return what `run_bound` runs to insert rows given column by column: a statement, and rows for it.

    Columns without any value are left out; all others are of one length, which is not 0. Ids may be text,
    and moments that differ are text as `commitments.rfc3339` writes it.
    """
    given = {name: values for name, values in columns.items() if any(value is not None for value in values)}
    statement = _statement(table, tuple(given), dialect)
    if dialect.name != "postgresql":
        return statement.sql, statement.bind_columns(given)
    names = ", ".join(name for name, _ in statement.columns)
    return f"COPY {table.__tablename__} ({names}) FROM STDIN", statement.bind_columns(given)


def run_bound(connection: Connection, sql: str, rows: Sequence[Any]) -> None:
    """Insert what `bound` returned: by COPY on PostgreSQL. Raises IntegrityError where a key is taken."""
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(sql, sorted(rows))  # primary keys come first: pages are filled in order
        return
    import psycopg  # only where PostgreSQL is used

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.IntegrityError as error:
        raise IntegrityError(sql, None, error) from None


@dataclass(frozen=True)
class _Statement:
    sql: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]
    is_positional: bool
    moments: frozenset[str]

    def bind(self, row: dict[str, Any]) -> Any:
        """Return a row as the driver takes it."""
        if self.is_positional:
            return tuple([convert(row[name]) if convert else row[name] for name, convert in self.columns])
        return {name: convert(row[name]) if convert else row[name] for name, convert in self.columns}

    def bind_columns(self, columns: Mapping[str, Sequence[Any]]) -> list[Any]:
        """Return the rows of columns, their values as the driver takes them, in the statement's order."""
        bound = [
            self._written(columns[name])
            if name in self.moments and not isinstance(columns[name][0], datetime)
            else _converted(columns[name], convert)
            for name, convert in self.columns
        ]
        return list(zip(*bound, strict=True))

    def _written(self, texts: Sequence[str | None]) -> Sequence[str | None]:
        """Return moments as `rfc3339` writes them as they are kept: without the offset in SQLite."""
        if not self.is_positional:
            return texts
        return [f"{text[:10]} {text[11:26]}" if text else None for text in texts]


def _converted(values: Sequence[Any], convert: Callable[[Any], Any] | None) -> Sequence[Any]:
    """Convert values; a column that holds one throughout, or a few lists again and again, each one once."""
    if convert is None:
        return values
    first = values[0]
    if isinstance(first, bytes | str):
        return values  # drivers take bytes, and ids that are text, as they are
    if all(value is first for value in values):
        return [convert(first)] * len(values)
    if not isinstance(first, list):
        return [convert(value) for value in values]
    known = {id(value): value for value in values}
    done = {name: convert(value) for name, value in known.items()}
    return [done[id(value)] for value in values]


@lru_cache(maxsize=64)
def _statement(table: type[Base], names: tuple[str, ...], dialect: Dialect) -> _Statement:
    assert isinstance(table.__table__, Table)  # noqa: S101 - narrows for the type checker
    columns = table.__table__.c
    compiled: Any = insert(table.__table__).inline().compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup if compiled.positional else names
    converted = ((name, columns[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order)
    moments = (name for name in names if isinstance(columns[name].type, UtcDateTime))
    return _Statement(str(compiled), tuple(converted), bool(compiled.positional), frozenset(moments))
