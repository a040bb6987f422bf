"""Fetched base map tiles on disk: bounded in bytes and age, written aside and renamed."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

ROOM_LEFT = 0.9  # of the limit, after old tiles were cleared
LOOK_EVERY = 200  # writes between two looks at how much there is


class TileCache:
    """Tiles of every base map below one folder, shared by all processes of the machine."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most = folder, most_bytes
        self._writes, self._lock = 0, threading.Lock()

    def get(self, key: str, days: int) -> bytes | None:
        """Return a kept tile that is younger than `days`; None otherwise."""
        path = self._folder / key
        try:
            if time.time() - path.stat().st_mtime > days * 86_400:
                return None
            return path.read_bytes()
        except OSError:
            return None

    def stale(self, key: str) -> bytes | None:
        """Return a kept tile of any age: better an old picture than none."""
        try:
            return (self._folder / key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, body: bytes) -> None:
        """Keep a tile; a full disk only means that it is not kept."""
        if self._most == 0:
            return
        path = self._folder / key
        aside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(body)
            aside.replace(path)
        except OSError:
            aside.unlink(missing_ok=True)
        with self._lock:
            self._writes += 1
            is_due = self._writes % LOOK_EVERY == 1
        if is_due:
            self.clear_old()

    def clear_old(self) -> None:
        """Remove the oldest tiles until there is room again."""
        found = []
        for path in self._folder.rglob("*"):
            try:
                if path.is_file():
                    stat = path.stat()
                    found.append((stat.st_mtime, stat.st_size, path))
            except OSError:
                continue  # another process cleared it
        total = sum(size for _, size, _ in found)
        if total <= self._most:
            return
        for _, size, path in sorted(found, key=lambda entry: entry[:2]):
            path.unlink(missing_ok=True)
            total -= size
            if total <= self._most * ROOM_LEFT:
                return
