"""`mapper places build`."""

from __future__ import annotations

import click

from mapper.maps.gazetteer import CREDIT, build, gazetteer_file
from mapper.store.opening import Deployment, pass_deployment


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(places)


@click.group()
def places() -> None:
    """The offline gazetteer that the map's search box asks."""


@places.command("build")
@pass_deployment
def build_places(deployment: Deployment) -> None:
    """Build the gazetteer now; a worker that finds none does it by itself when nothing waits."""
    count = build(gazetteer_file(deployment.store.snapshots))
    click.echo(f"{count:,} places ({CREDIT})")
