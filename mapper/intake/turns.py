"""Turns: a process works on one small report at a time, up to the moment at which it waits for the commit.

Each look-up in SQLite gives Python's interpreter lock away and asks for it back, and with several threads
at work each time another one takes it: a third of the processor's time went into changing places.
Threads that wait for their turn sleep, and the commit groups those who have had theirs.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SMALL_BYTES = 65_536
ONE_REPORT = ("application/json", "application/geo+json")


class Turn:
    """A lock that its holder can give back before the block ends, which is where the waiting begins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mine = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn and hold it for the block, unless it is given back before."""
        self._lock.acquire()
        self._mine.held = True
        try:
            yield
        finally:
            self.give_back()

    def give_back(self) -> None:
        """Let the next one have the turn. Does nothing in a thread that does not hold it."""
        if getattr(self._mine, "held", False):
            self._mine.held = False
            self._lock.release()


class ReportsInTurn:
    """A WSGI application whose small JSON reports are taken in turn; everything else passes through.

    The body is read before the turn is taken, so that a slow sender holds nobody up.
    """

    def __init__(self, application: WSGIApplication, turn: Turn) -> None:
        self._application = application
        self._turn = turn

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        length = _small_length(environ)
        if length is None:
            return self._application(environ, start_response)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with self._turn.taken():
            return self._application(environ, start_response)


def _small_length(environ: dict[str, Any]) -> int | None:
    """Return the length of a small JSON report's body; None for every other request."""
    if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].endswith("/reports"):
        return None
    length = environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit() and len(length) <= 6 and int(length) <= SMALL_BYTES):
        return None
    kind = environ.get("CONTENT_TYPE") or ""
    return int(length) if kind.partition(";")[0].strip().lower() in ONE_REPORT else None
