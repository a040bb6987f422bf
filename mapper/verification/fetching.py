"""Fetches one link for the archive, hop by hop, as a WARC (ISO 28500). Nothing in it is ever run or shown."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from mapper.verification.addresses import PORTS, Destination, Gate
from mapper.vocabulary.text import N_

MOST_BYTES = 20_000_000
MOST_SECONDS = 30.0  # for the whole chain
CONNECT_SECONDS = 10.0
MOST_REDIRECTS = 5
CHUNK = 65_536
REDIRECTS = (301, 302, 303, 307, 308)
AGENT = "damage-mapper archiver"


class NotFetched(Exception):
    """The link was not fetched; `is_final` where trying again makes no sense. `message` is a gettext id."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_final = is_final


@dataclass(frozen=True)
class Fetched:
    """What came of a link: a WARC of every hop, and the last one's status."""

    warc: bytes
    status: int
    hops: int


@dataclass(frozen=True)
class _Answer:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    location: str | None


def fetch(url: str, gate: Gate, most_bytes: int = MOST_BYTES, most_seconds: float = MOST_SECONDS) -> Fetched:
    """Return a link's content; raises AddressRefused or NotFetched. Redirects are checked like the link."""
    from warcio.warcwriter import WARCWriter

    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True)
    deadline, left = time.monotonic() + most_seconds, most_bytes
    for hop in range(MOST_REDIRECTS + 1):
        answer, place = _ask(url, gate, left, deadline)
        left -= len(answer.body)
        _write(writer, url, place, answer)
        if answer.status not in REDIRECTS or not answer.location:
            if answer.status == 429 or answer.status >= 500:
                raise NotFetched(N_("The site has trouble answering."))
            return Fetched(buffer.getvalue(), answer.status, hop + 1)
        url = quote(urljoin(url, answer.location).partition("#")[0], safe="%/:=&?~#+!$,;'@()*[]")
    raise NotFetched(N_("The link leads from one address to the next without end."), is_final=True)


def _ask(url: str, gate: Gate, most_bytes: int, deadline: float) -> tuple[_Answer, Destination]:
    try:
        place = gate.destination(url)
        with _connected(place, deadline) as connection:
            connection.request("GET", place.target, headers=_headers(place), preload_content=False)
            response = connection.getresponse()
            body = _body(response, most_bytes, deadline)
            headers = [(name, value) for name, value in response.headers.items()]
            location = response.headers.get("Location")
            return _Answer(response.status, response.reason or "", headers, body, location), place
    except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
        if time.monotonic() >= deadline:
            raise NotFetched(N_("The site answers too slowly.")) from error
        raise NotFetched(N_("The site cannot be reached.")) from error


@contextmanager
def _connected(place: Destination, deadline: float) -> Iterator[HTTPConnection]:
    """Connect to the checked address, and hang up at the deadline whatever the site is doing."""
    left = max(0.01, deadline - time.monotonic())
    timeout = min(CONNECT_SECONDS, left)
    connection: HTTPConnection
    if place.scheme == "https":
        connection = HTTPSConnection(
            place.address,
            place.port,
            timeout=timeout,
            cert_reqs="CERT_REQUIRED",
            server_hostname=place.host,
            assert_hostname=place.host,
        )
    else:
        connection = HTTPConnection(place.address, place.port, timeout=timeout)
    connection.connect()
    timer = threading.Timer(left, _hang_up, (connection.sock,))
    timer.start()
    try:
        yield connection
    finally:
        timer.cancel()
        connection.close()


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _headers(place: Destination) -> dict[str, str]:
    name = f"[{place.host}]" if ":" in place.host else place.host
    host = name if place.port == PORTS[place.scheme] else f"{name}:{place.port}"
    return {"Host": host, "User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}


def _body(response: urllib3.BaseHTTPResponse, most_bytes: int, deadline: float) -> bytes:
    body = bytearray()
    # Undecoded: a small compressed answer cannot grow here, and the WARC holds what the site sent.
    for chunk in response.stream(CHUNK, decode_content=False):
        body += chunk
        if len(body) > most_bytes:
            raise NotFetched(N_("What is behind the link is too large to archive."), is_final=True)
        if time.monotonic() >= deadline:
            raise TimeoutError
    if time.monotonic() >= deadline:  # hung up in the middle: what there is may not be all
        raise TimeoutError
    return bytes(body)


def _write(writer: object, url: str, place: Destination, answer: _Answer) -> None:
    from warcio.statusandheaders import StatusAndHeaders

    # The body is stored without its transfer coding, so the header that names one would be untrue.
    headers = [item for item in answer.headers if item[0].lower() != "transfer-encoding"]
    status = StatusAndHeaders(f"{answer.status} {answer.reason}", headers, protocol="HTTP/1.1")
    record = writer.create_warc_record(  # type: ignore[attr-defined]
        url,
        "response",
        payload=io.BytesIO(answer.body),
        http_headers=status,
        warc_headers_dict={"WARC-IP-Address": place.address},
    )
    writer.write_record(record)  # type: ignore[attr-defined]
