"""`mapper import`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import click

from mapper.files.columns import FIELDS, UnknownColumn
from mapper.files.refusals import FileRefused
from mapper.intake.import_runs import LONGEST_SENDER, Source, State, new_run
from mapper.intake.importing import Summary, run_import
from mapper.intake.tables import FORMATS, OTHER_NAMES, open_table
from mapper.intake.understanding import understand
from mapper.store.opening import Deployment, crisis_or_fail, json_anyway, pass_deployment


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(import_reports)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option(
    "--format",
    "kind",
    type=click.Choice([*FORMATS, *OTHER_NAMES], case_sensitive=False),
    metavar="F",
    help=f"What the file is; its bytes tell unless said. One of {', '.join(FORMATS)}.",
)
@click.option(
    "--map", "mappings", multiple=True, metavar="FIELD=COLUMN", help="Override a guess; FIELD= leaves it out."
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write rejected rows here: line, reason.",
)
@click.option("--layer", help="Which layer, where the file has several.")
@click.option("--sender", default="", help="Whose file it is: an organisation, a person.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen and keep nothing.")
@json_anyway
@pass_deployment
def import_reports(
    deployment: Deployment,
    file: Path,
    slug: str,
    kind: str | None,
    mappings: tuple[str, ...],
    rejects: Path | None,
    layer: str | None,
    sender: str,
    dry_run: bool,
) -> None:
    """Take the reports of FILE into the crisis.

    FILE is CSV, XLSX, GeoJSON, GeoPackage, zipped shapefile, KML, KMZ, FlatGeobuf, GeoParquet, GPX, or an
    export of Ushahidi, KoboToolbox or ODK.

    Columns are guessed and the guess is shown; --map overrides it, such as --map text=DESCRIPTION.
    A row without a usable position is accepted and counted in needs_location. Importing the same file
    again accepts nothing. The last line on standard output is the summary as JSON.
    """
    if len(sender) > LONGEST_SENDER:
        raise click.UsageError(f"--sender takes at most {LONGEST_SENDER} characters")
    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    overrides = _overrides(mappings)
    try:
        kind = OTHER_NAMES.get(kind or "", kind)
        table = open_table(file, kind, layer)
        found = understand(table, crisis, overrides, kind)
        click.echo(f"{file.name}: {table.description}, {found.rows:,} rows", err=True)
        for sentence in found.sentences():
            click.echo(f"  {sentence}", err=True)
        for warning in found.warnings():
            click.secho(f"  warning: {warning}", fg="yellow", err=True)
        with ExitStack() as files:
            out = _open_rejects(files, rejects)
            progress = files.enter_context(_progress(found.rows))
            source = Source(file, file.name, sender, kind=kind, layer=layer)
            run = None if dry_run else new_run(store, crisis, source, table, found, overrides, State.RUNNING)
            summary = run_import(store, crisis, table, found, run, out, sender=sender, progress=progress)
    except FileRefused as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    except UnknownColumn as error:
        raise click.UsageError(str(error)) from error
    _tell(summary, rejects)
    click.echo(json.dumps(summary.counts()))


def _overrides(mappings: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for mapping in mappings:
        name, sign, column = mapping.partition("=")
        if not sign:
            raise click.UsageError(f"--map takes FIELD=COLUMN, not {mapping}; fields: {', '.join(FIELDS)}")
        found[name.strip()] = column.strip()
    return found


def _open_rejects(files: ExitStack, path: Path | None) -> IO[str] | None:
    if path is None:
        return None
    try:
        return files.enter_context(path.open("w", encoding="utf-8", newline=""))
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error


@contextmanager
def _progress(rows: int) -> Iterator[Callable[[int], None]]:
    """Show how far it is, on a terminal only."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("importing", total=rows)
        yield lambda read: bar.update(task, completed=read)


def _tell(summary: Summary, rejects: Path | None) -> None:
    for flag, count in summary.flags.most_common():
        click.echo(f"  position {flag}: {count:,}", err=True)
    for name, count in summary.unread.most_common():
        click.echo(f"  {name} could not be read, and is kept in the raw row: {count:,}", err=True)
    for reason, count in summary.reasons.most_common(10):
        click.echo(f"  rejected {count:,}: {reason}", err=True)
    if summary.rejected and rejects is None:
        click.echo("  --rejects FILE writes each rejected row's line and reason", err=True)
