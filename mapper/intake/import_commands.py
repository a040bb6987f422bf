"""`mapper imports`: what was imported, and undoing it."""

from __future__ import annotations

import json
import time
from typing import Any

import click
from sqlalchemy import select

from mapper.intake.import_runs import LABELS, LOCK, NotNow, State, named, newest_runs, run_by_id
from mapper.intake.import_undo import Effect, ask_undo, effect_of, undo_batch
from mapper.store.locks import alone
from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment
from mapper.store.store import Store
from mapper.store.tables import ImportRun

PAUSE_SECONDS = 0.2


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(imports)


@click.group()
def imports() -> None:
    """Look at what was imported, and undo it."""


@imports.command("list")
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_deployment
def list_imports(deployment: Deployment, slug: str, as_json: bool) -> None:
    """List the newest 100 imports of a crisis: id, state, counts, file, sender."""
    with deployment.store.read() as session:
        runs = newest_runs(session, crisis_or_fail(session, slug).id)
    if as_json:
        click.echo(json.dumps([_as_json(run) for run in runs]))
        return
    for run in runs:
        counts = run.summary or {}
        numbers = f"read {counts.get('read', 0):,}, accepted {counts.get('accepted', 0):,}"
        sender = f" from {run.sender}" if run.sender else ""
        click.echo(f"{run.id}  {LABELS[run.state]:24}  {numbers}  {run.file_name}{sender}")
    if not runs:
        click.echo("nothing has been imported yet; mapper import FILE --crisis SLUG does", err=True)


def _as_json(run: ImportRun) -> dict[str, Any]:
    names = ("file_name", "sha256", "size", "sender", "format", "mapping", "summary", "problem")
    moments = ("created_at", "started_at", "finished_at")
    times = {name: moment.isoformat() if (moment := getattr(run, name)) else None for name in moments}
    kept = {name: getattr(run, name) for name in names}
    return {"id": str(run.id), "state": run.state, "user_id": run.user_id, **kept, **times}


@imports.command("undo")
@click.argument("import_id")
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option("--reason", default="", help="Why, for those who look at it later.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_deployment
def undo(deployment: Deployment, import_id: str, slug: str, reason: str, yes: bool) -> None:
    """Withdraw every report of an import (its id stands in `mapper imports list`).

    Nothing is deleted. Incidents that nobody decided about are worked out again by `mapper work`; what
    people concluded stays, and is listed. The file can be imported again afterwards.
    """
    store = deployment.store
    with store.read() as session:
        run = run_by_id(session, crisis_or_fail(session, slug).id, import_id)
        if run is None:
            raise click.ClickException(
                f"there is no import {import_id} in {slug}; mapper imports list shows them"
            )
        effect = effect_of(session, run)
    _tell(effect)
    if not yes:
        click.confirm(f"Undo the import of {run.file_name}?", abort=True, err=True)
    if run.state != State.UNDOING:  # one that was interrupted is taken up
        try:
            ask_undo(store, run, None, reason)
        except NotNow as error:
            raise click.ClickException(f"the import is {LABELS[run.state].lower()}: {error}") from error
    _undo(store, run)
    click.echo(
        json.dumps(
            {"withdrawn": effect.withdrawn, "restored": effect.restored, "staying": effect.staying_count}
        )
    )


def _undo(store: Store, run: ImportRun) -> None:
    while True:
        with alone(store, LOCK, run.crisis_id) as is_mine:
            if is_mine:
                undo_batch(store, run)
            else:
                time.sleep(PAUSE_SECONDS)  # a worker does it
        with store.read() as session:
            if session.scalar(select(ImportRun.state).where(*named(run))) == State.UNDONE:
                return


def _tell(effect: Effect) -> None:
    click.echo(f"{effect.withdrawn:,} reports are withdrawn, in {effect.incidents:,} incidents", err=True)
    if effect.restored:
        click.echo(f"{effect.restored:,} reports that it had replaced stand again", err=True)
    for item in effect.staying:
        click.echo(
            f"  stays, for people decided about it: incident {item.incident_id} ({item.status})", err=True
        )
