"""`mapper simulate` and `mapper demo`."""

from __future__ import annotations

import json
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


@click.group(invoke_without_command=True)
@click.option("--crisis", "slug", help="The crisis.  [required]")
@click.option("--incidents", type=click.IntRange(1, 10_000_000), help="How many damages happen.  [required]")
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
@click.option("--photos", is_flag=True, help="Attach drawn pictures to the reports in the store.")
@click.option(
    "--verifiers",
    type=click.IntRange(3, 60),
    help="So many invented verifiers work through it, each third one careless, with a coordinator.",
)
@click.option(
    "--country",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the country here: areas, towns, roads, facilities, population, 3W, stock, funding.",
)
@click.option(
    "--layers",
    is_flag=True,
    help="Load the files of --country as layers of the crisis; areas if it has none.",
)
@pass_deployment
@click.pass_context
def simulate(
    context: click.Context,
    deployment: Deployment,
    slug: str | None,
    incidents: int | None,
    reports_per_incident: float,
    seed: int,
    until: datetime | None,
    start: datetime | None,
    truth: Path | None,
    out: Path | None,
    photos: bool,
    verifiers: int | None,
    country: Path | None,
    layers: bool,
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
      mapper simulate --crisis coast --incidents 5000 --out reports.ndjson --country country --layers
      mapper simulate replay reports.ndjson --to http://localhost:8000/crises/coast --token-stdin

    With --out nothing is written to the store. Without it reports are received at the moments at which
    they were sent; a run that was interrupted goes on when it is repeated with the same --until. With
    --start the story stands still at --until, and a later --until tells how it goes on.

    With --verifiers the weeks are lived through day by day: reports come in and are fused, and invented
    verifiers decide under the rules that hold for everybody, careful ones mostly as it was, careless
    ones as they are told or as they guess. It needs a crisis that nobody else has reported in.

    Equal options give equal bytes. A file grows by about 150,000 reports a second and 170 bytes a report
    (260 with a truth), and takes 200 MB of memory and 16 bytes a report: ten million incidents, some 27
    million reports, take 700 MB and a few minutes.
    """
    if context.invoked_subcommand:
        return
    if slug is None or incidents is None:
        raise click.UsageError("--crisis and --incidents are needed")
    if layers and country is None:
        raise click.UsageError("--layers loads what --country writes: give both")
    if out and (photos or verifiers):
        raise click.UsageError("--photos and --verifiers are for the store, not for --out")
    from mapper.layers.service import LayerRefused
    from mapper.simulation.country_files import load_country, write_country
    from mapper.simulation.life import NotAlone, live_with_verifiers
    from mapper.simulation.service import into_file, into_store, story_of

    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    until = until or store.clock().replace(minute=0, second=0, microsecond=0)
    if start is not None and start >= until:
        raise click.UsageError("--start must lie before --until")
    story = story_of(store, crisis, incidents, reports_per_incident, seed, until, start)
    if country:
        write_country(story, country)
        if layers:
            try:
                load_country(store, crisis, country)
            except LayerRefused as error:
                raise click.ClickException(str(error)) from error
    progress = _progress(len(story))
    with ExitStack() as files:
        truth_file = _open(files, truth)
        if out:
            told = into_file(story, out, _open(files, out), truth_file, progress)
        else:
            if verifiers:
                try:
                    for _ in live_with_verifiers(store, crisis, story, verifiers, with_photos=photos):
                        pass
                except NotAlone as error:
                    raise click.ClickException(str(error)) from error
            click.echo(f"to go on if interrupted, repeat with --until {until.isoformat()}", err=True)
            told = into_store(store, crisis, story, truth_file, progress, with_photos=photos)
    click.echo(f"{told.reports:,} reports of {told.incidents:,} damages told", err=True)


@simulate.command("replay")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--to", "address", required=True, help="The crisis' address, such as https://host/crises/coast."
)
@click.option(
    "--token-stdin",
    is_flag=True,
    required=True,
    expose_value=False,
    help="Read an API token from standard input.",
)
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Reports a second.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    help="How many times faster than the story; 1 is life.",
)
@click.option(
    "--clients", type=click.IntRange(1, 256), default=8, show_default=True, help="At the same time."
)
def replay_command(
    file: IO[bytes], address: str, rate: float | None, speed: float | None, clients: int
) -> None:
    """Send FILE (Features by line, as --out reports.ndjson writes them) to a running site over HTTP.

    Without --rate and --speed it is sent as fast as the site takes it. What fails is tried again under the
    same idempotency key; sent twice, a report is one report. The last line is a summary as JSON; exit code
    1 where something was refused or had no answer. With the token of a reporter:

    \b
      mapper token add reporter@example.org --crisis coast > token
      mapper simulate replay reports.ndjson --to http://localhost:8000/crises/coast \\
             --token-stdin --speed 600 < token
    """
    from mapper.simulation.replay import ReplayRefused, Target, replay

    if rate is not None and speed is not None:
        raise click.UsageError("--rate and --speed exclude each other")
    token = sys.stdin.readline().split()
    if not token:
        raise click.UsageError("standard input holds no token")
    try:
        summary = replay(file, Target.of(address, token[-1]), clients, rate, speed, _progress(None))
    except ReplayRefused as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(summary))
    if summary["refused"] or summary["failed"]:
        sys.exit(1)


@click.command()
@pass_deployment
def demo(deployment: Deployment) -> None:
    """Fill an empty store with a crisis to look at, and print its accounts. Does nothing otherwise."""
    from mapper.simulation.demo import build_demo

    for line in build_demo(deployment.settings, deployment.raw_store):
        click.echo(line)


def _progress(total: int | None) -> Callable[[int], None] | None:
    if not sys.stderr.isatty():
        return None
    of = f" of {total:,}" if total else ""
    return lambda count: click.echo(f"\r{count:,}{of} reports", nl=count == total, err=True)


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
