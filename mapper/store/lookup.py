"""Look-ups that every request makes: a SELECT compiled once and run straight on the driver.

`Connection.execute` of the same statement costs several times as much as SQLite's own work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select


class Lookup:
    """A SELECT whose parameters are all `bindparam`s of type text or whole number."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._types: tuple[Any, ...] = ()  # the driver's codes for the columns' types

    def raw(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """Return the rows as the driver gives them: equal rows are equal here too."""
        sql, order = _compiled(self._query, connection.dialect)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(sql, [given[name] for name in order] if order is not None else given)
            self._types = tuple(column[1] for column in cursor.description)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def convert(self, connection: Connection, row: tuple[Any, ...]) -> dict[str, Any]:
        """Return a raw row as column name to Python value."""
        converted = zip(_converters(self._query, connection.dialect, self._types), row, strict=True)
        return {name: convert(value) if convert else value for (name, convert), value in converted}


@lru_cache(maxsize=64)
def _compiled(query: Select[Any], dialect: Dialect) -> tuple[str, list[str] | None]:
    compiled: Any = query.compile(dialect=dialect)
    return str(compiled), compiled.positiontup if compiled.positional else None


@lru_cache(maxsize=64)
def _converters(
    query: Select[Any], dialect: Dialect, types: tuple[Any, ...]
) -> list[tuple[str, Callable[[Any], Any] | None]]:
    columns = zip(query.selected_columns, types, strict=True)
    return [
        (c.key or "", c.type.dialect_impl(dialect).result_processor(dialect, code)) for c, code in columns
    ]
