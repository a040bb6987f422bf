"""`mapper simulate` and `mapper demo`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click
from dateutil.parser import isoparse

from mapper.simulation.service import Plan, into_file, into_store
from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(simulate)
    group.add_command(demo)


class Moment(click.ParamType[datetime]):
    """A time with an offset, such as 2026-03-01T12:00:00+01:00."""

    name = "TIME"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read RFC 3339."""
        if isinstance(value, datetime):
            return value
        try:
            moment = isoparse(value)
        except ValueError:
            self.fail("is no time such as 2026-03-01T12:00:00+01:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option(
    "--incidents", required=True, type=click.IntRange(1, 10_000_000), help="How many damages happen."
)
@click.option(
    "--reports-per-incident", default=2.6, show_default=True, type=click.FloatRange(1, 50), help="Mean."
)
@click.option("--seed", default=1, show_default=True, help="Equal seeds tell equal stories.")
@click.option("--until", type=Moment(), help="End of the six weeks that are told; now unless said.")
@click.option(
    "--truth", type=click.Path(dir_okay=False, path_type=Path), help="Write which report is of which damage."
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the reports here, not to the store."
)
@pass_deployment
def simulate(
    deployment: Deployment,
    slug: str,
    incidents: int,
    reports_per_incident: float,
    seed: int,
    until: datetime | None,
    truth: Path | None,
    out: Path | None,
) -> None:
    """Tell the story of an invented crisis in the crisis SLUG: for exercises, tests and training.

    Reports come in several languages, with errors of place, delays and wrong categories. With --out
    nothing is written to the store, and REPORTS and TRUTH fit `mapper fusion score`.
    """
    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    plan = Plan(incidents, reports_per_incident, seed, until or store.clock().replace(microsecond=0))
    with ExitStack() as files:
        truth_file = _open(files, truth)
        out_file = _open(files, out)
        if out_file:
            told = into_file(store, crisis, plan, out_file, truth_file)
        else:
            told = into_store(store, crisis, plan, truth_file, _progress())
    click.echo(f"{told.reports:,} reports of {told.incidents:,} damages told", err=True)


@click.command()
@pass_deployment
def demo(deployment: Deployment) -> None:
    """Fill an empty store with a crisis to look at, and print its accounts. Does nothing otherwise."""
    from mapper.simulation.demo import build_demo

    for line in build_demo(deployment.settings, deployment.raw_store):
        click.echo(line)


def _progress() -> Callable[[int], None] | None:
    if not sys.stderr.isatty():
        return None
    return lambda count: click.echo(f"\r{count:,} reports", nl=False, err=True)


def _open(files: ExitStack, path: Path | None) -> IO[str] | None:
    if path is None:
        return None
    try:
        return files.enter_context(path.open("w", encoding="utf-8", newline=""))
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
