"""The tutorial's own commands, every one of them, in one shell and in order."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from tests.conftest import needs

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```sh( setup)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 380  # half a minute on a quiet machine


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_every_block_is_a_shells() -> None:
    assert PAGE.count("```") == 2 * len(BLOCK.findall(PAGE))


def test_what_is_installed_before_is_what_make_does() -> None:
    (setup,) = [text.strip() for is_setup, text in BLOCK.findall(PAGE) if is_setup]
    assert setup == "make setup"
    command = ["make", "--no-print-directory", "--dry-run", "setup"]
    planned = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert planned.stdout.strip() == "scripts/setup.sh"
    assert (ROOT / "scripts" / "setup.sh").is_file()


def test_from_a_store_to_a_verified_incident_on_the_map(tmp_path: Path) -> None:
    needs(shutil.which("curl"), "curl")
    script = "\n".join(text for is_setup, text in BLOCK.findall(PAGE) if not is_setup)
    stop = 'trap "kill \\$(jobs -p) 2>/dev/null || true" EXIT\n'
    environment = os.environ | {
        "MAPPER_DATA": str(tmp_path / "var"),
        "PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", stop + script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"accepted": 5' in done.stdout and '"needs_location": 1' in done.stdout
    assert "in_review\nverified\n" in done.stdout
    assert "/crises/tarvel?incident=" in done.stdout
    assert "1 crises, 6 reports" in done.stderr
