"""`mapper fusion …`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from mapper.config import Settings
from mapper.files.refusals import FileRefused
from mapper.fusion.linkage import measured_levels, shipped
from mapper.fusion.rebuilding import rebuild as rebuilt
from mapper.fusion.scoring import read_reports, read_truth
from mapper.fusion.scoring import score as scored
from mapper.fusion.setbacks import setbacks as set_aside
from mapper.store.opening import Deployment, crisis_or_fail, json_anyway, pass_deployment

MOST_NOTES = 20


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(fusion)


@click.group()
def fusion() -> None:
    """The linker: which reports speak of the same damage."""


@fusion.command()
@click.argument("reports", type=click.Path(path_type=Path))
@click.argument("truth", type=click.Path(path_type=Path))
@json_anyway
def score(reports: Path, truth: Path) -> None:
    """Fuse the reports of one CSV file and compare the result with the truth in another, as JSON.

    REPORTS needs report_id and reported_at, and may have lat, lon, location_text, category, text,
    channel and source_url; TRUTH needs report_id and incident_id. Needs no crisis and writes nothing.

    \b
      mapper fusion score reports.csv truth.csv
    """
    try:
        known = read_truth(truth)
        found = read_reports(reports)
        for note in found.notes[:MOST_NOTES]:
            click.echo(note, err=True)
        if len(found.notes) > MOST_NOTES:
            click.echo(f"and {len(found.notes) - MOST_NOTES} more", err=True)
        click.echo(json.dumps(asdict(scored(found.reports, known, shipped().at(Settings().fusion_levels)))))
    except (FileRefused, OSError) as error:
        raise click.ClickException(str(error)) from error


@fusion.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def levels(as_json: bool) -> None:
    """Show from which probabilities fusion joins and asks, and how precise each level was when measured.

    MAPPER_FUSION_JOIN and MAPPER_FUSION_PROPOSE set them. Measured out of fold on the data the weights
    were fitted on; `proposed` are the groups that a level would leave to a person, and how often rightly.

    \b
      mapper fusion levels
    """
    in_force = Settings().fusion_levels
    measured = measured_levels()
    if as_json:
        click.echo(json.dumps(in_force._asdict() | {"measured": measured}))
        return
    click.echo(f"join from {in_force.join}, propose from {in_force.propose}")
    for row in measured:
        click.echo("  ".join(f"{name} {value}" for name, value in row.items()))


@fusion.command()
@click.option("--crisis", "slug", required=True, help="The crisis' slug.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_deployment
def setbacks(deployment: Deployment, slug: str, *, as_json: bool) -> None:
    """Show the reports that could not be fused: what failed, how often, and when they are tried again.

    They wait without an incident while all others go on.

    \b
      mapper fusion setbacks --crisis coast
    """
    with deployment.store.read() as session:
        found = [
            {
                "report": str(row.report_id),
                "problem": row.problem,
                "attempts": row.attempts,
                "since": row.since.isoformat(),
                "retry_at": row.retry_at.isoformat(),
            }
            for row in set_aside(session, crisis_or_fail(session, slug).id)
        ]
    if as_json:
        click.echo(json.dumps(found))
        return
    for item in found:
        click.echo("  ".join(str(value) for value in item.values()))
    click.echo(f"{len(found)} reports set aside", err=True)


@fusion.command()
@click.option("--crisis", "slug", required=True, help="The crisis' slug.")
@pass_deployment
def rebuild(deployment: Deployment, slug: str) -> None:
    """Fuse a crisis anew from its reports and what people decided.

    The same weights give the same incidents under the same ids; what people decided stays.

    \b
      mapper fusion rebuild --crisis coast
    """
    store = deployment.store
    with store.read() as session:
        crisis_id = crisis_or_fail(session, slug).id
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("fusing", total=None)
        done = rebuilt(store, crisis_id, lambda count, total: bar.update(task, completed=count, total=total))
    click.echo(f"fused {done} reports anew", err=True)
