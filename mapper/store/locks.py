"""Locks between workers: one of them does a thing, the others go on to something else.

The kernel or the server gives a lock back when the process that holds it dies.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from mapper.store.store import Store


@contextmanager
def alone(store: Store, name: str, number: int) -> Iterator[bool]:
    """Hold the lock of a thing (at most four ASCII letters and a number) for the block.

    Yields False, and locks nothing, where another process or thread holds it.
    """
    if store.is_postgresql:
        key = {"a": int.from_bytes(name.encode("ascii")), "b": number}
        with store.engine.connect() as connection:
            is_mine = bool(connection.execute(text("SELECT pg_try_advisory_lock(:a, :b)"), key).scalar())
            try:
                yield is_mine
            finally:
                if is_mine:
                    connection.execute(text("SELECT pg_advisory_unlock(:a, :b)"), key)
        return
    store.snapshots.mkdir(parents=True, exist_ok=True)
    with (store.snapshots / f".{name}-{number}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
