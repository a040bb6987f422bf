"""`mapper simulate` and `mapper demo`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, overload

import click
from dateutil.parser import isoparse

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
@click.option("--until", type=Moment(), help="Tell up to this time; up to the last full hour unless said.")
@click.option(
    "--start",
    type=Moment(),
    help="When the six weeks of the story begin; so that they end with --until unless said.",
)
@click.option(
    "--truth", type=click.Path(dir_okay=False, path_type=Path), help="Write which report is of which damage."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the reports here, not to the store: CSV, or GeoJSON Features by line (.ndjson, .geojsonl).",
)
@pass_deployment
def simulate(
    deployment: Deployment,
    slug: str,
    incidents: int,
    reports_per_incident: float,
    seed: int,
    until: datetime | None,
    start: datetime | None,
    truth: Path | None,
    out: Path | None,
) -> None:
    """Tell the story of an invented crisis in the crisis SLUG: for exercises, tests and training.

    A country with towns, roads and facilities on the crisis' loaded areas (or on an invented island in
    its box); an earthquake and its aftershocks, or strikes at night in conflict mode; six kinds of
    source that report in English, French, Ukrainian, Arabic, Spanish and Turkish, late, misplaced,
    misspelled, reposted; repairs, second strikes, false rumours and spam.

    \b
      mapper simulate --crisis coast --incidents 500
      mapper simulate --crisis coast --incidents 1000000 --out reports.csv --truth truth.csv
      mapper fusion score reports.csv truth.csv

    With --out nothing is written to the store. Without it reports are received at the moments at which
    they were sent; a run that was interrupted goes on when it is repeated with the same --until. With
    --start the story stands still at --until, and a later --until tells how it goes on.

    Equal options give equal bytes. A file grows by about 150,000 reports a second and 170 bytes a report
    (260 with a truth), and takes 200 MB of memory and 16 bytes a report: ten million incidents, some 27
    million reports, take 700 MB and a few minutes.
    """
    from mapper.simulation.service import into_file, into_store, story_of

    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    until = until or store.clock().replace(minute=0, second=0, microsecond=0)
    if start is not None and start >= until:
        raise click.UsageError("--start must lie before --until")
    story = story_of(store, crisis, incidents, reports_per_incident, seed, until, start)
    with ExitStack() as files:
        truth_file = _open(files, truth)
        if out:
            told = into_file(story, out, _open(files, out), truth_file, _progress(len(story)))
        else:
            click.echo(f"to go on if interrupted, repeat with --until {until.isoformat()}", err=True)
            told = into_store(store, crisis, story, truth_file, _progress(len(story)))
    click.echo(f"{told.reports:,} reports of {told.incidents:,} damages told", err=True)


@click.command()
@pass_deployment
def demo(deployment: Deployment) -> None:
    """Fill an empty store with a crisis to look at, and print its accounts. Does nothing otherwise."""
    from mapper.simulation.demo import build_demo

    for line in build_demo(deployment.settings, deployment.raw_store):
        click.echo(line)


def _progress(total: int) -> Callable[[int], None] | None:
    if not sys.stderr.isatty():
        return None
    return lambda count: click.echo(f"\r{count:,} of {total:,} reports", nl=count >= total, err=True)


@overload
def _open(files: ExitStack, path: Path) -> IO[bytes]: ...
@overload
def _open(files: ExitStack, path: Path | None) -> IO[bytes] | None: ...
def _open(files: ExitStack, path: Path | None) -> IO[bytes] | None:
    if path is None:
        return None
    try:
        return files.enter_context(path.open("wb"))
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error
