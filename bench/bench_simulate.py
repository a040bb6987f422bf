"""A story of a million incidents into files: seconds, memory, and whether two runs give the same bytes.

    python -m bench.bench_simulate [--incidents N]

One line of JSON. `ratio` is our reports a second over the rows a second at which Python's csv module copies
the finished file: telling a story against merely passing it on, twice each, alternated.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

MAPPER = [sys.executable, "-c", "from mapper.cli import main; main()"]
ROUNDS = 2


@dataclass(frozen=True)
class Run:
    """One run of the command: its time, its most memory, and what it wrote."""

    seconds: float
    peak_mb: float
    digests: tuple[str, str]


def main() -> None:
    """Measure and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    incidents = parser.parse_args().incidents
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        environment = os.environ | {"MAPPER_DATA": str(folder / "var")}
        _prepare(environment)
        runs, copies = [], []
        for _ in range(ROUNDS):
            runs.append(_run(environment, folder, incidents))
            copies.append(_copy(folder))
        reports = copies[0][1]
        megabytes = (folder / "reports.csv").stat().st_size / 1e6
    rate = reports / statistics.median(run.seconds for run in runs)
    peer = reports / statistics.median(seconds for seconds, _ in copies)
    line = {
        "bench": "simulate",
        "incidents": incidents,
        "reports": reports,
        "seconds": [round(run.seconds, 2) for run in runs],
        "reports_per_second": round(rate),
        "peak_mb": round(max(run.peak_mb for run in runs)),
        "reports_mb": round(megabytes),
        "same_bytes": len({run.digests for run in runs}) == 1,
        "csv_copy_per_second": round(peer),
        "ratio": round(rate / peer, 2),
    }
    print(json.dumps(line), flush=True)


def _prepare(environment: dict[str, str]) -> None:
    subprocess.run([*MAPPER, "init"], env=environment, check=True)
    crisis = ["--name", "Coast", "--bbox=54,-28,57,-25.6", "--timezone", "Indian/Reunion", "--mode", "hazard"]
    subprocess.run(
        [*MAPPER, "crisis", "add", "coast", *crisis, "--languages", "en,fr,uk,ar"],
        env=environment,
        check=True,
    )


def _run(environment: dict[str, str], folder: Path, incidents: int) -> Run:
    out, truth = folder / "reports.csv", folder / "truth.csv"
    arguments = ["simulate", "--crisis", "coast", "--incidents", str(incidents)]
    arguments += ["--until", "2026-03-01T00:00:00Z", "--out", str(out), "--truth", str(truth)]
    begun = time.perf_counter()
    process = subprocess.Popen([*MAPPER, *arguments], env=environment)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    if status:
        raise SystemExit("mapper simulate failed")
    return Run(seconds, used.ru_maxrss / 1000, (_digest(out), _digest(truth)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(folder: Path) -> tuple[float, int]:
    """Return seconds and rows of copying both files with the csv module."""
    begun, rows = time.perf_counter(), 0
    for name in ("reports.csv", "truth.csv"):
        with (
            (folder / name).open(encoding="utf-8", newline="") as source,
            (folder / "copy.csv").open("w", encoding="utf-8", newline="") as target,
        ):
            writer = csv.writer(target)
            rows = sum(writer.writerow(row) > 0 for row in csv.reader(source)) - 1
    return time.perf_counter() - begun, rows


if __name__ == "__main__":
    main()
