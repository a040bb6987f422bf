"""`mapper export`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mapper.exchange.exporting import ExportRefused, export
from mapper.exchange.extract import Advance, extract
from mapper.exchange.formats import FORMATS
from mapper.exchange.sheets import TooManyRows
from mapper.exchange.standalone import NotBuilt
from mapper.publication.conditions import ConditionError
from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment
from mapper.web.errors import Problem
from mapper.web.offline import speaking


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(export_command)


@click.command("export")
@click.argument("kind", metavar="FORMAT", type=click.Choice(list(FORMATS)))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option(
    "--audience",
    required=True,
    type=click.Choice(["public", "partner", "internal"]),
    help="Who will read it: public holds rows of the release and nothing finer.",
)
@click.option("--where", default="", metavar="CQL2", help="Which rows, such as \"sector = 'health'\".")
@click.option("--hxl", is_flag=True, help="Add a row of HXL tags (csv and xlsx).")
@click.option(
    "--language", default="", metavar="CODE", help="Of titles and pages; the first offered unless said."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@pass_deployment
def export_command(
    deployment: Deployment,
    kind: str,
    file: Path,
    slug: str,
    audience: str,
    where: str,
    hxl: bool,
    language: str,
    as_json: bool,
) -> None:
    """Write what an audience may see of a crisis into FILE.

    FORMAT is one of geojson, csv, xlsx, hxl (CSV with HXL tags), gpkg (with a QGIS style), kml, fgb,
    geoparquet, pmtiles, html (a map in one file), pdf (a situation sheet). Rows come from the newest
    snapshot: run `mapper work --until-idle` first if reports have just arrived. The file appears only when
    it is whole.

    \b
      mapper export gpkg coast.gpkg --crisis coast --audience internal --where "damage_low >= 4"
      mapper export csv coast.csv --crisis coast --audience public
    """
    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    try:
        with speaking(deployment.settings, language):
            found = extract(store, crisis, audience, where)
            with _progress(len(found.rows)) as advance:
                export(found, kind, file, advance, hxl=hxl)
    except (ConditionError, ExportRefused, TooManyRows, NotBuilt, Problem) as error:
        raise click.ClickException(str(error)) from error
    written = {"file": str(file), "format": kind, "audience": found.seen.audience, "rows": len(found.rows)}
    click.echo(
        json.dumps(written) if as_json else f"{file}: {len(found.rows):,} rows of {found.name}",
        err=not as_json,
    )


@contextmanager
def _progress(rows: int) -> Iterator[Advance]:
    """Show how far it is, on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("exporting", total=rows)
        yield lambda more: bar.update(task, advance=more)
