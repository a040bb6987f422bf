"""Tiles of a configured XYZ or WMS address, asked for by the server so that no browser asks another host.

Whom to ask stands in the settings alone: a request gives three whole numbers. A redirect to another host,
scheme or port is refused, so that an upstream cannot send the server elsewhere. What comes back has to be a
picture or a vector tile by its first bytes, whatever it calls itself, and no larger than `MOST_BYTES`.
"""

from __future__ import annotations

import threading
import time
from math import pi
from urllib.parse import urljoin, urlsplit

import urllib3

from mapper.config import BasemapSource

CONNECT_SECONDS, READ_SECONDS = 3.0, 6.0
WHOLE_SECONDS = 12.0  # for one tile with its redirects: a trickle of bytes may not hold a thread longer
MOST_BYTES = 2_000_000
MOST_REDIRECTS = 2
MOST_AT_ONCE = 6  # per process: a slow upstream must leave threads for reports
FAILURES_TO_REST, REST_SECONDS = 5, 30.0
HALF_WORLD = pi * 6_378_137.0  # metres of EPSG:3857
REDIRECTS = {301, 302, 303, 307, 308}
NOTHING_HERE = {204, 404, 410}


class UpstreamFailed(Exception):
    """The base map's server did not answer with a tile; the message says how."""


class UpstreamBusy(UpstreamFailed):
    """It is resting after failures, or too many tiles are under way."""


def address_of(source: BasemapSource, z: int, x: int, y: int) -> str:
    """Return the address of one tile, y counted from the north."""
    side = 2 * HALF_WORLD / (1 << z)
    west, north = x * side - HALF_WORLD, HALF_WORLD - y * side
    box = f"{west:.3f},{north - side:.3f},{west + side:.3f},{north:.3f}"
    values = {"{z}": z, "{x}": x, "{y}": y, "{-y}": (1 << z) - 1 - y, "{bbox}": box}
    address = source.address
    for place, value in values.items():
        address = address.replace(place, str(value))
    return address


class Upstream:
    """One configured address: asks it, and rests after it failed several times in a row."""

    def __init__(self, source: BasemapSource) -> None:
        self._source = source
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False, maxsize=MOST_AT_ONCE)
        self._slots = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._failures, self._rests_until = 0, 0.0

    def fetch(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile's bytes, None where the upstream has none; raises UpstreamFailed."""
        if time.monotonic() < self._rests_until:
            raise UpstreamBusy("its server failed several times and is left alone for a moment")
        if not self._slots.acquire(timeout=CONNECT_SECONDS):
            raise UpstreamBusy("too many of its tiles are under way")
        try:
            body = self._asked(address_of(self._source, z, x, y))
        except UpstreamFailed:
            self._failures += 1
            if self._failures >= FAILURES_TO_REST:
                self._failures, self._rests_until = 0, time.monotonic() + REST_SECONDS
            raise
        finally:
            self._slots.release()
        self._failures = 0
        return body

    def _asked(self, address: str) -> bytes | None:
        until = time.monotonic() + WHOLE_SECONDS
        for _attempt in range(MOST_REDIRECTS + 1):
            try:
                response = self._pool.request(
                    "GET",
                    address,
                    redirect=False,
                    preload_content=False,
                    headers={"User-Agent": "damage-mapper base map proxy", "Accept-Encoding": "gzip"},
                )
            except urllib3.exceptions.HTTPError as error:
                raise UpstreamFailed(f"its server cannot be reached ({type(error).__name__})") from error
            try:
                if response.status in REDIRECTS:
                    address = self._onward(address, response.headers.get("Location", ""))
                    continue
                if response.status in NOTHING_HERE:
                    return None
                if response.status != 200:
                    raise UpstreamFailed(f"its server answered {response.status}")
                return _body(response, until)
            finally:
                response.close()  # a read one went back to the pool already
        raise UpstreamFailed("its server redirects without end")

    def _onward(self, address: str, location: str) -> str:
        target = urljoin(address, location)
        if _place(target) != _place(self._source.address):
            raise UpstreamFailed("its server redirects to another host")
        return target


def _place(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port


def _body(response: urllib3.BaseHTTPResponse, until: float) -> bytes:
    read = bytearray()
    try:
        for part in response.stream(65_536, decode_content=True):
            read += part
            if len(read) > MOST_BYTES:
                raise UpstreamFailed("its server sent more than a tile may hold")
            if time.monotonic() > until:
                raise UpstreamFailed("its server is too slow")
    except urllib3.exceptions.HTTPError as error:
        raise UpstreamFailed(f"its server broke off ({type(error).__name__})") from error
    return bytes(read)
