"""`mapper backup` and `mapper restore`: here, because a restore repeats erasures."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

import click

from mapper.intake.erasure import LOG_NAME, NoSuchReport, erase
from mapper.store.archive import (
    BackupRefused,
    Contents,
    Erasure,
    back_up,
    read_contents,
    read_erasures,
    restore,
)
from mapper.store.crises import all_crises
from mapper.store.migrate import upgrade
from mapper.store.opening import Deployment, pass_deployment


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(backup)
    group.add_command(restore_command)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what it holds as JSON.")
@pass_deployment
def backup(deployment: Deployment, file: Path, as_json: bool) -> None:
    """Write the whole deployment to FILE while it runs: tables, photos, releases.

    The keys are not in it (`secret_key.hex` and `key_encryption_key.hex` in MAPPER_DATA, or the variables):
    keep them elsewhere, and `erasures.jsonl` with them. Without them FILE shows no text, contact or photo.
    """
    try:
        contents = back_up(deployment.store, file.resolve(), _log(deployment), _show)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror or error}") from error
    _say(contents, "backed up", as_json)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--erasures",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A log of erasures that was kept elsewhere; the one in MAPPER_DATA is always read.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was restored as JSON.")
@pass_deployment
def restore_command(deployment: Deployment, file: Path, erasures: Path | None, as_json: bool) -> None:
    """Put FILE back in place of everything in the store. Stop the web processes and workers first.

    What was erased since FILE was made is erased again. Where the store is not empty it is backed up first,
    beside MAPPER_DATA's database, as before-restore-….backup.
    """
    upgrade(deployment.raw_store.engine)
    store = deployment.store
    known = read_erasures(_log(deployment))
    if erasures:
        known |= read_erasures(erasures.read_text(encoding="ascii"))
    try:
        read_contents(file)
        _set_aside(deployment)
        contents, found = restore(store, file, _show)
    except BackupRefused as error:
        raise click.ClickException(f"{file.name}: {error}; nothing was changed") from error
    repeated = _repeat(deployment, known | found)
    _say(contents, f"restored, {repeated} erasures repeated,", as_json)


def _repeat(deployment: Deployment, known: set[Erasure]) -> int:
    """Erase again; return how many reports were there to be erased."""
    repeated = 0
    for _crisis_id, report_id in sorted(known):
        try:
            repeated += erase(deployment.store, uuid.UUID(report_id), deployment.settings.data)
        except NoSuchReport:  # it came after the backup, and is not in it
            continue
    return repeated


def _set_aside(deployment: Deployment) -> None:
    store = deployment.store
    with store.read() as session:
        if not all_crises(session):
            return
    name = f"before-restore-{store.clock():%Y%m%dT%H%M%S}.backup"
    path = deployment.settings.data.resolve() / name
    back_up(store, path, _log(deployment), lambda _what: None)
    click.echo(f"what was here is kept in {path}", err=True)


def _log(deployment: Deployment) -> str:
    path = deployment.settings.data / LOG_NAME
    return path.read_text(encoding="ascii") if path.is_file() else ""


def _show(what: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"  {what}", err=True)


def _say(contents: Contents, done: str, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(contents.as_json()))
        return
    rows = contents.rows
    click.echo(
        f"{done} {rows['crises']} crises, {rows['reports']} reports, {contents.blobs} photos and files, "
        f"{contents.snapshots} snapshots, as of {contents.made_at.isoformat()}",
        err=True,
    )
