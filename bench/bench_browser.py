"""20,000 incidents drawn in Chromium, against Leaflet's circle markers on canvas in the same page.

Ours is the whole way: the filters change, tiles are asked for, decoded and drawn, and a click asks the
server. The peer has its positions in memory already. Rounds alternate. Run with:

    python -m bench.bench_browser
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from mapper.geography.cells import cell_keys
from mapper.store.snapshot_format import INTERNAL
from playwright.sync_api import Page, sync_playwright

from bench.bench_tiles import write
from bench.servers import MAPPER, free_port, running, with_token

CHROMIUM = "/usr/bin/chromium"
NUMBER, AIM = 20_000, 0.6
WEST, SOUTH, EAST, NORTH = -72.40, 18.50, -72.26, 18.59  # fills a window of 1280 by 860 at zoom 13
PASSWORD = "correct horse battery staple"

OURS = """() => new Promise(done => {
    const added = ({ layer }) => {
        if (!layer.views || layer.options.pane !== "incidents") return
        map_crisis.off("layeradd", added)
        layer.once("load", () => requestAnimationFrame(() => done(performance.now() - start)))
    }
    map_crisis.on("layeradd", added)
    const start = performance.now()
    document.getElementById("filters").dispatchEvent(new Event("change"))
})"""
PEER = """places => new Promise(done => {
    const start = performance.now()
    const renderer = L.canvas()
    const group = L.layerGroup(places.map(([longitude, latitude]) =>
        L.circleMarker([latitude, longitude], { renderer, radius: 5, weight: 1.5 }).on("click", () => {})))
    group.addTo(map_crisis)
    requestAnimationFrame(() => requestAnimationFrame(() => {
        const taken = performance.now() - start
        group.remove()
        renderer.remove()
        done(taken)
    }))
})"""


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    rows = incidents()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        settings = {"MAPPER_DATA": name}
        with_token(settings, "coordinator")
        write(Path(name), rows)
        port = free_port()
        serving = running([*MAPPER, "serve", "--port", str(port)], port, settings)
        with serving, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            print(json.dumps(measure(page, f"http://127.0.0.1:{port}", rows, given.rounds)), flush=True)
            browser.close()


def measure(page: Page, base: str, rows: pa.Table, rounds: int) -> dict[str, Any]:
    """Return the medians of both and their ratio."""
    page.goto(f"{base}/login")
    page.fill("input[name=email]", "bench@example.org")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    page.goto(f"{base}/crises/coast")
    page.wait_for_load_state("networkidle")
    page.evaluate("([y, x]) => { map_crisis.setView([y, x], 13, { animate: false }) }", middle())
    page.wait_for_load_state("networkidle")
    places = [
        [x / 1e7, y / 1e7]
        for x, y in zip(rows["lon_e7"].to_pylist(), rows["lat_e7"].to_pylist(), strict=True)
    ]
    ours, peer = [], []
    for _ in range(rounds):
        ours.append(page.evaluate(OURS))
        page.wait_for_timeout(2700)  # until the layer before is gone, so that nothing of it is measured
        peer.append(page.evaluate(PEER, places))
        page.wait_for_timeout(300)
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return {
        "bench": "browser points",
        "points": rows.num_rows,
        "ours_ms": round(mine),
        "leaflet_circle_markers_ms": round(theirs),
        "ratio": round(mine / theirs, 2),
        "aim": AIM,
        "ok": mine / theirs <= AIM,
    }


def middle() -> list[float]:
    """Latitude and longitude of the middle."""
    return [(SOUTH + NORTH) / 2, (WEST + EAST) / 2]


def incidents() -> pa.Table:
    """Return incidents spread over one window of the map, as an internal snapshot has them."""
    random = np.random.default_rng(3)
    longitude = random.uniform(WEST, EAST, NUMBER)
    latitude = random.uniform(SOUTH, NORTH, NUMBER)
    keys = cell_keys(longitude, latitude)
    order = np.argsort(keys)
    codes = pa.DictionaryArray.from_arrays(
        pa.array(random.integers(0, 3, NUMBER).astype(np.int16)), pa.array(["new", "verified", "triaged"])
    )
    grades = pa.array(random.integers(0, 6, NUMBER).astype(np.int8))
    made = {
        "cell_key": pa.array(keys[order]),
        "lon_e7": pa.array((longitude[order] * 1e7).astype(np.int32)),
        "lat_e7": pa.array((latitude[order] * 1e7).astype(np.int32)),
        "id": pa.array(np.arange(NUMBER)).cast(pa.string()),
        "status": codes,
        "damage_low": grades,
        "damage_high": grades,
    }
    return pa.table(
        [made.get(field.name, pa.nulls(NUMBER, field.type)) for field in INTERNAL], schema=INTERNAL
    )


if __name__ == "__main__":
    main()
