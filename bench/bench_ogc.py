"""Reading every incident through /ogc with GDAL, against GDAL reading the same features from a local file.

    python -m bench.bench_ogc [--incidents N] [--rounds N]

GDAL asks pages of 1,000 over HTTP from `mapper serve` with one worker. The file is what our own export
wrote. `ratio` is the file's time over ours: 1 would mean that paging costs nothing. Both counts must be
exact, since GDAL ends silently where a page's next link is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from bench.bench_tiles import incidents, write
from bench.servers import MAPPER, command, free_port, running, with_token

READ = """
import sys, time, pyogrio
start = time.perf_counter()
rows = len(pyogrio.read_dataframe(sys.argv[1], layer=sys.argv[2]))
print(rows, time.perf_counter() - start)
"""


def main() -> None:
    """Measure and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        settings = {"MAPPER_DATA": name}
        token = with_token(settings, "coordinator")
        write(Path(name), paged(incidents(given.incidents)))
        file, header, port = Path(name) / "o.geojson", Path(name) / "header", free_port()
        command(
            settings, *MAPPER, "export", "geojson", str(file), "--crisis", "coast", "--audience", "internal"
        )
        header.write_text(f"Authorization: Bearer {token}")
        with running([*MAPPER, "serve", "--port", str(port)], port, settings):
            pairs = [
                (read(f"OAPIF:http://127.0.0.1:{port}/ogc", "coast.incidents", header, given.incidents),
                 read(str(file), "incidents", header, given.incidents))
                for _ in range(given.rounds)
            ]  # fmt: skip
    print(json.dumps(line(given.incidents, pairs)))


def paged(rows: pa.Table) -> pa.Table:
    """Return incidents with the order of their ids, which pages follow."""
    place = rows.schema.get_field_index("by_id")
    order = pc.sort_indices(rows["id"]).cast(pa.int32())
    return rows.set_column(place, rows.schema.field("by_id"), order)


def read(address: str, layer: str, header: Path, wanted: int) -> float:
    """Return how long GDAL takes, in seconds; raises SystemExit where it does not find all."""
    environment = os.environ | {"GDAL_HTTP_HEADER_FILE": str(header)}
    done = subprocess.run(
        [sys.executable, "-c", READ, address, layer],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    rows, seconds = done.stdout.split()
    if int(rows) != wanted:
        raise SystemExit(f"{address}: {rows} of {wanted} features")
    return float(seconds)


def line(count: int, pairs: list[tuple[float, float]]) -> dict[str, object]:
    """Return the result."""
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return {
        "bench": "ogc_features",
        "features": count,
        "ours_per_second": round(count / mine),
        "file_per_second": round(count / theirs),
        "ratio": round(theirs / mine, 2),
    }


if __name__ == "__main__":
    main()
