"""A real `mapper serve` that can be killed, on a disk that can lose what was not synced."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.conftest import needs

ROOT = Path(__file__).parent.parent.parent
RECORD = struct.Struct("=qqq")
SYNC_US = 5_000

# Loaded by every Python process that finds it on its path: what a careless change of the engine would do.
CARELESS = """
import functools
import pysqlite3.dbapi2 as sqlite

class Careless(sqlite.Connection):
    def execute(self, statement, *given):
        return super().execute(statement.replace("synchronous=FULL", "synchronous=OFF"), *given)

sqlite.connect = functools.partial(sqlite.connect, factory=Careless)
"""


class ForgetfulDisk:
    """Remembers what was written and not yet synced, and forgets it when told to."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("gcc") or shutil.which("cc")
        needs(compiler, "a C compiler (gcc)")
        self._undo = folder / "undo"
        self._undo.mkdir()
        library = folder / "lost_writes.so"
        source = Path(__file__).with_name("lost_writes.c")
        command = [str(compiler), "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"]
        subprocess.run(command, check=True)
        self.environment = {
            "LD_PRELOAD": str(library),
            "LOST_WRITES_DIR": str(self._undo),
            "LOST_WRITES_SYNC_US": str(SYNC_US),
        }

    def lose_unsynced(self, folder: Path) -> int:
        """Undo every write under `folder` since its file's last sync; return how many there were."""
        lost = 0
        for undo in self._undo.iterdir():
            name, inode, _ = undo.name.rsplit(".", 2)
            path = folder / name
            if path.exists() and path.stat().st_ino == int(inode):
                lost += _take_back(path, undo.read_bytes())
            undo.unlink()
        for shared_memory in folder.glob("*-shm"):  # memory does not outlive a machine
            shared_memory.unlink()
        return lost


def _take_back(path: Path, undo: bytes) -> int:
    records, at = [], 0
    while at + RECORD.size <= len(undo):
        offset, kept, size = RECORD.unpack_from(undo, at)
        at += RECORD.size
        records.append((offset, undo[at : at + kept], size))
        at += kept
    with path.open("r+b") as file:
        for offset, old, size in reversed(records):
            file.seek(offset)
            file.write(old)
            file.truncate(size)
    return len(records)


class Server:
    """`mapper serve` with two processes in a group of its own; leaving the block kills it."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        code = "from mapper.cli import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--port", str(self.port), "--workers", "2"],
            cwd=ROOT,
            env=os.environ | {"MAPPER_DATA": str(data)} | environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        for _ in range(600):
            assert self._process.poll() is None, "the server stopped at start"
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.request("GET", "/healthz")
                assert connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return self
        raise AssertionError("the server does not answer")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL every process of the server at once."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@dataclass
class Senders:
    """People who post over and over; `answered` holds each report's key and what a 201 said."""

    port: int
    count: int = 8
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin posting."""
        self._threads = [threading.Thread(target=self._post_until_it_breaks) for _ in range(self.count)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until each has noticed that the server is gone."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _post_until_it_breaks(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            while not self._stop.is_set():
                key = str(uuid.uuid4())
                status, body = post(connection, key)
                assert status == 201, (status, body)
                self.answered[key] = body
        except (OSError, http.client.HTTPException, ValueError):
            pass  # killed in the middle of an answer: nothing was promised
        finally:
            connection.close()


def post(connection: http.client.HTTPConnection, key: str) -> tuple[int, dict[str, Any]]:
    """Post a report under an idempotency key; return the status and the answer."""
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [-72.3, 18.5]},
        "properties": {"text": f"The roof is gone, says {key}"},
    }
    headers = {"Content-Type": "application/geo+json", "Idempotency-Key": key}
    connection.request("POST", "/api/v1/crises/coast/reports", json.dumps(feature), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())
