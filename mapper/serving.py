"""`mapper serve` and `mapper work`: the web processes and the workers."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
from typing import Any

import click

from mapper.config import Settings
from mapper.store.opening import Deployment, pass_deployment
from mapper.store.store import Store

THREADS = 8
BACKPRESSURE = 256  # requests a process takes at once; more wait in the socket
NICENESS = 5  # of workers: where processors are short, people who send or look come first


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option(
    "--threads", default=THREADS, show_default=True, type=click.IntRange(1, 256), help="Threads in each."
)
@click.option(
    "--audience",
    default="all",
    type=click.Choice(["all", "public"]),
    help="public: serve only what is public.",
)
@click.option("--with-work", is_flag=True, help="Run the workers too, in a process of their own.")
@pass_deployment
def serve(
    deployment: Deployment, host: str, port: int, workers: int, threads: int, audience: str, with_work: bool
) -> None:
    """Serve the site and the API."""
    from granian.constants import Interfaces
    from granian.server import Server

    _ = deployment.store  # refuse to start on a store without tables
    deployment.raw_store.close()
    if with_work:
        process = multiprocessing.get_context("spawn").Process(
            target=_work_in_process, args=(deployment.settings,), daemon=True
        )
        process.start()
    server: Any = Server(
        "mapper.app:serve_all" if audience == "all" else "mapper.app:serve_public",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backpressure=BACKPRESSURE,
        factory=True,
        log_access=False,
    )
    server.serve()


@click.command()
@click.option("--until-idle", is_flag=True, help="Stop when nothing waits.")
@click.option("--json", "as_json", is_flag=True, help="Print the totals as JSON (with --until-idle).")
@pass_deployment
def work(deployment: Deployment, until_idle: bool, as_json: bool) -> None:
    """Fuse, look up areas, process photos, write snapshots, seal the ledger: whatever waits.

    Several may run at once, on one machine or many; stopping one at any moment loses nothing.
    """
    from mapper.worker import work_forever, work_until_idle

    store = deployment.store
    if not until_idle:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        os.nice(NICENESS)
        work_forever(store, stop.is_set)
        return
    on_terminal = sys.stderr.isatty()
    totals = work_until_idle(store, _show if on_terminal else None)
    if on_terminal:
        click.echo(err=True)
    if as_json:
        click.echo(json.dumps(totals))


def _show(totals: dict[str, int]) -> None:
    line = "  ".join(f"{name} {count:,}" for name, count in totals.items() if count)
    click.echo(f"\r{line}", nl=False, err=True)


def _work_in_process(settings: Settings) -> None:
    from mapper.worker import work_forever

    os.nice(NICENESS)
    parent = multiprocessing.parent_process()
    work_forever(Store.open(settings), lambda: parent is not None and not parent.is_alive())
