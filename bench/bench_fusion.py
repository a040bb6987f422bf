"""Fusion against splink and the naive rules, in the same run; and what a report costs as it arrives.

    python -m bench.bench_fusion [--reports N] [--streamed N]

Three lines of JSON. `fusion.dev`: B-cubed F out of fold on the development set; `ratio` is ours over
splink's. `fusion.simulated`: reports a second of processor time and peak memory on N simulated reports
(try a million); splink trains on them. `fusion.streamed`: processor time of one report with the store,
one in four of them in a hot spot of one square kilometre.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
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
    parser.add_argument("--reports", type=int, default=20_000)
    parser.add_argument("--streamed", type=int, default=1_500)
    given = parser.parse_args()
    if DEV.is_dir():
        print(json.dumps(on_dev()), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(on_simulated(Path(folder), given.reports)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(streamed(Path(folder), given.streamed)), flush=True)


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
        crisis = add_crisis(session, draft, START)
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
