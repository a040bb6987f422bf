"""`mapper publish`, `mapper crisis blank` and `mapper crisis unblank`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

import click

from mapper.publication.release import ReleaseUnsafe
from mapper.publication.service import Outcome, PublishRefused, publish, set_blank
from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment
from mapper.store.snapshots import SnapshotConflict


def register(group: click.Group) -> None:
    """Add this room's commands; blanking stands with the other commands of a crisis."""
    group.add_command(publish_command)
    crisis = cast(click.Group, group.commands["crisis"])  # store/commands registers it first
    crisis.add_command(blank)
    crisis.add_command(unblank)


class Moment(click.ParamType[datetime]):
    """A time of RFC 3339 with its offset."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read the time."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            self.fail("give a time with its offset, such as 2026-03-01T12:00:00Z", param, ctx)
        return found


@click.command("publish")
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option("--as-of", type=Moment(), help="Judge embargoes at this moment; now unless said.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@pass_deployment
def publish_command(deployment: Deployment, slug: str, as_of: datetime | None, as_json: bool) -> None:
    """Write the public release that is due.

    In conflict mode one is due each day from 06:00 UTC. Nothing is written where nothing changed, so this
    can run as often as you like, from cron or by hand.
    """
    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    now = store.clock()
    if as_of is not None and as_of > now:
        click.echo(
            "warning: --as-of is in the future; what is under embargo until then is published", err=True
        )
    try:
        outcome = publish(store, crisis, as_of or now)
    except (PublishRefused, ReleaseUnsafe, SnapshotConflict, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(asdict(outcome), default=str) if as_json else _sentence(slug, outcome))


def _sentence(slug: str, outcome: Outcome) -> str:
    if not outcome.written:
        return f"{slug}: nothing written ({outcome.why})"
    return f"{slug}: release {outcome.version} with {outcome.incidents} incidents in {outcome.rows} rows"


@click.command("blank")
@click.argument("slug")
@pass_deployment
def blank(deployment: Deployment, slug: str) -> None:
    """Switch off everything public of the crisis SLUG, at once: the kill switch."""
    _set(deployment, slug, is_blank=True)


@click.command("unblank")
@click.argument("slug")
@pass_deployment
def unblank(deployment: Deployment, slug: str) -> None:
    """Show what is public of the crisis SLUG again."""
    _set(deployment, slug, is_blank=False)


def _set(deployment: Deployment, slug: str, *, is_blank: bool) -> None:
    with deployment.store.read() as session:
        crisis = crisis_or_fail(session, slug)
    state = "blanked" if is_blank else "public"
    was = "" if set_blank(deployment.store, crisis.id, is_blank=is_blank) else " already"
    click.echo(f"{slug} is {state}{was}", err=True)
