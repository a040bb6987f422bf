"""The workers' round: every room's `work` does one batch of what waits in the data."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from mapper.fusion.withdrawing import work as withdraw
from mapper.fusion.work import work as fuse
from mapper.intake.import_work import work as take_imports
from mapper.intake.work import work as forget_keys
from mapper.layers.work import work as look_up_areas
from mapper.maps.gazetteer import gazetteer_file
from mapper.publication.work import work as write_snapshots
from mapper.store.roots import work as sign_roots
from mapper.store.sealing import work as seal
from mapper.store.store import Store
from mapper.store.timestamps import work as timestamp_roots
from mapper.verification.links import work as archive_links
from mapper.verification.work import work as process_media

Work = Callable[[Store], int]

# In the order in which a report travels, so that one round carries it as far as it can go.
STEPS: tuple[tuple[str, Work], ...] = (
    ("imports", take_imports),
    ("areas", look_up_areas),
    ("withdrawals", withdraw),
    ("fusion", fuse),
    ("media", process_media),
    ("links", archive_links),
    ("snapshots", write_snapshots),
    ("ledger", seal),
    ("roots", sign_roots),
    ("timestamps", timestamp_roots),
    ("idempotency", forget_keys),
)
IDLE_SECONDS = 0.5

log = structlog.get_logger()


def work_once(store: Store) -> dict[str, int]:
    """Do one batch of each step; return how many rows each handled."""
    done = {}
    for name, step in STEPS:
        try:
            done[name] = step(store)
        except Exception:
            # One room's trouble must not stop the others; the rows still wait and are tried again.
            log.exception("work failed", step=name)
            done[name] = 0
    return done


def work_until_idle(store: Store, progress: Callable[[dict[str, int]], None] | None = None) -> dict[str, int]:
    """Work until nothing waits; return the totals. Raises what a step raises, so that nothing is hidden."""
    totals = {name: 0 for name, _ in STEPS}
    while True:
        handled = 0
        for name, step in STEPS:
            count = step(store)
            totals[name] += count
            handled += count
        if progress:
            progress(totals)
        if not handled:
            return totals


def work_forever(store: Store, stop: Callable[[], bool]) -> None:
    """Work whenever something waits, until `stop()`."""
    building: subprocess.Popen[bytes] | None = None
    try:
        while not stop():
            if not any(work_once(store).values()):
                building = building or _start_gazetteer(gazetteer_file(store.snapshots))
                time.sleep(IDLE_SECONDS)
    finally:
        if building:
            building.terminate()
            building.wait()


def _start_gazetteer(path: Path) -> subprocess.Popen[bytes] | None:
    """Build the gazetteer where there is none: it takes seconds, and memory that ends with the process."""
    if path.exists():
        return None
    command = [sys.executable, "-m", "mapper.maps.gazetteer", str(path)]
    return subprocess.Popen(command)  # noqa: S603 - our own module and folder
