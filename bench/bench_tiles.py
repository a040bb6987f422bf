"""Filtered vector tiles of many incidents, against DuckDB with its spatial extension, alternated in one run.

    python -m bench.bench_tiles [--incidents N] [--rounds N]

Ours is `mapper serve` with one worker, asked over HTTP, without a cache; the answer is whole, compressed or
not, before the clock stops. DuckDB runs inside this program with one thread, its table in memory and sorted
as ours is, and makes the same cells with the same properties, encoded by its ST_AsMVT: both must count the
same incidents. One line of JSON a zoom, of its busiest tile; `ratio` is DuckDB's time over ours, of medians.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
from mapper.config import Settings
from mapper.geography.cells import BITS, cell_keys, cell_xy
from mapper.publication.bitmaps import built
from mapper.store import snapshots
from mapper.store.crises import crisis_by_slug
from mapper.store.snapshot_format import INTERNAL
from mapper.store.store import Store

from bench.servers import MAPPER, free_port, running, with_token

FILTER = "sector=housing,health&status=verified&min_grade=3&from=2026-02-05T00:00:00Z&to=2026-03-01T00:00:00Z"
SINCE, UNTIL = datetime(2026, 2, 5, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
AIMS = {4: 5.0, 8: 8.0}
CELLS = 64
SECTORS, SECTOR_SHARES = ("health", "housing", "water", "power", "education"), (0.1, 0.6, 0.1, 0.1, 0.1)
STATUSES, STATUS_SHARES = ("new", "triaged", "in_review", "verified"), (0.4, 0.1, 0.1, 0.4)
Tile = tuple[int, int, int]


def main() -> None:
    """Measure each zoom and print its line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args()
    rows = incidents(given.incidents)
    peer = Peer(rows)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        settings = {"MAPPER_DATA": name}
        token = with_token(settings, "coordinator")
        written = write(Path(name), rows)
        port = free_port()
        with running([*MAPPER, "serve", "--port", str(port)], port, settings):
            ours = Ours(port, token)
            for tile in busiest(rows, (0, 4, 8, 10)):
                print(json.dumps(measure(tile, ours, peer, given.rounds) | written), flush=True)


def measure(tile: Tile, ours: Ours, peer: Peer, rounds: int) -> dict[str, Any]:
    """Alternate the two on one tile; raises SystemExit where they do not count the same."""
    if counted(ours.tile(*tile)) != counted(peer.tile(*tile)):
        raise SystemExit(f"tile {tile}: the two count different incidents")
    pairs = [(timed(ours.tile, tile), timed(peer.tile, tile)) for _ in range(rounds)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return {
        "bench": f"tile_z{tile[0]}",
        "ours_ms": round(mine, 2),
        "ours_worst_ms": round(max(pair[0] for pair in pairs), 2),
        "duckdb_ms": round(theirs, 2),
        "ratio": round(theirs / mine, 1),
        "aim": AIMS.get(tile[0]),
    }


def timed(make: Callable[[int, int, int], bytes], tile: Tile) -> float:
    """Return how long a tile takes, in milliseconds."""
    start = time.perf_counter()
    make(*tile)
    return (time.perf_counter() - start) * 1000


def counted(data: bytes) -> int:
    """Return how many incidents a tile of cells counts."""
    features = mapbox_vector_tile.decode(data)["cells"]["features"]
    return sum(feature["properties"]["count"] for feature in features)


class Ours:
    """The server, over one connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}"}

    def tile(self, zoom: int, x: int, y: int) -> bytes:
        """Return a tile."""
        address = f"/crises/coast/tiles/incidents/{zoom}/{x}/{y}.mvt?{FILTER}"
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{address}: {answer.status} {body[:300]!r}")
        return body


class Peer:
    """DuckDB on the same rows."""

    def __init__(self, rows: pa.Table) -> None:
        import duckdb
        import duckdb_extension_spatial

        folder = Path(duckdb_extension_spatial.__file__).parent
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute(f"LOAD '{next(folder.rglob('*.duckdb_extension'))}'")
        x, y = cell_xy(rows["cell_key"].to_numpy())
        wanted = ("cell_key", "sector", "status", "damage_low", "damage_high", "happened_from")
        given = rows.select(wanted).append_column("x", pa.array(x)).append_column("y", pa.array(y))
        self._connection.register("given", given)
        self._connection.execute("CREATE TABLE incidents AS SELECT * FROM given")

    def tile(self, zoom: int, x: int, y: int) -> bytes:
        """Return a tile of the same cells."""
        shift = BITS - zoom - 6
        low = int(tile_number(zoom, x, y)) << 2 * (BITS - zoom)
        query = f"""
            SELECT ST_AsMVT(cell, 'cells', 4096, 'geom') FROM (
                SELECT count(*) AS count, count(*) FILTER (status = 'verified') AS verified,
                    max(damage_low)::INT AS damage_low, max(damage_high)::INT AS damage_high,
                    ST_MakeEnvelope(
                        (x >> {shift}) % {CELLS} * {CELLS}, (y >> {shift}) % {CELLS} * {CELLS},
                        (x >> {shift}) % {CELLS} * {CELLS} + {CELLS},
                        (y >> {shift}) % {CELLS} * {CELLS} + {CELLS}
                    ) AS geom
                FROM incidents
                WHERE cell_key >= {low} AND cell_key < {low + (1 << 2 * (BITS - zoom))}
                    AND sector IN ('housing', 'health') AND status = 'verified' AND damage_low >= 3
                    AND happened_from >= ? AND happened_from <= ?
                GROUP BY x >> {shift}, y >> {shift}
            ) AS cell"""  # noqa: S608 - numbers of our own
        found = self._connection.execute(query, [SINCE, UNTIL]).fetchone()
        return bytes(found[0]) if found else b""


def incidents(number: int) -> pa.Table:
    """Return made-up incidents around sixty towns, sorted by cell key (`snapshot_format.INTERNAL`)."""
    random = np.random.default_rng(1)
    towns = random.uniform([-74.5, 18], [-71.5, 20], (60, 2))[random.integers(0, 60, number)]
    longitude, latitude = (towns + random.normal(0, 0.05, (number, 2))).T
    keys = cell_keys(longitude, latitude)
    order = np.argsort(keys)
    grade = random.integers(-1, 6, number).astype(np.int8)
    happened = 1_769_000_000_000_000 + random.exponential(2e12, number).astype(np.int64)
    grades = pa.array(grade, mask=grade < 0)
    made = {
        "cell_key": pa.array(keys[order]),
        "lon_e7": pa.array((longitude[order] * 1e7).astype(np.int32)),
        "lat_e7": pa.array((latitude[order] * 1e7).astype(np.int32)),
        "id": pa.array(np.arange(number)).cast(pa.string()),
        "status": _codes(random, STATUSES, STATUS_SHARES, number),
        "sector": _codes(random, SECTORS, SECTOR_SHARES, number),
        "damage_low": grades,
        "damage_high": grades,
        "happened_from": pa.array(happened).cast(pa.timestamp("us", tz="UTC")),
    }
    return pa.table(
        [made.get(field.name, pa.nulls(number, field.type)) for field in INTERNAL], schema=INTERNAL
    )


def _codes(random: np.random.Generator, codes: tuple[str, ...], shares: Any, number: int) -> pa.Array:
    places = random.choice(len(codes), number, p=shares).astype(np.int16)
    return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(codes))


def write(data: Path, rows: pa.Table) -> dict[str, Any]:
    """Write the rows as the crisis' internal snapshot; return what that took."""
    store = Store.open(Settings(data=data))
    with store.read() as session:
        crisis = crisis_by_slug(session, "coast")
    assert crisis is not None
    start = time.perf_counter()
    index = built(rows)
    seconds = time.perf_counter() - start
    files = {snapshots.ROWS: rows, snapshots.INDEX: index}
    snapshots.write(store, crisis.id, "internal", files, data_until=store.clock(), policy={})
    store.close()
    return {
        "incidents": rows.num_rows,
        "index_seconds": round(seconds, 1),
        "index_mb": round(index.nbytes / 1e6),
    }


def busiest(rows: pa.Table, zooms: tuple[int, ...]) -> list[Tile]:
    """Return the tile of each zoom that holds most incidents."""
    keys = rows["cell_key"].to_numpy()
    found = []
    for zoom in zooms:
        numbers, counts = np.unique(keys >> 2 * (BITS - zoom), return_counts=True)
        x, y = cell_xy(numbers[counts.argmax()])
        found.append((zoom, int(x), int(y)))
    return found


def tile_number(zoom: int, x: int, y: int) -> int:
    """Return the number of a tile among those of its zoom, in the order of cell keys."""
    return sum(((x >> bit & 1) | (y >> bit & 1) << 1) << 2 * bit for bit in range(zoom))


if __name__ == "__main__":
    main()
