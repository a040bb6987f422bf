"""Servers that benchmarks start, and the deployment that they serve."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parent.parent
MAPPER = (sys.executable, "-c", "from mapper.cli import main; main()")


def with_token(settings: dict[str, str], role: str) -> str:
    """Make a deployment with the crisis `coast` and return a token of somebody with a role in it."""
    command(settings, *MAPPER, "init")
    command(
        settings, *MAPPER, "crisis", "add", "coast", "--name", "Coast", "--bbox=-75,17.5,-71,20.5",
        "--timezone", "America/Port-au-Prince", "--languages", "en", "--mode", "hazard",
    )  # fmt: skip
    command(
        settings, *MAPPER, "user", "add", "bench@example.org", "--role", role, "--crisis", "coast",
        "--password-stdin", text="correct horse battery staple\n",
    )  # fmt: skip
    return command(settings, *MAPPER, "token", "add", "bench@example.org", "--crisis", "coast").split()[-1]


def command(environment: dict[str, str], *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        arguments, env=os.environ | environment, input=text, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(arguments, env=os.environ | environment, cwd=PROJECT, start_new_session=True)
    try:
        _wait_for_answer(process, port)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for_answer(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once the server answers at all; a server listens before its app is loaded."""
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit("the server stopped at start")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")
