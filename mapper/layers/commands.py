"""`mapper layer add`."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.files.refusals import FileRefused
from mapper.layers.service import AREAS, LayerRefused, add_areas
from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment

KINDS = (AREAS, "facilities", "roads", "population", "activities", "assessment", "basemap")


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(layer)


@click.group()
def layer() -> None:
    """Load what was known of a place before the damage."""


@layer.command("add")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option(
    "--level", type=click.IntRange(0, 5), help="Admin level of the areas; the file's deepest unless said."
)
@click.option("--name", help="What to call the layer; the file's name unless said.")
@pass_deployment
def add(
    deployment: Deployment, kind: str, file: Path, slug: str, level: int | None, name: str | None
) -> None:
    """Load FILE (GeoJSON, GeoPackage, zipped shapefile …) as a layer of KIND.

    areas: administrative boundaries with P-codes, as OCHA's COD-AB files have them (ADM2_PCODE or
    adm2_pcode). Run it once for each level; reports and incidents get their P-codes from the next
    `mapper work` on. A newer file of the same level replaces the older one.
    """
    if kind != AREAS:
        raise click.ClickException(f"layers of kind {kind} cannot be loaded yet; areas can")
    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    try:
        added = add_areas(store, crisis, file, level, name)
    except (LayerRefused, FileRefused) as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    click.echo(
        f"{added.areas} areas of level {added.level} loaded, boundaries of {added.version_label}", err=True
    )
