"""The engine: one place that knows SQLite from PostgreSQL.

SQLite runs in WAL with `synchronous=FULL` through the `pysqlite3` wheel, in 3.51.3 or newer: older
versions can lose commits with several connections (https://sqlite.org/wal.html#walresetbug).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url

OLDEST_SQLITE = (3, 51, 3)
BUSY_SECONDS = 60


class StoreError(Exception):
    """The store cannot be used as it is; the message says what to do."""


def open_engine(url: str) -> Engine:
    """Return an engine for a SQLAlchemy address of SQLite or PostgreSQL (psycopg).

    Raises StoreError for another database, or for a SQLite that is too old to be trusted.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(url, parsed.database)
    if backend == "postgresql":
        return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
    raise StoreError(f"MAPPER_DATABASE_URL names {backend}; only sqlite and postgresql+psycopg are supported")


def _open_sqlite(url: str, database: str | None) -> Engine:
    if sqlite.sqlite_version_info < OLDEST_SQLITE:
        wanted = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(
            f"SQLite {sqlite.sqlite_version} can lose commits; {wanted} or newer is needed: run make setup"
        )
    if database:
        # Exact places stand in it: other accounts of the machine have no business there.
        Path(database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=20,
        max_overflow=40,
        hide_parameters=True,  # an error that is logged must not tell a report's values
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by _begin, not guessed by the driver
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
        "wal_autocheckpoint=8192",  # 32 MB: pages that fill up over many commits go to the file once
        "secure_delete=ON",  # an erased key must not survive in a free page
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    """Writers take the write lock at once: upgrading a read transaction can fail without waiting."""
    immediate = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
