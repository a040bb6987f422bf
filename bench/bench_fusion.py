"""Fusion against splink and the naive rules, in the same run; and what a report costs as it arrives.

    python -m bench.bench_fusion [--reports N] [--streamed N] [--hot N] [--only PART]

Four lines of JSON, each as soon as it is measured. `fusion.dev`: B-cubed F out of fold on the development
set; `ratio` is ours over splink's. `fusion.simulated`: reports a second of processor time and peak memory
on N simulated reports (try a million); splink trains on them. `fusion.streamed`: processor time of one
report with the store, one in four of them in a hot spot of one square kilometre. `fusion.hot_spot`: N
reports of N / 3 damages within one square kilometre and six hours, fused by the worker; `ratio` is the cost
of a report in the second half over that in the first (1: it does not grow with what is there).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from mapper.config import Settings
from mapper.fusion.metrics import compare
from mapper.fusion.scoring import read_reports
from mapper.fusion.work import work
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.crises import add_crisis, draft_of
from mapper.store.migrate import upgrade
from mapper.store.store import Store
from mapper.store.tables import Crisis, IncidentReport
from sqlalchemy import select

from bench.fit_linkage import COPIES, FOLDS, figures, marred, out_of_fold, pairs_of
from bench.peers.naive_rules import RULES, grouped

SHARED = Path(os.environ.get("MAPPER_SHARED", "../shared"))
DEV = SHARED / "data" / "fusion-benchmark-ukraine-dev"
MAPPER = Path(sys.executable).parent / "mapper"
START = datetime(2026, 3, 1, tzinfo=UTC)
BOX = "22,44,40,52"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--streamed", type=int, default=600)
    parser.add_argument("--hot", type=int, default=2_000)
    parser.add_argument("--only", choices=("dev", "simulated", "streamed", "hot"))
    given = parser.parse_args()
    parts: dict[str, Callable[[Path], dict[str, Any]]] = {
        "dev": lambda _: on_dev(),
        "simulated": lambda folder: on_simulated(folder, given.reports),
        "streamed": lambda folder: streamed(folder, given.streamed),
        "hot": lambda folder: hot_spot(folder, given.hot),
    }
    for name, part in parts.items():
        if given.only in {None, name} and (name != "dev" or DEV.is_dir()):
            with tempfile.TemporaryDirectory() as folder:
                print(json.dumps(part(Path(folder))), flush=True)


def on_dev() -> dict[str, Any]:
    """Compare ours out of fold, splink and the naive rules on the development set."""
    files = DEV / "reports.csv", DEV / "truth.csv"
    reports = sorted(read_reports(files[0]).reports, key=lambda t: (t.at, str(t.report)))
    rows = _by_id(files[1])
    texts = {name: row["text"] for name, row in _by_id(files[0]).items()}
    mine = [rows[str(t.report)] for t in reports]
    incident = np.array([row["incident_id"] for row in mine])
    fold = np.array([zlib.crc32(name.encode()) % FOLDS for name in incident])
    copies = [list(reports), *(marred(reports, seed) for seed in range(COPIES))]
    ours = figures(reports, mine, out_of_fold([pairs_of(copy, incident) for copy in copies], fold))
    naive = {}
    for rule in RULES:
        found = grouped(reports, [texts[str(t.report)] for t in reports], rule)
        naive[rule] = round(compare(found, incident.tolist()).bcubed_f, 4)
    splink = _run([sys.executable, "-m", "bench.peers.splink_linker", *map(str, files)])[0]
    ratio = round(ours["all"]["bcubed_f"] / splink["bcubed_f"], 3)
    return {"name": "fusion.dev", "ratio": ratio, "ours": ours, "splink": splink, "naive": naive}


def on_simulated(folder: Path, reports: int) -> dict[str, Any]:
    """Compare speed, memory and F on simulated reports, each contender in a process of its own."""
    environment = {"MAPPER_DATA": str(folder / "data"), "OMP_NUM_THREADS": "1"}
    files = str(folder / "reports.csv"), str(folder / "truth.csv")
    told = (
        "--crisis",
        "bench",
        "--incidents",
        str(int(reports / 2.6)),
        "--out",
        files[0],
        "--truth",
        files[1],
    )
    described = (
        "--name",
        "Bench",
        "--bbox",
        BOX,
        "--timezone",
        "UTC",
        "--languages",
        "en",
        "--mode",
        "hazard",
    )
    for command in (("init",), ("crisis", "add", "bench", *described), ("simulate", *told)):
        _run([str(MAPPER), *command], environment)
    ours, cost = _run([str(MAPPER), "fusion", "score", *files], environment)
    peer, peer_cost = _run([sys.executable, "-m", "bench.peers.splink_linker", *files], environment)
    return {
        "name": "fusion.simulated",
        "ratio": round(peer_cost["processor_seconds"] / cost["processor_seconds"], 2),
        "memory_ratio": round(cost["peak_mb"] / peer_cost["peak_mb"], 2),
        "ours": ours | cost,
        "splink": peer | peer_cost,
    }


def streamed(folder: Path, count: int) -> dict[str, Any]:
    """Let reports arrive one by one and take the processor time of fusing each, store included."""
    store, crisis = _opened(folder)
    spent: dict[bool, list[float]] = {True: [], False: []}
    random = np.random.default_rng(7)
    for number in range(count):
        is_hot = number % 4 == 0
        accept(store, crisis, [_draft(random, number, is_hot)], Sender("bench"))
        started = time.process_time()
        while work(store):
            pass
        spent[is_hot].append((time.process_time() - started) * 1_000)
    store.close()
    every = spent[True] + spent[False]
    return {
        "name": "fusion.streamed",
        "ratio": round(2.0 / _percentile(every, 99), 2),
        "aim_ms": 2.0,
        "p50_ms": round(statistics.median(every), 2),
        "p99_ms": round(_percentile(every, 99), 2),
        "hot_p99_ms": round(_percentile(spent[True], 99), 2),
    }


def hot_spot(folder: Path, count: int) -> dict[str, Any]:
    """Let the worker fuse a hot spot batch by batch; progress goes to standard error."""
    store, crisis = _opened(folder)
    drafts, damages = _hot_drafts(count)
    damage_of: dict[uuid.UUID, int] = {}
    for start in range(0, count, 500):
        outcomes = accept(store, crisis, drafts[start : start + 500], Sender("bench"))
        ids = [outcome.report_id for outcome in outcomes]
        damage_of |= dict(zip(ids, damages[start : start + 500], strict=True))
    spent = _worked_off(store, count)
    with store.read() as session:
        seats = dict(session.execute(select(IncidentReport.report_id, IncidentReport.incident_id)).all())
    store.close()
    found = [str(seats[report]) for report in damage_of]
    right = compare(found, list(damage_of.values()))
    half = len(spent) // 2
    return {
        "name": "fusion.hot_spot",
        "ratio": round(statistics.mean(spent[half:]) / statistics.mean(spent[:half]), 2),
        "reports": count,
        "ms_a_report": round(statistics.mean(spent), 2),
        "incidents": len(set(found)),
        "largest": max(Counter(found).values()),
        "pair_precision": round(right.pair_precision, 4),
        "bcubed_f": round(right.bcubed_f, 4),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _worked_off(store: Store, count: int) -> list[float]:
    """Fuse all that waits; return what a report cost in each batch, in milliseconds of processor time."""
    spent, fused = [], 0
    started = time.process_time()
    while done := work(store):
        now = time.process_time()
        spent.append((now - started) * 1_000 / done)
        fused, started = fused + done, now
        print(f"{fused} of {count} fused, {spent[-1]:.1f} ms each", file=sys.stderr, flush=True)
    return spent


def _opened(folder: Path) -> tuple[Store, Crisis]:
    """Return a new store with one crisis."""
    store = Store.open(Settings(data=folder))
    upgrade(store.engine)
    with store.write() as session:
        draft = draft_of(
            slug="bench",
            name="Bench",
            bbox=(22.0, 44.0, 40.0, 52.0),
            timezone="UTC",
            languages=["en"],
            mode="hazard",
        )
        return store, add_crisis(session, draft, START)


def _hot_drafts(count: int) -> tuple[list[ReportDraft], list[int]]:
    """Return reports in no order, told within 40 m of their damage, and the damage of each."""
    random = np.random.default_rng(7)
    damages = count // 3
    at = np.column_stack([random.uniform(0, 0.009, damages), random.uniform(0, 0.0135, damages)])
    hours = random.uniform(0, 5, damages)
    texts = [_words(random, 8) for _ in range(damages)]
    kinds = ("dwelling", "school", "hospital", "road")
    told = random.integers(damages, size=count).tolist()
    drafts = []
    for damage in told:
        north, east = at[damage] + random.normal(0, (0.00036, 0.00054))
        drafts.append(
            ReportDraft(
                text=f"{texts[damage]} {_words(random, 3)}",
                category=kinds[damage % len(kinds)],
                longitude=31.0 + float(east),
                latitude=48.0 + float(north),
                received_at=START + timedelta(hours=float(hours[damage] + random.uniform(0, 1))),
            )
        )
    return drafts, told


def _words(random: np.random.Generator, count: int) -> str:
    letters = random.integers(97, 123, size=(count, 6))
    return " ".join("".join(map(chr, word)) for word in letters.tolist())


def _draft(random: np.random.Generator, number: int, is_hot: bool) -> ReportDraft:
    words = [f"{word}{random.integers(400)}" for word in ("street", "house", "roof", "wall", "number")]
    spread = 0.0045 if is_hot else 2.0
    east, north = random.uniform(-spread, spread, 2)
    seconds = number * (20_000 if is_hot else 1_000_000) / 20_000
    return ReportDraft(
        text=" ".join(words),
        category="dwelling",
        longitude=31.0 + east,
        latitude=48.0 + north,
        received_at=START + timedelta(seconds=seconds),
    )


def _percentile(values: Sequence[float], share: int) -> float:
    return float(np.percentile(values, share))


def _by_id(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["report_id"]: row for row in csv.DictReader(file)}


def _run(
    command: Sequence[str], environment: dict[str, str] | None = None
) -> tuple[dict[str, Any], dict[str, float]]:
    """Run a program to its end; return the JSON of its last line, and its processor time and peak memory."""
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, env=os.environ | (environment or {}))
        _, status, usage = os.wait4(child.pid, 0)
        out.seek(0)
        lines = out.read().decode().strip().splitlines()
    if status:
        raise SystemExit(f"{command[0]} {command[1]} failed")
    cost = {
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mb": round(usage.ru_maxrss / 1024),
    }
    is_json = bool(lines) and lines[-1].startswith("{")
    return (json.loads(lines[-1]) if is_json else {}), cost


if __name__ == "__main__":
    main()
