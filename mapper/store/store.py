"""The store as rooms hold it: sessions, blobs, keys, snapshots' folder and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mapper.clock import Clock, system_clock
from mapper.config import Settings, ensure_secrets
from mapper.store.blobs import Blobs, open_blobs
from mapper.store.engine import open_engine
from mapper.store.keys import Keyring


@dataclass(frozen=True)
class Store:
    """What a room needs to read and write."""

    engine: Engine
    blobs: Blobs
    keys: Keyring
    snapshots: Path
    clock: Clock

    @classmethod
    def open(cls, settings: Settings, clock: Clock = system_clock) -> Store:
        """Open the store that the settings name. Creates no tables: `store.migrate.upgrade` does."""
        settings = ensure_secrets(settings)
        return cls(
            open_engine(settings.database),
            open_blobs(settings.blobs),
            Keyring.of(settings),
            settings.snapshots,
            clock,
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the store; nothing written in it is kept.

        What was read in it can still be used afterwards: closing rolls back without expiring it.
        """
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back if it raises. Keep it under 100 ms."""
        engine = self.engine.execution_options(writes=True)
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @property
    def is_postgresql(self) -> bool:
        """Whether the store is PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
