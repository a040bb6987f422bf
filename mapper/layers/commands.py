"""`mapper layer add`."""

from __future__ import annotations

from pathlib import Path

import click

from mapper.files.refusals import FileRefused
from mapper.layers.background import KINDS as BACKGROUND
from mapper.layers.background import add_rows
from mapper.layers.service import AREAS, LayerRefused, NamedColumns, add_areas
from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment
from mapper.store.store import Store
from mapper.store.tables import Crisis

KINDS = (AREAS, *BACKGROUND, "basemap")


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
@click.option("--codes", help="areas: the column of codes, where it has no COD name; with --level.")
@click.option("--names", help="areas: the column of names, likewise.")
@click.option("--name", help="What to call the layer; the file's name unless said.")
@pass_deployment
def add(
    deployment: Deployment,
    kind: str,
    file: Path,
    slug: str,
    level: int | None,
    codes: str | None,
    names: str | None,
    name: str | None,
) -> None:
    """Load FILE (GeoJSON, GeoPackage, zipped shapefile, CSV …) as a layer of KIND.

    \b
    areas       administrative boundaries with P-codes, as OCHA's COD-AB files have them (ADM2_PCODE
                or adm2_pcode). Run it once for each level; reports and incidents get their P-codes
                from the next `mapper work` on. A newer file of the same level replaces the older one.
    population  people by P-code (COD-PS, or columns such as ADM2_PCODE and population): `/plan` weighs
                damage by it. A newer file of the same level replaces the older one.
    activities  who does what where (3W): P-code, sector, organisation, status, people reached and in
                need, by heading or HXL tag. A newer file of the same name replaces the older one.
    facilities, roads
                places and lines with a name and a type. The same name replaces.
    assessment  figures by area of whatever headings, kept as they are; areas are known by their codes
                or their names, under any heading. Or places with a class of damage (Copernicus EMS,
                UNOSAT, xBD), which the map holds against incidents. The same name replaces.
    basemap     is a setting: put the .pmtiles file's path into MAPPER_BASEMAP.
    """
    if (codes or names) and (kind != AREAS or level is None or codes is None):
        raise click.UsageError("--codes goes with areas and --level; --names with --codes")
    if kind == "basemap":
        raise click.ClickException(f"a base map is a setting: start with MAPPER_BASEMAP={file.resolve()}")
    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    try:
        if kind == AREAS:
            said = _add_areas(store, crisis, file, level, name, NamedColumns(codes, names) if codes else None)
        else:
            said = _add(store, crisis, kind, file, level, name)
    except (LayerRefused, FileRefused) as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    click.echo(said, err=True)


def _add_areas(
    store: Store,
    crisis: Crisis,
    file: Path,
    level: int | None,
    name: str | None,
    named: NamedColumns | None,
) -> str:
    areas = add_areas(store, crisis, file, level, name, named)
    return f"{areas.areas} areas of level {areas.level} loaded, boundaries of {areas.version_label}"


def _add(store: Store, crisis: Crisis, kind: str, file: Path, level: int | None, name: str | None) -> str:
    added = add_rows(store, crisis, kind, file, level, name)
    said = f"{added.rows} rows of {kind} loaded"
    if added.joined_by:
        said += f", joined to areas by {added.joined_by} in {added.column}"
    if added.put_right:
        said += f"; {added.put_right} had latitude and longitude swapped, put right"
    if added.left_out:
        said += f"; {added.left_out} left out, which lack a code or a position"
    if added.unknown_codes:
        said += f"; {added.unknown_codes} name no area that is loaded"
    return said
