"""Small reports are worked on one at a time, and nobody who is slow or fails holds the others up."""

from __future__ import annotations

import contextlib
import io
import threading

import pytest
from mapper.intake.turns import SMALL_BYTES, ReportsInTurn, Turn


def request(body: bytes | io.BufferedIOBase = b"{}", **changes: str) -> dict:
    """Return the environment of a POST of one report."""
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    length = str(len(body)) if isinstance(body, bytes) else "2"
    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/crises/coast/reports",
        "CONTENT_TYPE": "application/geo+json; charset=utf-8",
        "CONTENT_LENGTH": length,
        "wsgi.input": stream,
    }
    return given | changes


class Counting:
    """An application that notes how many are inside at once and what it read."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.bodies: list[bytes] = []
        self.lock = threading.Lock()
        self.both = threading.Barrier(2, timeout=0.2)

    def __call__(self, environ, start_response):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        with contextlib.suppress(threading.BrokenBarrierError):
            self.both.wait()
        self.bodies.append(environ["wsgi.input"].read())
        with self.lock:
            self.inside -= 1
        return [b"done"]


def both(application, *environments) -> None:
    threads = [threading.Thread(target=application, args=(each, None)) for each in environments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_report_at_a_time():
    inner = Counting()
    both(ReportsInTurn(inner, Turn()), request(b'{"a":1}'), request(b'{"a":2}'))
    assert inner.most == 1
    assert sorted(inner.bodies) == [b'{"a":1}', b'{"a":2}']


@pytest.mark.parametrize(
    "changes",
    [
        {"REQUEST_METHOD": "GET"},
        {"PATH_INFO": "/api/v1/crises/coast/incidents"},
        {"CONTENT_TYPE": "multipart/form-data; boundary=x"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-5"},
        {"CONTENT_LENGTH": "²"},
        {"CONTENT_LENGTH": str(SMALL_BYTES + 1)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_everything_else_passes_through_together(changes):
    inner = Counting()
    both(ReportsInTurn(inner, Turn()), request(**changes), request(**changes))
    assert inner.most == 2


def test_who_sends_slowly_holds_nobody_up():
    arrived, finished = threading.Event(), []

    class Slow(io.BytesIO):
        def read(self, *_):
            arrived.wait(5)
            return b"{}"

    application = ReportsInTurn(lambda environ, _: finished.append(environ["wsgi.input"].read()), Turn())
    slow = threading.Thread(target=application, args=(request(Slow()), None))
    slow.start()
    application(request(b"[]"), None)
    assert finished == [b"[]"]
    arrived.set()
    slow.join()
    assert finished == [b"[]", b"{}"]


def test_the_turn_is_given_back_by_who_fails_and_by_who_waits():
    turn = Turn()
    with pytest.raises(ZeroDivisionError), turn.taken():
        raise ZeroDivisionError
    with turn.taken():
        turn.give_back()
        with turn.taken():
            pass
    turn.give_back()  # by a thread that holds none: nothing happens
    with turn.taken():
        pass
