"""P-codes of many points against geopandas.sjoin, alternated in one run.

    python -m bench.bench_areas [--points N] [--areas N] [--rounds N] [--large]

One line of JSON: `ratio` is the peer's time over ours, each the median of its rounds; ours begins with making
the index, as the peer's does. `different` counts the points that got another area: none may. `--large` adds
a line for ten million points, for which the peer's time is taken on a tenth of them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import geopandas
import numpy as np
import shapely
from mapper.geography.areas import OUTSIDE, AreaIndex
from numpy.typing import NDArray

WINDOW = (22.0, 44.0, 40.0, 52.0)  # west, south, east, north: Ukraine's
VERTICES = 60  # along each side of an area: boundaries as detailed as COD-AB ones


def main() -> None:
    """Measure and print the lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--areas", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    areas = invented_areas(given.areas)
    measure(areas, 30_000, 30_000, 1, 0)  # imports, and loops compiled once for each installation
    print(json.dumps(measure(areas, given.points, given.points, given.rounds, 20)), flush=True)
    if given.large:
        print(json.dumps(measure(areas, 10_000_000, 1_000_000, 1, 30)), flush=True)


def measure(areas: NDArray[np.object_], points: int, peers: int, rounds: int, aim: int) -> dict[str, object]:
    """Alternate ours on all points and the peer on the first `peers`, whose time is scaled up."""
    rng = np.random.default_rng(7)
    west, south, east, north = WINDOW
    longitude, latitude = rng.uniform(west, east, points), rng.uniform(south, north, points)
    codes = [f"A{number:05d}" for number in range(len(areas))]
    ours, theirs = [], []
    for _ in range(rounds):
        seconds, located = timed(lambda: AreaIndex(codes, areas).locate(longitude, latitude))
        ours.append(seconds)
        seconds, joined = timed(lambda: usual(codes, areas, longitude[:peers], latitude[:peers]))
        theirs.append(seconds * points / peers)
    sure = ~located.on_border[:peers]  # within 2 m of a border the rules differ by intention
    names = np.array([*codes, ""], dtype=object)
    found = np.where(located.areas == OUTSIDE, len(codes), located.areas)[:peers]
    different = int(np.count_nonzero((names[found] != joined) & sure))
    return {
        "bench": "areas" if points < 10_000_000 else "areas_ten_million",
        "points": points,
        "areas": len(areas),
        "ours_seconds": round(statistics.median(ours), 3),
        "peer_seconds": round(statistics.median(theirs), 3),
        "ratio": round(statistics.median(theirs) / statistics.median(ours), 1),
        "different": different,
        "on_border": int(np.count_nonzero(located.on_border)),
        "aim": aim,
    }


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and the action's result."""
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def usual(
    codes: list[str], areas: NDArray[np.object_], longitude: NDArray[Any], latitude: NDArray[Any]
) -> NDArray[np.object_]:
    """Return each point's code by a spatial join, "" outside; the first where two areas claim it."""
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(longitude, latitude), crs=4326)
    polygons = geopandas.GeoDataFrame({"code": codes}, geometry=areas, crs=4326)
    joined = geopandas.sjoin(points, polygons, how="left", predicate="intersects")
    first = joined[~joined.index.duplicated()]["code"]
    found: NDArray[np.object_] = first.fillna("").to_numpy(dtype=object)
    return found


def invented_areas(count: int) -> NDArray[np.object_]:
    """Return about `count` areas that fill the window without gaps, with borders as ragged as real ones."""
    rng = np.random.default_rng(3)
    west, south, east, north = WINDOW
    columns = round((count * (east - west) / (north - south)) ** 0.5)
    rows = round(count / columns)
    width, height = (east - west) / columns, (north - south) / rows
    corners = np.empty((rows + 1, columns + 1, 2))
    corners[..., 0] = west + width * np.arange(columns + 1)
    corners[..., 1] = (south + height * np.arange(rows + 1))[:, None]
    corners[1:-1, 1:-1] += rng.uniform(-0.25, 0.25, (rows - 1, columns - 1, 2)) * (width, height)
    across = [
        [ragged(rng, corners[r, c], corners[r, c + 1]) for c in range(columns)] for r in range(rows + 1)
    ]
    upward = [
        [ragged(rng, corners[r, c], corners[r + 1, c]) for c in range(columns + 1)] for r in range(rows)
    ]
    rings = [
        np.concatenate(
            [across[r][c], upward[r][c + 1][1:], across[r + 1][c][::-1][1:], upward[r][c][::-1][1:]]
        )
        for r in range(rows)
        for c in range(columns)
    ]
    return np.array([shapely.polygons(ring) for ring in rings], dtype=object)


def ragged(rng: np.random.Generator, start: NDArray[Any], end: NDArray[Any]) -> NDArray[np.float64]:
    """Return a line from start to end that wanders to its sides by up to a twentieth of its length."""
    share = np.linspace(0, 1, VERTICES)[:, None]
    along = start + share * (end - start)
    sideways = np.array([start[1] - end[1], end[0] - start[0]])
    wander = rng.uniform(-0.05, 0.05, VERTICES) * np.sin(np.pi * share[:, 0])
    line: NDArray[np.float64] = along + wander[:, None] * sideways
    return line


if __name__ == "__main__":
    main()
