"""`mapper training`: the truth of a simulated crisis, to score newcomers by."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment
from mapper.verification.case_commands import case_group
from mapper.verification.training import UnusableTruth, load


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(training)
    group.add_command(case_group)


@click.group()
def training() -> None:
    """Let newcomers practise on a simulated crisis."""


@training.command("load")
@click.argument("truth", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--crisis", "slug", required=True, help="The simulated crisis.")
@click.option("--json", "as_json", is_flag=True, help="Print the count as JSON.")
@pass_deployment
def load_truth(deployment: Deployment, truth: Path, slug: str, *, as_json: bool) -> None:
    """Keep TRUTH, which `mapper simulate --truth` wrote, on the server.

    Each verifier then sees on their desk how what they decided compares with it.
    """
    with deployment.store.read() as session:
        crisis = crisis_or_fail(session, slug)
    try:
        with truth.open(encoding="utf-8", newline="") as file:
            count = load(deployment.store, crisis.id, file)
    except (UnusableTruth, UnicodeDecodeError) as error:
        click.echo(f"{truth}: {error}", err=True)
        sys.exit(1)
    click.echo(json.dumps({"reports": count}) if as_json else f"{count} reports with their truth")
