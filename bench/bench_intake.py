"""Durable posts a second with authentication, against the usual view, alternated in one run.

    python -m bench.bench_intake [--seconds S] [--rounds N]

Two lines of JSON: on this disk as it is, and with every sync slowed by 5 ms. `ratio` is ours over the
peer's, each the median of its rounds. Databases live under TMPDIR, which should not be a memory disk.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import Tally, load
from bench.peers.usual_app import add_token
from bench.servers import MAPPER, free_port, running, with_token

HERE = Path(__file__).parent
PROGRAMS = Path(sys.executable).parent
SLOW_SYNC_US = 5_000


@dataclass(frozen=True)
class Contender:
    """A server that runs, and how to ask it."""

    port: int
    next_request: Callable[[], bytes]
    clients: int

    def run(self, seconds: float) -> Tally:
        """Load it and refuse to count a server that refuses."""
        tally = load(self.port, self.next_request, self.clients, seconds)
        if set(tally.statuses) != {201}:
            raise SystemExit(f"port {self.port} answered {dict(tally.statuses)}")
        return tally


def main() -> None:
    """Measure both cases and print their lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for name, environment, clients, aim in (
        ("intake", {}, 16, 2.5),
        ("intake_slow_sync", _slow_sync(), 64, 12.0),
    ):
        line = measure(environment, clients, given.seconds, given.rounds)
        print(json.dumps({"bench": name, **line, "aim": aim}), flush=True)


def measure(environment: dict[str, str], clients: int, seconds: float, rounds: int) -> dict[str, object]:
    """Alternate ours and the peer; return rates, ratio and latencies."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        ours = stack.enter_context(our_server(folder / "ours", environment, clients))
        peer = stack.enter_context(usual_server(folder / "peer", environment, 8))
        for contender in (ours, peer):
            contender.run(1.0)  # imports, statement caches
        pairs = [(ours.run(seconds), peer.run(seconds)) for _ in range(rounds)]
    our_rate = statistics.median(pair[0].rate for pair in pairs)
    peer_rate = statistics.median(pair[1].rate for pair in pairs)
    return {
        "ours_per_second": round(our_rate, 1),
        "peer_per_second": round(peer_rate, 1),
        "ratio": round(our_rate / peer_rate, 2),
        "ratios": [round(a.rate / b.rate, 2) for a, b in pairs],
        "ours_p50_ms": pairs[-1][0].percentile(0.5),
        "ours_p99_ms": pairs[-1][0].percentile(0.99),
        "peer_p50_ms": pairs[-1][1].percentile(0.5),
        "peer_p99_ms": pairs[-1][1].percentile(0.99),
        "ours_clients": clients,
        "peer_clients": 8,
    }


@contextmanager
def our_server(folder: Path, environment: dict[str, str], clients: int) -> Iterator[Contender]:
    """`mapper serve` on SQLite, with a crisis and a bearer token of its own."""
    folder.mkdir()
    settings = {"MAPPER_DATA": str(folder / "var")}
    token = with_token(settings, "reporter")
    port = free_port()
    arguments = [*MAPPER, "serve", "--port", str(port), "--workers", "2", "--threads", str(clients // 2)]
    with running(arguments, port, settings | environment):
        yield Contender(port, _requests("/api/v1/crises/coast/reports", token), clients)


@contextmanager
def usual_server(folder: Path, environment: dict[str, str], clients: int) -> Iterator[Contender]:
    """gunicorn with the usual view, in the arrangement of workers that was fastest for it here."""
    folder.mkdir()
    database = str(folder / "usual.sqlite3")
    token = "usual-token"
    add_token(database, token)
    port = free_port()
    arguments = [str(PROGRAMS / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    arguments += os.environ.get("BENCH_GUNICORN", "--workers 2 --worker-class gthread --threads 4").split()
    arguments += ["bench.peers.usual_app:create_app()"]
    with running(arguments, port, {"USUAL_DATABASE": database, **environment}):
        yield Contender(port, _requests("/reports", token), clients)


def _requests(path: str, token: str) -> Callable[[], bytes]:
    """Requests that differ in position and words, ready to send."""
    made = []
    for number in range(500):
        longitude, latitude = -74.5 + (number % 25) * 0.1, 18.0 + number // 25 * 0.1
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(longitude, 5), round(latitude, 5)]},
            "properties": {
                "text": f"House number {number} has lost its roof, the family sleeps outside",
                "observed_at": "2026-03-01T09:30:00-05:00",
                "category": "dwelling",
                "damage_grade": number % 6,
            },
        }
        body = json.dumps(feature).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/geo+json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return itertools.cycle(made).__next__


def _slow_sync() -> dict[str, str]:
    """Build the library that slows syncs; return the environment that loads it."""
    library = Path(tempfile.gettempdir()) / f"slow_sync-{os.getuid()}.so"
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise SystemExit("bench_intake: a C compiler is needed to slow syncs (Debian: gcc)")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(HERE / "slow_sync.c"), "-ldl"],
        check=True,
    )
    return {"LD_PRELOAD": str(library), "SLOW_SYNC_US": str(SLOW_SYNC_US)}


if __name__ == "__main__":
    main()
