"""A load client that is cheap enough not to be what is measured: one process, asyncio, plain HTTP/1.1.

Each connection sends the next request as soon as the answer to the last one is whole.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What one run of the clients saw."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers of 2xx a second."""
        return sum(n for status, n in self.statuses.items() if 200 <= status < 300) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that `share` of the answers stayed below."""
        ordered = sorted(self.latencies)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2) if ordered else 0.0


class _Connection(asyncio.Protocol):
    def __init__(self, next_request: Callable[[], bytes], tally: Tally, until: float) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._next_request = next_request
        self._tally = tally
        self._until = until
        self._sent = 0.0
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        if self._sent >= self._until:
            self._transport.close()
        else:
            self._transport.write(self._next_request())

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        self._received = b""
        now = time.perf_counter()
        if now < self._until:
            self._tally.statuses[int(head[9:12])] += 1
            self._tally.latencies.append(now - self._sent)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


def _content_length(head: bytes) -> int:
    lower = head.lower()
    start = lower.index(b"content-length:") + len(b"content-length:")
    end = lower.find(b"\r\n", start)
    return int(lower[start : end if end > 0 else None])


def load(port: int, next_request: Callable[[], bytes], clients: int, seconds: float) -> Tally:
    """Send requests over `clients` connections for `seconds`; an answer after the end is not counted."""
    tally = Tally(seconds=seconds)

    async def one_client(until: float) -> None:
        loop = asyncio.get_running_loop()
        while time.perf_counter() < until:  # a server that closes the connection gets a new one
            _, connection = await loop.create_connection(
                lambda: _Connection(next_request, tally, until), "127.0.0.1", port
            )
            await connection.closed

    async def all_clients() -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(one_client(until) for _ in range(clients)))

    asyncio.run(all_clients())
    return tally
