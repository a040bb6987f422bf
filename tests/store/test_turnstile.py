"""Writers to one SQLite file take turns, between threads and between processes."""

from __future__ import annotations

import multiprocessing
import threading
import time
from pathlib import Path

import pytest
from mapper.store import turnstile
from mapper.store.engine import StoreError
from mapper.store.turnstile import Turnstile

HELD_SECONDS = 0.4


def hold(path: Path, begun: object) -> None:
    """Hold the turn for a while in a process of its own."""
    with Turnstile(path).turn():
        begun.set()  # type: ignore[attr-defined]
        time.sleep(HELD_SECONDS)


def test_a_process_waits_for_the_turn_of_another(tmp_path: Path) -> None:
    path = tmp_path / "writers"
    spawn = multiprocessing.get_context("spawn")
    begun = spawn.Event()
    other = spawn.Process(target=hold, args=(path, begun))
    other.start()
    assert begun.wait(30)
    start = time.monotonic()
    with Turnstile(path).turn():
        waited = time.monotonic() - start
    other.join()
    assert waited > HELD_SECONDS / 2


def test_the_turn_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "writers"
    spawn = multiprocessing.get_context("spawn")
    begun = spawn.Event()
    other = spawn.Process(target=hold, args=(path, begun))
    other.start()
    assert begun.wait(30)
    other.kill()
    with Turnstile(path).turn():
        pass


def test_threads_go_through_one_at_a_time(tmp_path: Path) -> None:
    gate = Turnstile(tmp_path / "writers")
    inside, most = 0, 0

    def pass_through() -> None:
        nonlocal inside, most
        with gate.turn():
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    threads = [threading.Thread(target=pass_through) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_write_inside_a_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "BUSY_SECONDS", 0.05)
    gate = Turnstile(tmp_path / "writers")
    with gate.turn(), pytest.raises(StoreError), gate.turn():
        pass
    with gate.turn():
        pass
