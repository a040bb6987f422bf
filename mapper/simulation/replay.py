"""Sending a file of reports over HTTP, at the pace of the story or at a steady rate.

Each report has a key of its own, made from its content: sent again after a fault, or by a second replay, it
is the same report.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

TRIES, FIRST_PAUSE_S, LONGEST_PAUSE_S = 6, 0.25, 8.0
TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
TIMEOUT_S = 30


class ReplayRefused(Exception):
    """The address or the file cannot be used; the message says why."""


@dataclass
class Tally:
    """What became of the reports that were sent."""

    statuses: Counter[int] = field(default_factory=Counter)
    failed: int = 0
    retries: int = 0
    latencies: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def sent(self) -> int:
        """How many have an answer, or were given up."""
        return sum(self.statuses.values()) + self.failed

    def summary(self, seconds: float) -> dict[str, float]:
        """Return the counts and times as they are printed."""
        ordered = sorted(self.latencies) or [0.0]
        refused = sum(many for status, many in self.statuses.items() if status not in (200, 201))
        return {
            "sent": self.sent,
            "accepted": self.statuses[201],
            "repeated": self.statuses[200],
            "refused": refused,
            "failed": self.failed,
            "retries": self.retries,
            "seconds": round(seconds, 3),
            "per_second": round(self.sent / max(seconds, 1e-9), 1),
            "p50_ms": round(ordered[len(ordered) // 2] * 1000, 1),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 1),
        }


@dataclass(frozen=True)
class Target:
    """Where reports are sent, and the token that they are sent with."""

    scheme: str
    host: str
    path: str
    token: str

    @classmethod
    def of(cls, address: str, token: str) -> Target:
        """Read `…/crises/SLUG` or the door's own address. Raises ReplayRefused."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ReplayRefused(f"{address} is no address such as http://localhost:8000/crises/coast")
        before, crises, slug = parts.path.rstrip("/").removesuffix("/reports").rpartition("/crises/")
        if not crises or "/" in slug or not slug:
            raise ReplayRefused(f"{address} does not end with /crises/SLUG")
        before = before.removesuffix("/api/v1")
        return cls(parts.scheme, parts.netloc, f"{before}/api/v1/crises/{slug}/reports", token)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that is kept open between requests."""
        made = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        return made(self.host, timeout=TIMEOUT_S)


def replay(
    lines: Iterable[bytes],
    target: Target,
    clients: int,
    rate: float | None = None,
    speed: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, float]:
    """Send the lines and return the summary; `rate` is reports a second, `speed` times the story's own."""
    tally = Tally()
    waiting: queue.Queue[bytes | None] = queue.Queue(maxsize=2 * clients)
    workers = [
        threading.Thread(target=_work, args=(target, waiting, tally), daemon=True) for _ in range(clients)
    ]
    for worker in workers:
        worker.start()
    started = time.monotonic()
    for number, line in enumerate(_paced(lines, rate, speed), start=1):
        waiting.put(line)
        if progress and number % 100 == 0:
            progress(tally.sent)
    for _ in workers:
        waiting.put(None)
    for worker in workers:
        worker.join()
    return tally.summary(time.monotonic() - started)


def _paced(lines: Iterable[bytes], rate: float | None, speed: float | None) -> Iterator[bytes]:
    """Yield each line when its moment has come."""
    started, first = time.monotonic(), None
    for number, line in enumerate(line for line in lines if line.strip()):
        if rate is not None:
            _sleep_until(started + number / rate)
        elif speed is not None:
            moment = _said(line)
            first = moment if first is None else first
            _sleep_until(started + (moment - first) / speed)
        yield line


def _sleep_until(moment: float) -> None:
    pause = moment - time.monotonic()
    if pause > 0:
        time.sleep(pause)


def _said(line: bytes) -> float:
    try:
        return datetime.fromisoformat(json.loads(line)["properties"]["reported_at"]).timestamp()
    except (ValueError, KeyError, TypeError) as error:
        raise ReplayRefused(
            "--speed needs Features with properties.reported_at, as simulate writes them"
        ) from error


def _work(target: Target, waiting: queue.Queue[bytes | None], tally: Tally) -> None:
    connection = target.connect()
    while (line := waiting.get()) is not None:
        begun = time.monotonic()
        status, tries = _send(connection, target, line)
        with tally.lock:
            tally.retries += tries - 1
            if status is None:
                tally.failed += 1
            else:
                tally.statuses[status] += 1
                tally.latencies.append(time.monotonic() - begun)
    connection.close()


def _send(connection: http.client.HTTPConnection, target: Target, line: bytes) -> tuple[int | None, int]:
    """Return the answer's status, None where there was none to the last, and how often it was tried."""
    body = line.strip()
    headers = {
        "Content-Type": "application/geo+json",
        "Authorization": f"Bearer {target.token}",
        "Idempotency-Key": hashlib.sha256(body).hexdigest()[:32],
    }
    pause, status = FIRST_PAUSE_S, None
    for tries in range(1, TRIES + 1):
        asked: str | None = None
        try:
            connection.request("POST", target.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status, asked = answer.status, answer.headers.get("Retry-After")
            if status not in TRY_AGAIN:
                return status, tries
        except (OSError, http.client.HTTPException):
            connection.close()  # the next request opens it again
            status = None
        if tries < TRIES:
            time.sleep(min(float(asked), LONGEST_PAUSE_S) if asked and asked.isdigit() else pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
    return status, TRIES
