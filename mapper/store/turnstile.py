"""The turnstile: writers to one SQLite file go through one at a time, in any number of processes.

SQLite lets one writer in too, but the others sleep and look again, for up to 100 ms each time. A file
lock wakes the next one at once. It only orders writers: SQLite's own lock still keeps the file whole,
and the kernel gives the lock back when a process dies.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapper.store.engine import BUSY_SECONDS, StoreError


class Turnstile:
    """A lock between the threads of this process, and between processes, on the file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file = -1
        self._opened_by = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn and hold it for the block.

        Raises StoreError where the turn does not come, as in a write inside a write of the same thread.
        """
        if not self._threads.acquire(timeout=BUSY_SECONDS):
            raise StoreError("another write in this process has not ended; is one begun inside another?")
        try:
            file = self._handle()
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Give the file back."""
        with self._threads:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _handle(self) -> int:
        """Open the file once in each process: a lock on a handle from before a fork is held by both."""
        if self._file < 0 or self._opened_by != os.getpid():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._opened_by = os.getpid()
        return self._file
