"""Write the tables of docs/reference.md that the code itself knows: settings, commands and addresses.

python scripts/reference.py            # rewrites what stands between the markers
python scripts/reference.py --check    # exit 1 where it would change something
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask
from mapper.accounts.access import DECLARED_HERE
from mapper.app import create_app
from mapper.cli import main
from mapper.config import Settings
from mapper.store.store import Store
from mapper.web.permission import EVERYONE, LOOPBACK, SIGNED_IN, allowed

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference.md"
WORDS = {EVERYONE: "everybody", SIGNED_IN: "whoever is signed in", LOOPBACK: "this machine"}
LIBRARYS = {
    "security.login": "Sign in.",
    "security.logout": "Sign out.",
    "security.change_password": "Change one's own password.",
}


def settings() -> Iterator[str]:
    """Yield the rows of settings."""
    yield "| variable | default | what it does |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = field.get_default()
        shown = getattr(default, "get_secret_value", lambda default=default: default)()
        value = "empty" if shown == "" else f"`{shown}`"
        yield f"| `MAPPER_{name.upper()}` | {value} | {field.description} |"


def commands() -> Iterator[str]:
    """Yield the rows of commands."""
    yield "| command | options | does |"
    yield "|---|---|---|"
    for name, command in sorted(leaves(main, "mapper")):
        options = [option for option in command.params if isinstance(option, click.Option)]
        arguments = [
            item.make_metavar(click.Context(command)) for item in command.params if item not in options
        ]
        shown = "<br>".join(_option(option, command) for option in options if not option.hidden)
        usage = " ".join([name, *arguments]).replace("|", "\\|")
        yield f"| `{usage}` | {shown or '-'} | {_first_sentence(command.help)} |"


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with its whole name."""
    if isinstance(command, click.Group):
        for part, inner in command.commands.items():
            yield from leaves(inner, f"{name} {part}")
    else:
        yield name, command


def addresses() -> Iterator[str]:
    """Yield the rows of addresses."""
    yield "| address | who | what |"
    yield "|---|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        chosen = Settings(data=Path(folder))
        store = Store.open(chosen)
        app = create_app(chosen, store)
        yield from sorted(_rows(app))
        store.close()


def _rows(app: Flask) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        who = allowed(view) or DECLARED_HERE[rule.endpoint]
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        people = ", ".join(sorted(WORDS.get(role, role) for role in who))
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: found[1].upper(), rule.rule)
        words = LIBRARYS.get(rule.endpoint) or _first_sentence(view.__doc__)
        yield f"| `{path}` {methods} | {people} | {words} |"


def _option(option: click.Option, command: click.Command) -> str:
    flag = "/".join([*option.opts[-1:], *option.secondary_opts[-1:]])
    value = "" if option.is_flag or option.count else f" {option.make_metavar(click.Context(command))}"
    words = f": {option.help}" if option.help else ""
    return f"`{flag}{value}`{words}".replace("|", "\\|").replace("\n", " ")


def _first_sentence(text: str | None) -> str:
    paragraph = " ".join((text or "").strip().split("\n\n")[0].split())
    return paragraph.replace("|", "\\|").replace("\b", "")


def written(page: str) -> str:
    """Return the page with its tables as the code is now."""
    for name, rows in (("settings", settings), ("commands", commands), ("addresses", addresses)):
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _start, rest = page.partition(start)
        _old, _end, after = rest.partition(end)
        table = "\n".join(rows())
        page = f"{before}{start}\n{table}\n{end}{after}"
    return page


if __name__ == "__main__":
    now = PAGE.read_text(encoding="utf-8")
    fresh = written(now)
    if "--check" in sys.argv and fresh != now:
        sys.exit("docs/reference.md is behind the code: run python scripts/reference.py")
    PAGE.write_text(fresh, encoding="utf-8")
