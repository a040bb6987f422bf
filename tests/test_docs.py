"""The papers against the code: tables as the code is, commands that exist, links that lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest
from mapper.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
BLOCK = re.compile(r"^(?:```(?:sh|ini)[^\n]*\n(.*?)^```|((?:^ {4}.*\n)+))", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s|(])(?:/?[\w./-]*\.venv/bin/)?mapper ((?:[^\n\\]|\\\n)*)")
ENDS_A_COMMAND = re.compile(r"\s(?:&|\||;|2?>|<)|\)")


def reference() -> ModuleType:
    """The script that writes the reference's tables."""
    path = ROOT / "scripts" / "reference.py"
    spec = importlib.util.spec_from_file_location("reference", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_as_the_code_is() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    fresh = reference().written(page)
    missing = set(fresh.splitlines()) - set(page.splitlines())
    assert fresh == page, f"run python scripts/reference.py; it would write {sorted(missing)[:5]}"


def test_a_new_setting_command_or_address_would_be_missed() -> None:
    tables = reference()
    page = "<!-- settings -->\n<!-- end of settings --><!-- commands --><!-- end of commands -->"
    fresh = tables.written(page + "<!-- addresses --><!-- end of addresses -->")
    for known in ("`MAPPER_DATA`", "`mapper backup FILE`", "`/crises/SLUG/plan` GET"):
        assert known in fresh


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    found = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in found if not (page.parent / link).exists()] == []


def commands_of(page: Path) -> list[list[str]]:
    """Every `mapper …` in a page's blocks, as words."""
    blocks = ["".join(found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]
    lines = [match for block in blocks for match in COMMAND.findall(block)]
    plain = [ENDS_A_COMMAND.split(line.replace("\\\n", " "))[0] for line in lines]
    return [shlex.split(line, comments=True) for line in plain]


def test_commands_are_found_in_the_papers() -> None:
    found = [words[0] for page in PAGES for words in commands_of(page) if words]
    assert {"init", "serve", "work", "publish", "backup", "restore", "crisis", "layer", "token"} <= set(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_a_paper_exists_with_its_options(page: Path) -> None:
    wrong = [" ".join(words) for words in commands_of(page) if words and not is_known(words)]
    assert wrong == []


def is_known(words: list[str]) -> bool:
    """Whether the command and each of its options exist."""
    command: click.Command = main
    words = list(words)
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    if isinstance(command, click.Group):
        return words == ["--help"]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    return {word.partition("=")[0] for word in words if word.startswith("--")} <= known | {"--help"}


def test_the_command_starts_without_what_takes_seconds_to_load() -> None:
    slow = {"pandas", "geopandas", "folium", "scipy", "sklearn", "numba", "PIL", "weasyprint", "av"}
    said = subprocess.run(
        [sys.executable, "-c", "import sys, mapper.cli; print(*sys.modules)"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(said.stdout.split()) & slow == set()
