"""A verifier clears 50 simulated cases by keyboard alone in Chromium, with 100,000 incidents open.

    python -m bench.bench_workbench [--open N] [--cases N]

One line of JSON. `p50_ms` and `p95_ms` are the application's time for each case: from the keys that send an
assessment until the next case takes keys, the claim on it included; the person decides once the map and the
photos are there. `ratio` is how many times as long the usual queue takes, one that sorts what waits by the
same points at each request, alternated in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mapper.config import Settings
from mapper.store.crises import crisis_by_slug
from mapper.store.store import Store
from mapper.store.tables import Incident
from mapper.verification.filters import Filters
from mapper.verification.queue import Reader, next_ids
from mapper.vocabulary.urgency import QUEUE_RANK_SQL, WAITING_SQL
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import func, insert, select, text

MAPPER = [sys.executable, "-c", "from mapper.cli import main; main()"]
EMAIL, PASSWORD = "bench@example.org", "correct horse battery staple"
AIM_MS = 200
ROUNDS = 15
BATCH = 5_000
FIELDS = (("damage_low", "3"), ("damage_high", "4"), ("source_grade", "B"), ("information_grade", "2"))
# The page itself notes when an assessment is sent, and when the next case takes keys.
WATCH = """
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) sessionStorage.setItem("sent", Date.now());
}, true);
new MutationObserver(() => {
  const sent = sessionStorage.getItem("sent");
  if (!sent || !document.documentElement.dataset.ready) return;
  sessionStorage.removeItem("sent");
  const times = JSON.parse(sessionStorage.getItem("times") ?? "[]");
  sessionStorage.setItem("times", JSON.stringify([...times, Date.now() - Number(sent)]));
}).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
"""


def main() -> None:
    """Measure and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(data=Path(folder) / "var")
        prepare(settings, given.open, given.cases)
        ours, usual = measure_queue(settings)
        with server(settings) as address:
            times = clear(address, given.cases)
    line = {
        "open_incidents": given.open,
        "cases": len(times),
        "p50_ms": statistics.median(times),
        "p95_ms": sorted(times)[int(0.95 * len(times))],
        "most_ms": max(times),
        "queue_ms": round(ours, 2),
        "usual_queue_ms": round(usual, 2),
        "ratio": round(usual / ours, 1),
    }
    print(json.dumps({"bench": "workbench", **line, "aim": f"p95_ms below {AIM_MS}"}), flush=True)


def prepare(settings: Settings, count: int, cases: int) -> None:
    """Make a crisis with simulated cases and, below them in the queue, `count` incidents that wait."""
    run(settings, "init")
    run(
        settings, "crisis", "add", "coast", "--name", "Coast", "--bbox=-75,17.5,-71,20.5",
        "--timezone", "America/Port-au-Prince", "--languages", "en", "--mode", "hazard",
    )  # fmt: skip
    run(
        settings, "user", "add", EMAIL, "--role", "verifier", "--crisis", "coast", "--password-stdin",
        given=PASSWORD + "\n",
    )  # fmt: skip
    run(settings, "simulate", "--crisis", "coast", "--incidents", str(3 * cases))
    run(settings, "work", "--until-idle")
    store = Store.open(settings)
    with store.read() as session:
        crisis = crisis_by_slug(session, "coast")
    assert crisis is not None
    chance = random.Random(1)
    for start in range(0, count, BATCH):
        rows = [waiting(crisis.id, chance) for _ in range(min(BATCH, count - start))]
        with store.write() as session:
            session.execute(insert(Incident), rows)
    store.close()


def waiting(crisis_id: int, chance: random.Random) -> dict[str, object]:
    """Return an incident of little urgency, at some time of the last weeks."""
    at = datetime.now(UTC) - timedelta(minutes=chance.randrange(60_000))
    times = {"first_reported_at": at, "last_reported_at": at, "changed_at": at}
    damage = {"damage_low": 0, "damage_high": chance.choice((0, 0, 1)), "damage_conflict": False}
    counts = {"reports": 1, "sources": 1, "origins": 1, "version": 1, "people_affected_high": 0}
    fixed = {"status": "new", "sector": "housing", "needs": [], "needs_review": False, "outside_areas": False}
    return {"crisis_id": crisis_id, "id": uuid.uuid4()} | times | damage | counts | fixed


def measure_queue(settings: Settings) -> tuple[float, float]:
    """Return the milliseconds to the next case: ours, and of a queue that is sorted at each request."""
    store = Store.open(settings)
    with store.read() as session:
        crisis = crisis_by_slug(session, "coast")
        assert crisis is not None
        reader = Reader(1, store.clock())
        here = (Incident.crisis_id == crisis.id, text(WAITING_SQL))
        usual = select(Incident.id).where(*here).order_by(text(QUEUE_RANK_SQL), "first_reported_at").limit(50)
        count = select(func.count()).select_from(Incident).where(*here)
        pairs = [
            (
                timed(lambda: next_ids(session, crisis.id, Filters(), reader)),
                timed(lambda: (session.execute(usual).all(), session.scalar(count))),
            )
            for _ in range(ROUNDS)
        ]
    store.close()
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def timed(verb: Callable[[], object]) -> float:
    """Return how long a call takes, in milliseconds."""
    start = time.perf_counter()
    verb()
    return (time.perf_counter() - start) * 1000


def clear(address: str, cases: int) -> list[float]:
    """Assess case after case with nothing but keys; return the application's milliseconds for each."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(base_url=address)
        page.add_init_script(WATCH)
        page.goto("/login")
        page.fill("input[name=email]", EMAIL)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda where: "/login" not in where)
        page.goto("/crises/coast/verify")
        page.wait_for_selector("html[data-ready]")
        page.keyboard.press("s")
        page.wait_for_url("**walk=1")
        for _ in range(cases):
            page.wait_for_selector("html[data-ready]")
            assess(page)
        page.wait_for_selector("html[data-ready]")
        times: list[float] = json.loads(page.evaluate("sessionStorage.getItem('times')"))
        browser.close()
    return times


def assess(page: Page) -> None:
    """Fill the assessment and send it."""
    page.keyboard.press("v")
    page.keyboard.press("Space")  # no stake in it
    for name, answer in FIELDS:
        go_to(page, f"{name}-verify")
        page.keyboard.type(answer)
    go_to(page, "position_accuracy_m-verify")
    page.keyboard.type("40")
    go_to(page, "gate_accepted-verify")
    page.keyboard.press("Space")
    go_to(page, "reason-verify")
    page.keyboard.type("Seen in the picture.")
    page.wait_for_load_state("networkidle")  # nobody decides before the map and the photos are there
    with page.expect_navigation(wait_until="commit"):
        page.keyboard.press("Control+Enter")


def go_to(page: Page, field: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(12):
        if page.evaluate("document.activeElement.id") == field:
            return
        page.keyboard.press("Tab")
    raise SystemExit(f"Tab does not reach {field}")


@contextmanager
def server(settings: Settings) -> Iterator[str]:
    """`mapper serve` on a free port of this machine; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [*MAPPER, "serve", "--port", str(port), "--workers", "2"]
    with subprocess.Popen(arguments, env=environment(settings), stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def run(settings: Settings, *arguments: str, given: str = "") -> None:
    """Run a command of the program; what it prints is not shown."""
    subprocess.run(
        [*MAPPER, *arguments], env=environment(settings), input=given, text=True, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a command on the benchmark's own store."""
    return os.environ | {"MAPPER_DATA": str(settings.data)}


if __name__ == "__main__":
    main()
