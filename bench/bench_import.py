"""A file of reports to committed, indexed, recorded rows, against the usual ways, alternated in one run.

    python -m bench.bench_import [--rows N] [--rounds N]

Lines of JSON. `import`: `mapper import` of a CSV against a csv.DictReader that only validates the same rows.
`import_copy`: the same against PostgreSQL's COPY into a plain table with the usual indexes (needs
MAPPER_TEST_POSTGRESQL_URL). `import_gpkg`: reading a GeoPackage of points against pyogrio.read_dataframe.
`ratio` is rows a second of ours over the peer's, each the median of its rounds; memory is the peak of a
process of its own, in MB.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

HEADINGS = ("id", "reported", "text", "latitude", "longitude", "category", "damage_grade", "people_affected")
CATEGORIES = ("dwelling", "school", "hospital", "bridge", "water_supply", "power_line", "road", "market")
WORDS = (
    "house", "roof", "gone", "walls", "cracked", "family", "sleeps", "outside", "school", "closed", "bridge",
    "road", "blocked", "water", "pipe", "broken", "light", "out", "since", "morning", "clinic", "needs",
    "help",
    "two", "floors", "fell", "market", "burnt", "near", "the", "church", "by", "river",
)  # fmt: skip
MAPPER = [sys.executable, "-c", "from mapper.cli import main; main()"]
POSTGRESQL = "MAPPER_TEST_POSTGRESQL_URL"


def main() -> None:
    """Measure each case and print its line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("csv", "gpkg"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if given.only != "gpkg":
            for line in measure_csv(folder, given.rows, given.rounds):
                print(json.dumps(line), flush=True)
        if given.only != "csv":
            print(json.dumps(measure_gpkg(folder, given.rows, given.rounds)), flush=True)


def measure_csv(folder: Path, rows: int, rounds: int) -> list[dict[str, object]]:
    """Alternate our import, the reader and COPY."""
    path = folder / "reports.csv"
    write_csv(path, rows)
    ours, readers, copies, memory = [], [], [], []
    for number in range(rounds):
        seconds, peak = run_import(folder / f"ours-{number}", path, rows)
        ours.append(seconds)
        memory.append(peak)
        readers.append(read_and_validate(path, rows))
        if os.environ.get(POSTGRESQL):
            copies.append(copy_into_postgresql(path))
    mine = rows / statistics.median(ours)
    reader = rows / statistics.median(readers)
    found: list[dict[str, object]] = [
        {
            "bench": "import", "rows": rows, "ours_per_second": round(mine), "peer_per_second": round(reader),
            "ratio": round(mine / reader, 3), "aim": 0.35, "ours_peak_mb": round(max(memory)), "aim_mb": 600,
        }
    ]  # fmt: skip
    if copies:
        copied = rows / statistics.median(copies)
        found.append(
            {
                "bench": "import_copy", "rows": rows, "ours_per_second": round(mine),
                "peer_per_second": round(copied), "ratio": round(mine / copied, 3), "aim": 0.6,
            }
        )  # fmt: skip
    return found


def write_csv(path: Path, rows: int) -> None:
    """Write reports that are all different and all sound."""
    rng = random.Random(5)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        for number in range(rows):
            moment = start + timedelta(seconds=rng.randrange(4_000_000))
            text = " ".join(rng.choices(WORDS, k=12)) + f" {number}"
            lat, lon = round(rng.uniform(18.0, 20.0), 6), round(rng.uniform(-74.0, -72.0), 6)
            grade = rng.randrange(6)
            out.writerow(
                (number, moment.isoformat(), text, lat, lon, rng.choice(CATEGORIES), grade, rng.randrange(30))
            )


def run_import(folder: Path, path: Path, rows: int) -> tuple[float, float]:
    """Return seconds and peak memory in MB of one `mapper import` into an empty store."""
    settings = os.environ | {"MAPPER_DATA": str(folder)}
    crisis = (
        "crisis", "add", "coast", "--name", "Coast", "--bbox=-75,17.5,-71,20.5", "--timezone",
        "America/Port-au-Prince", "--languages", "en", "--mode", "hazard",
    )  # fmt: skip
    for arguments in (("init",), crisis):
        subprocess.run([*MAPPER, *arguments], env=settings, check=True, capture_output=True)
    command = [*MAPPER, "import", str(path), "--crisis", "coast"]
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    counts = json.loads(said.splitlines()[-1])
    if counts["accepted"] != rows:
        raise SystemExit(f"the import took in {counts}")
    return seconds, used.ru_maxrss / 1024


def read_and_validate(path: Path, rows: int) -> float:
    """Return seconds of a csv.DictReader that checks every field and keeps nothing."""
    start = time.perf_counter()
    seen, sound = set(), 0
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            latitude, longitude = float(row["latitude"]), float(row["longitude"])
            grade, people = int(row["damage_grade"]), int(row["people_affected"])
            moment = datetime.fromisoformat(row["reported"])
            seen.add(row["id"])
            sound += (
                -90 <= latitude <= 90
                and -180 <= longitude <= 180
                and 0 <= grade <= 5
                and people >= 0
                and moment.tzinfo is not None
                and row["category"] in CATEGORIES
                and 0 < len(row["text"].strip()) <= 20_000
            )
    if sound != rows or len(seen) != rows:
        raise SystemExit("the reader found unsound rows")
    return time.perf_counter() - start


def copy_into_postgresql(path: Path) -> float:
    """Return seconds of COPY into a plain logged table and of the indexes that one would make for it."""
    import psycopg

    name = f"bench_{uuid.uuid4().hex[:12]}"
    address = os.environ[POSTGRESQL].replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as connection:
        start = time.perf_counter()
        connection.execute(
            f"CREATE TABLE {name} (id bigint, reported timestamptz, text text, latitude float8, "
            "longitude float8, category text, damage_grade int, people_affected int)"
        )
        with (
            path.open("rb") as file,
            connection.cursor().copy(f"COPY {name} FROM STDIN WITH (FORMAT csv, HEADER)") as copy,
        ):
            while chunk := file.read(1 << 20):
                copy.write(chunk)
        connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (id)")
        for columns in ("longitude, latitude", "reported", "category"):
            connection.execute(f"CREATE INDEX ON {name} ({columns})")
        connection.commit()
        seconds = time.perf_counter() - start
        connection.execute(f"DROP TABLE {name}")
        return seconds


def measure_gpkg(folder: Path, rows: int, rounds: int) -> dict[str, object]:
    """Alternate our reading of a GeoPackage's rows and pyogrio's, each in a process of its own."""
    path = folder / "points.gpkg"
    _python(WRITE_GPKG, str(path), str(rows))
    ours = [_python(READ_OURS, str(path), str(rows)) for _ in range(rounds)]
    peer = [_python(READ_USUAL, str(path), str(rows)) for _ in range(rounds)]
    seconds = [statistics.median(each[0] for each in runs) for runs in (ours, peer)]
    return {
        "bench": "import_gpkg", "rows": rows, "ours_seconds": round(seconds[0], 2),
        "peer_seconds": round(seconds[1], 2), "ratio": round(seconds[1] / seconds[0], 2), "aim": 10,
        "ours_extra_mb": round(max(each[1] for each in ours)), "aim_mb": 200,
        "peer_extra_mb": round(max(each[1] for each in peer)),
    }  # fmt: skip


WRITE_GPKG = """
import sys, numpy, shapely
from pyogrio.raw import write
rows = int(sys.argv[2]); rng = numpy.random.default_rng(1)
points = shapely.to_wkb(shapely.points(rng.uniform(-74, -72, rows), rng.uniform(18, 20, rows)))
names = numpy.array([f"House {number}" for number in range(rows)], dtype=object)
kinds = numpy.array(["school", "house"], dtype=object)[rng.integers(0, 2, rows)]
fields = [names, rng.integers(0, 6, rows), kinds]
write(sys.argv[1], points, fields, numpy.array(["text", "damage_grade", "category"]), driver="GPKG",
      geometry_type="Point", crs="EPSG:4326", layer="reports")
"""
MEASURED = """
import json, resource, sys, time
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def told(seconds, before, rows):
    assert rows == int(sys.argv[2]), rows
    print(json.dumps([seconds, peak() - before]))
"""
READ_OURS = (
    MEASURED
    + """
from pathlib import Path
from mapper.intake.tables import open_table
before, start = peak(), time.perf_counter()
table = open_table(Path(sys.argv[1]), None)
rows = 0
for batch in table.batches():
    rows += len(batch.geometries.longitude)
told(time.perf_counter() - start, before, rows)
"""
)
READ_USUAL = (
    MEASURED
    + """
import pyogrio
before, start = peak(), time.perf_counter()
frame = pyogrio.read_dataframe(sys.argv[1])
told(time.perf_counter() - start, before, len(frame))
"""
)


def _python(program: str, *arguments: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    found: list[float] = json.loads(done.stdout or "[]")
    return found


if __name__ == "__main__":
    main()
