"""The store as rooms hold it: sessions, blobs, keys, snapshots' folder and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from mapper.clock import Clock, system_clock
from mapper.config import DEFAULT_LEVELS, Authority, Levels, Settings, ensure_secrets
from mapper.store.blobs import Blobs, open_blobs
from mapper.store.engine import open_engine
from mapper.store.keys import Keyring
from mapper.store.logs import init_logs
from mapper.store.turnstile import Turnstile


@dataclass(frozen=True)
class Store:
    """What a room needs to read and write."""

    engine: Engine
    blobs: Blobs
    keys: Keyring
    snapshots: Path
    clock: Clock
    turnstile: Turnstile | None  # None on PostgreSQL, which lets writers in together
    levels: Levels = DEFAULT_LEVELS  # of fusion
    authority: Authority | None = None  # that timestamps signed roots; None: no one is asked
    archives_links: bool = False  # whether workers may fetch links

    @classmethod
    def open(cls, settings: Settings, clock: Clock = system_clock) -> Store:
        """Open the store that the settings name. Creates no tables: `store.migrate.upgrade` does."""
        settings = ensure_secrets(settings)
        init_logs(settings.log_level)
        engine = open_engine(settings.database)
        return cls(
            engine,
            open_blobs(settings.blobs),
            Keyring.of(settings),
            settings.snapshots,
            clock,
            _turnstile_of(engine),
            settings.fusion_levels,
            settings.timestamp_authority,
            settings.archive_links,
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
        with self._turn(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The same without the object mapper, for bulk."""
        with self._turn(), self.engine.execution_options(writes=True).begin() as connection:
            yield connection

    def _turn(self) -> AbstractContextManager[None]:
        return self.turnstile.turn() if self.turnstile else nullcontext()

    @property
    def is_postgresql(self) -> bool:
        """Whether the store is PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        if self.turnstile:
            self.turnstile.close()


def _turnstile_of(engine: Engine) -> Turnstile | None:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    return Turnstile(Path(engine.url.database + "-writers"))
