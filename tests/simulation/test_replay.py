"""A replay over HTTP: every report once, at the pace that is asked for, through faults."""

import hashlib
import http.server
import json
import threading
import time
from collections import Counter
from datetime import datetime

import pytest
from click.testing import CliRunner
from mapper.cli import main
from mapper.simulation.replay import ReplayRefused, Target, replay
from mapper.store.tables import Report
from sqlalchemy import select

from tests.simulation.stories import BBOX, a_story, in_files


@pytest.fixture(scope="module")
def lines():
    return in_files(a_story(15), "reports.ndjson")[0].splitlines(keepends=True)


@pytest.fixture
def flaky():
    """A site that answers 503 to the first try of every key, and drops the connection at the second."""
    seen = Counter()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            key = self.headers["Idempotency-Key"]
            self.rfile.read(int(self.headers["Content-Length"]))
            seen[key] += 1
            if seen[key] == 2:
                self.close_connection = True
                return
            self.send_response(503 if seen[key] == 1 else 201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/crises/coast", seen
    server.shutdown()


def test_a_replay_reaches_a_real_site_once(site, sqlite_store, make_crisis, make_token, lines, tmp_path):
    make_crisis(sqlite_store, bbox=BBOX)
    token = make_token(sqlite_store, "reporter")["Authorization"].split()[1]
    path = tmp_path / "reports.ndjson"
    path.write_bytes(b"".join(lines))
    arguments = ["simulate", "replay", str(path), "--to", f"{site}/crises/coast", "--token-stdin"]
    first, second = (CliRunner().invoke(main, arguments, input=f"{token}\n") for _ in range(2))
    assert first.exit_code == second.exit_code == 0, first.output
    summary, again = (json.loads(done.stdout.splitlines()[-1]) for done in (first, second))
    assert summary["accepted"] == summary["sent"] == len(lines) == again["repeated"]
    with sqlite_store.read() as session:
        kept = session.scalars(select(Report)).all()
    assert len(kept) == len(lines) and {report.channel for report in kept} > {"form"}
    wrong = CliRunner().invoke(main, arguments, input="wrong\n")
    assert wrong.exit_code == 1 and json.loads(wrong.stdout.splitlines()[-1])["refused"] == len(lines)


def test_what_fails_is_tried_again_under_the_same_key(flaky, lines):
    address, seen = flaky
    summary = replay(lines[:6], Target.of(address, "token"), clients=3)
    assert summary["accepted"] == 6 and summary["retries"] == 12 and summary["failed"] == 0
    assert set(seen.values()) == {3} and len(seen) == 6


def test_a_rate_and_a_speed_are_kept(flaky, lines):
    address, seen = flaky
    some = [line.replace(b"2026-", b"2027-") for line in lines[:5]]
    for line in some:
        seen[_key(line)] = 2
    begun = time.monotonic()
    replay(some, Target.of(address, "token"), clients=2, rate=10)
    assert 0.4 <= time.monotonic() - begun < 3
    moments = [json.loads(line)["properties"]["reported_at"] for line in (lines[0], lines[4])]

    span = (datetime.fromisoformat(moments[1]) - datetime.fromisoformat(moments[0])).total_seconds()
    begun = time.monotonic()
    replay(some, Target.of(address, "token"), clients=2, speed=span / 0.5)
    assert 0.5 <= time.monotonic() - begun < 3


def _key(line):

    return hashlib.sha256(line.strip()).hexdigest()[:32]


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("http://localhost:8000/crises/coast", "/api/v1/crises/coast/reports"),
        ("https://a.example/map/crises/coast/", "/map/api/v1/crises/coast/reports"),
        ("http://localhost/api/v1/crises/coast/reports", "/api/v1/crises/coast/reports"),
    ],
)
def test_addresses_of_people_and_of_programs_fit(address, path):
    assert Target.of(address, "t").path == path


@pytest.mark.parametrize(
    "address", ["localhost:8000", "ftp://a/crises/b", "http://a/", "http://a/crises/b/c"]
)
def test_other_addresses_are_refused(address):
    with pytest.raises(ReplayRefused):
        Target.of(address, "t")


def test_speed_needs_moments(flaky):
    with pytest.raises(ReplayRefused):
        replay([b"{}"], Target.of(flaky[0], "t"), 1, speed=2)
