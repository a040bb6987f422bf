"""How long after its 201 a report is in an incident, with a real server and its worker.

    python -m bench.bench_fused_within [--reports N] [--backlog N]

One line of JSON: seconds from the answer to the seat, on an idle worker; `ratio` is the aim of 2 s over the
slowest. With a backlog (reports accepted before the worker starts) it tells the slowest 201 meanwhile.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from mapper.config import Settings
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.crises import crisis_by_slug
from mapper.store.store import Store

from bench.servers import MAPPER, free_port, running, with_token

AIM_S = 2.0
LONGEST_S = 60.0
PATIENCE_S = 0.01


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=20)
    parser.add_argument("--backlog", type=int, default=2_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        idle = measure(Path(folder) / "idle", given.reports, 0)
        busy = measure(Path(folder) / "busy", given.reports, given.backlog)
    slowest = max(idle["fused"])
    print(
        json.dumps(
            {
                "bench": "fusion.within",
                "ratio": round(AIM_S / slowest, 2),
                "fused_p50_s": round(statistics.median(idle["fused"]), 3),
                "fused_slowest_s": round(slowest, 3),
                "answer_p50_ms": round(statistics.median(idle["answered"]) * 1_000, 1),
                "answer_p50_ms_in_backlog": round(statistics.median(busy["answered"]) * 1_000, 1),
                "answer_slowest_ms_in_backlog": round(max(busy["answered"]) * 1_000, 1),
            }
        ),
        flush=True,
    )


def measure(folder: Path, reports: int, backlog: int) -> dict[str, list[float]]:
    """Send reports one by one; return how long each answer took, and, without a backlog, each fusion."""
    settings = {"MAPPER_DATA": str(folder)}
    token = with_token(settings, "reporter")
    _fill(folder, backlog)
    port = free_port()
    spent: dict[str, list[float]] = {"answered": [], "fused": []}
    with running([*MAPPER, "serve", "--port", str(port), "--with-work"], port, settings):
        if not backlog:
            _sent(port, token, reports)
            _wait(folder, 1)  # the worker is up
        for number in range(reports):
            started = time.perf_counter()
            _sent(port, token, number)
            answered = time.perf_counter()
            spent["answered"].append(answered - started)
            if not backlog:
                _wait(folder, number + 2)
                spent["fused"].append(time.perf_counter() - answered)
    return spent


def _fill(folder: Path, backlog: int) -> None:
    store = Store.open(Settings(data=folder))
    with store.read() as session:
        crisis = crisis_by_slug(session, "coast")
    if crisis is None:
        raise SystemExit("the crisis is not there")
    drafts = [ReportDraft(**_told(number)) for number in range(backlog)]
    for start in range(0, backlog, 500):
        accept(store, crisis, drafts[start : start + 500], Sender("bench"))
    store.close()


def _told(number: int) -> dict[str, Any]:
    longitude, latitude = -74.5 + (number % 300) * 0.01, 18.0 + number // 300 * 0.01
    text = f"House number {number} has lost its roof"
    return {"text": text, "category": "dwelling", "longitude": longitude, "latitude": latitude}


def _sent(port: int, token: str, number: int) -> None:
    told = _told(number)
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [told["longitude"], told["latitude"]]},
        "properties": {"text": told["text"], "category": told["category"]},
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_S)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/geo+json"}
    connection.request("POST", "/api/v1/crises/coast/reports", json.dumps(feature), headers)
    answer = connection.getresponse()
    if answer.status != http.client.CREATED:
        raise SystemExit(f"report {number}: {answer.status} {answer.read()[:200]!r}")
    connection.close()


def _wait(folder: Path, seats: int) -> None:
    """Return once so many reports sit in incidents."""
    database = sqlite3.connect(f"file:{folder / 'mapper.sqlite3'}?mode=ro", uri=True)
    until = time.perf_counter() + LONGEST_S
    while database.execute("SELECT COUNT(*) FROM incident_reports").fetchone()[0] < seats:
        if time.perf_counter() > until:
            raise SystemExit(f"no {seats} reports fused within {LONGEST_S:.0f} s")
        time.sleep(PATIENCE_S)
    database.close()


if __name__ == "__main__":
    main()
