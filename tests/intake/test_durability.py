"""What was answered with 201 is there after any process, or the whole machine, was cut off.

A killed process tells nothing about syncs: the kernel keeps what it wrote. So the server also runs on a
disk that forgets every write that was not synced, and a last test shows that this notices a commit
without a sync.
"""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mapper.config import Settings
from mapper.store.migrate import upgrade
from mapper.store.store import Store
from mapper.store.tables import Crisis, LedgerEntry, Report
from sqlalchemy import select

from tests.intake.server import CARELESS, ForgetfulDisk, Senders, Server, post

Kept = tuple[set[str], set[str]]


@pytest.fixture
def data(tmp_path: Path, make_crisis: Callable[..., Crisis]) -> Path:
    """The folder of a deployment with one crisis, synced and closed."""
    folder = tmp_path / "var"
    store = Store.open(Settings(data=folder))
    upgrade(store.engine)
    make_crisis(store)
    store.close()
    return folder


def kept(data: Path) -> Kept:
    """The ids of the reports in the store, and those that the ledger knows."""
    store = Store.open(Settings(data=data))
    with store.read() as session:
        reports = {str(found) for found in session.scalars(select(Report.id))}
        entries = {row.subject for row in session.scalars(select(LedgerEntry)) if row.kind == "report"}
    store.close()
    return reports, entries


def post_and_kill(data: Path, environment: dict[str, str], seconds: float) -> Senders:
    """Run a server, let people post for a while, and kill it in the middle.

    On a busy machine the first answers may take long: the while begins when some have come.
    """
    with Server(data, environment) as server:
        senders = Senders(server.port)
        senders.start()
        patience = time.monotonic() + 60
        while len(senders.answered) <= 20 and time.monotonic() < patience:
            time.sleep(0.02)
        time.sleep(seconds)
        server.kill()
        senders.join()
    return senders


@pytest.mark.parametrize("seed", [1, 2])
def test_a_kill_at_any_moment_loses_nothing_that_was_answered(data: Path, seed: int) -> None:
    senders = post_and_kill(data, {}, random.Random(seed).uniform(0.3, 1.5))
    assert len(senders.answered) > 10
    reports, entries = kept(data)
    assert {answer["id"] for answer in senders.answered.values()} <= reports
    assert reports == entries, "a report and its ledger entry are one transaction"


def test_after_a_kill_a_repeated_post_gets_the_same_answer(data: Path) -> None:
    senders = post_and_kill(data, {}, 0.5)
    with Server(data, {}) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for key, answer in list(senders.answered.items())[-20:]:
            assert post(connection, key) == (200, answer)


@pytest.mark.parametrize("seed", [3, 4])
def test_a_cut_of_power_loses_nothing_that_was_answered(data: Path, tmp_path: Path, seed: int) -> None:
    disk = ForgetfulDisk(tmp_path)
    senders = post_and_kill(data, disk.environment, random.Random(seed).uniform(0.5, 1.5))
    disk.lose_unsynced(data)
    assert len(senders.answered) > 10
    reports, entries = kept(data)
    assert {answer["id"] for answer in senders.answered.values()} <= reports
    assert reports == entries


def test_the_forgetful_disk_notices_a_commit_without_a_sync(data: Path, tmp_path: Path) -> None:
    careless = tmp_path / "careless"
    careless.mkdir()
    (careless / "sitecustomize.py").write_text(CARELESS, encoding="utf-8")
    disk = ForgetfulDisk(tmp_path)
    senders = post_and_kill(data, disk.environment | {"PYTHONPATH": str(careless)}, 1.0)
    assert disk.lose_unsynced(data) > 0
    answered = {answer["id"] for answer in senders.answered.values()}
    assert len(answered - kept(data)[0]) > 10
