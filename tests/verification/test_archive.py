"""The archiver reaches public addresses only: field-notes' SSRF cases, and a real server on loopback."""

from __future__ import annotations

import gzip
import io
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from mapper.intake.erasure import erase
from mapper.store.custody import events_of
from mapper.store.ledger import seal
from mapper.store.originals import open_original
from mapper.store.proof import verify
from mapper.store.store import Store
from mapper.store.tables import Crisis, LinkArchive, Medium
from mapper.verification.addresses import PUBLIC, AddressRefused, Gate, is_public
from mapper.verification.fetching import NotFetched, fetch
from mapper.verification.links import archives_of, ask_for_archive, work
from mapper.verification.refusals import DoesNotFit, NoSuchIncident
from sqlalchemy import select
from warcio.archiveiterator import ArchiveIterator

from tests.verification.builders import make_incident, report_ids


class Site(BaseHTTPRequestHandler):
    """Answers by path; `seen` are the requests that reached it."""

    seen: list[tuple[str, str]] = []  # noqa: RUF012 - shared by the server's threads on purpose

    def do_GET(self) -> None:
        self.seen.append((self.headers["Host"], self.path))
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to?"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.05)
        else:
            status = 503 if self.path == "/busy" else 200
            body = b"<script>alert(1)</script>" * (10_000 if self.path == "/large" else 1)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    Site.seen.clear()
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    site.daemon_threads = True
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    yield site.server_address[1]
    site.shutdown()
    site.server_close()


@pytest.fixture
def gate(server: int) -> Gate:
    """A gate to which news.example is the loopback server, and nothing else is let through."""

    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "news.example" else PUBLIC.resolve(host, port)

    def allows(address: str) -> bool:
        return address == "127.0.0.1" or is_public(address)

    return Gate(resolve, allows, frozenset({80, 443, server}))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",  # noqa: S104 - nothing is bound
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "localhost", "",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://localhost/",
        "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
        "http://127.1/", "http://0/", "http://0x7f.1/", "http://127.0.0.1./", "http://[64:ff9b::7f00:1]/",
        "http://user:pass@93.184.216.34/", "http://93.184.216.34:22/", "http://93.184.216.34:8080/",
        "ftp://93.184.216.34/", "file:///etc/passwd", "gopher://93.184.216.34/", "javascript:alert(1)",
        "//93.184.216.34/", "http://", "http:///x", "http://a b/", "http://93.184.216.34\\@127.0.0.1/",
        "http://93.184.216.34/\r\nHost: x", "http://[::1", "http://" + "a" * 3000, "http://93.184.216.34:99999/",
    ],
)  # fmt: skip
def test_links_that_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        PUBLIC.destination(url)


def test_one_private_address_among_public_ones_is_enough() -> None:
    gate = Gate(lambda _host, _port: ["93.184.216.34", "10.0.0.1"], is_public)
    with pytest.raises(AddressRefused):
        gate.destination("http://news.example/")


def test_a_name_is_resolved_once_and_the_checked_address_is_called(server: int) -> None:
    """DNS rebinding: the second answer would be another address; nobody asks for it."""
    answers = iter([["127.0.0.1"]])
    gate = Gate(
        lambda _host, _port: next(answers), lambda address: address == "127.0.0.1", frozenset({server})
    )
    assert fetch(f"http://rebind.example:{server}/", gate).status == 200
    assert Site.seen == [(f"rebind.example:{server}", "/")]


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "http://[::1]/x", "http://2130706433/", "file:///etc/passwd"]
)
def test_each_redirect_is_checked(server: int, gate: Gate, target: str) -> None:
    with pytest.raises(AddressRefused):
        fetch(f"http://news.example:{server}/to?{target}", gate)
    assert len(Site.seen) == 1


def test_what_is_fetched_is_a_warc_of_every_hop(server: int, gate: Gate) -> None:
    fetched = fetch(f"http://news.example:{server}/to?/page", gate)
    records = [
        (item.rec_headers["WARC-Target-URI"], item.content_stream().read())
        for item in ArchiveIterator(io.BytesIO(fetched.warc))
    ]
    assert [uri.rpartition("/")[2] for uri, _ in records] == ["page", "page"] and fetched.hops == 2
    assert records[-1][1] == b"<script>alert(1)</script>"


@pytest.mark.parametrize(("path", "is_final"), [("/large", True), ("/slow", False), ("/busy", False)])
def test_limits_hold(server: int, gate: Gate, path: str, is_final: bool) -> None:
    began = time.monotonic()
    with pytest.raises(NotFetched) as failed:
        fetch(f"http://news.example:{server}{path}", gate, most_bytes=100_000, most_seconds=1.0)
    assert failed.value.is_final is is_final and time.monotonic() - began < 3


def test_endless_redirects_end(server: int, gate: Gate) -> None:
    link = "/to?/to?" * 10
    with pytest.raises(NotFetched):
        fetch(f"http://news.example:{server}{link}", gate)
    assert len(Site.seen) == 6


def test_a_certificate_of_another_name_is_refused(server: int, gate: Gate) -> None:
    with pytest.raises(NotFetched):
        fetch(f"https://news.example:{server}/", gate)
    assert Site.seen == []


def with_link(store: Store, crisis: Crisis, url: str) -> uuid.UUID:
    incident_id = make_incident(store, crisis, reports=1, draft={"source_url": url})
    return uuid.UUID(report_ids(store, crisis, incident_id)[0])


def row_of(store: Store, crisis: Crisis, report_id: uuid.UUID) -> LinkArchive:
    with store.read() as session:
        return archives_of(session, crisis.id, [report_id])[str(report_id)]


def test_a_link_becomes_sealed_evidence(
    store: Store, crisis: Crisis, server: int, gate: Gate, tmp_path: Any
) -> None:
    store = replace(store, archives_links=True)
    report_id = with_link(store, crisis, f"http://news.example:{server}/page")
    ask_for_archive(store, crisis.id, report_id, 7, "it may go offline")
    assert row_of(store, crisis, report_id).state == "pending"
    assert (work(store, gate), work(store, gate)) == (1, 0)
    row = row_of(store, crisis, report_id)
    assert row.state == "archived" and row.medium_id
    opened = open_original(store, crisis.id, row.medium_id, 7, "to read it")
    assert opened is not None and b"WARC/1.0" in gzip.decompress(opened.data)
    with store.read() as session:
        events = events_of(session, crisis.id, [row.medium_id])[row.medium_id]
    assert ("archived", "it may go offline") in [(event.act, event.reason) for event in events]
    with pytest.raises(DoesNotFit):
        ask_for_archive(store, crisis.id, report_id, 7, "again")
    while seal(store, crisis.id):
        pass
    assert verify(store, crisis).reports == 1  # what was added later does not break the report's commitment
    erase(store, report_id, tmp_path)
    assert open_original(store, crisis.id, row.medium_id, 7, "once more") is None


def test_failures_are_seen_and_tried_again(
    store: Store, crisis: Crisis, server: int, gate: Gate, clock: Any
) -> None:
    store = replace(store, archives_links=True)
    report_id = with_link(store, crisis, f"http://news.example:{server}/busy")
    ask_for_archive(store, crisis.id, report_id, 7, "why not")
    for attempt in range(5):
        assert work(store, gate) == 1, attempt
        assert work(store, gate) == 0
        row = row_of(store, crisis, report_id)
        assert row.problem and row.attempts == attempt + 1
        clock.set(clock() + timedelta(hours=7))
    assert row.state == "failed"
    ask_for_archive(store, crisis.id, report_id, 7, "once more")
    assert row_of(store, crisis, report_id).state == "pending"


def test_it_is_off_unless_the_operator_wants_it(
    store: Store, crisis: Crisis, gate: Gate, server: int
) -> None:
    report_id = with_link(store, crisis, f"http://news.example:{server}/page")
    with pytest.raises(DoesNotFit):
        ask_for_archive(store, crisis.id, report_id, 7, "please")
    assert work(store, gate) == 0 and Site.seen == []
    on = replace(store, archives_links=True)
    with pytest.raises(NoSuchIncident):
        ask_for_archive(on, crisis.id, uuid.uuid4(), 7, "please")
    ask_for_archive(on, crisis.id, report_id, 7, "please")
    assert work(store, gate) == 0 and Site.seen == []


def test_a_private_link_fails_at_once(store: Store, crisis: Crisis) -> None:
    store = replace(store, archives_links=True)
    report_id = with_link(store, crisis, "http://169.254.169.254/latest/meta-data/")
    ask_for_archive(store, crisis.id, report_id, 7, "curious")
    assert work(store) == 1
    row = row_of(store, crisis, report_id)
    assert row.state == "failed" and "not public" in (row.problem or "")
    with store.read() as session:
        assert session.scalars(select(Medium)).all() == []
