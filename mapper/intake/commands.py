"""`mapper import`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import click

from mapper.files.batches import Table
from mapper.files.columns import FIELDS, UnknownColumn
from mapper.files.headings import FIELD_ALIASES
from mapper.files.refusals import FileRefused
from mapper.intake.import_mappings import save_mapping, saved_mapping
from mapper.intake.import_runs import LONGEST_SENDER, Source, State, headings_of, keep_versions, new_run
from mapper.intake.import_summary import Summary
from mapper.intake.import_versions import KEEP, REPLACE, WITHDRAW, Series, compare, door_of, settle
from mapper.intake.importing import reader_of, run_import
from mapper.intake.tables import FORMATS, OTHER_NAMES, open_table
from mapper.intake.understanding import Understanding, understand
from mapper.store.opening import Deployment, crisis_or_fail, json_anyway, pass_deployment
from mapper.store.store import Store
from mapper.store.tables import Crisis, ImportRun


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
@click.option("--fresh", is_flag=True, help="Guess the columns anew, whatever was chosen for the last file.")
@click.option(
    "--changed",
    type=click.Choice([KEEP, REPLACE]),
    default=KEEP,
    show_default=True,
    help="Rows that say something else than in the sender's earlier file: leave the report, or supersede it.",
)
@click.option(
    "--missing",
    type=click.Choice([KEEP, WITHDRAW]),
    default=KEEP,
    show_default=True,
    help="Reports of the sender's earlier file whose rows are gone: leave them, or withdraw them.",
)
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
    fresh: bool,
    changed: str,
    missing: str,
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
        chosen = ({} if fresh else _remembered(store, crisis, table, sender)) | overrides
        found = understand(table, crisis, chosen, kind)
        click.echo(f"{file.name}: {table.description}, {found.rows:,} rows", err=True)
        for sentence in found.sentences():
            click.echo(f"  {sentence}", err=True)
        for warning in found.warnings():
            click.secho(f"  warning: {warning}", fg="yellow", err=True)
        with ExitStack() as files:
            out = _open_rejects(files, rejects)
            progress = files.enter_context(_progress(found.rows))
            source = Source(file, file.name, sender, kind=kind, layer=layer)
            run = new_run(store, crisis, source, table, found, chosen, State.RUNNING)
            run.choices = _versions(store, crisis, run, table, found, changed, missing)
            door = None if dry_run else door_of(store, crisis, run)
            own = None if dry_run else run
            options: dict[str, Any] = {"sender": sender, "door": door, "progress": progress}
            summary = run_import(store, crisis, table, found, own, out, **options)
        if not dry_run:
            _afterwards(store, crisis, run, table, found, is_chosen=bool(overrides))
    except FileRefused as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    except UnknownColumn as error:
        raise click.UsageError(str(error)) from error
    _tell(summary, rejects)
    click.echo(json.dumps(summary.counts()))


def _remembered(store: Store, crisis: Crisis, table: Table, sender: str) -> dict[str, str]:
    """Return the columns that were chosen for the sender's last file with these headings, and say so."""
    with store.read() as session:
        saved = saved_mapping(session, crisis.id, sender, headings_of(table.columns))
    if saved is None:
        return {}
    whose = f"by {saved.sender} " if saved.sender else ""
    chosen = ", ".join(f"{name} <- {column or 'nothing'}" for name, column in saved.chosen.items())
    click.echo(
        f"  columns as chosen for the last file {whose}with these headings: {chosen} (--fresh guesses anew)",
        err=True,
    )
    return saved.chosen


def _versions(
    store: Store,
    crisis: Crisis,
    run: ImportRun,
    table: Table,
    found: Understanding,
    changed: str,
    missing: str,
) -> dict[str, Any]:
    """Compare with the sender's earlier files, say how, and return what to do about it."""
    reader = reader_of(crisis, found, store.clock(), run.id)
    comparison = compare(store, Series.of(run), table, found, reader)
    if comparison is None:
        return {}
    click.echo(
        f"  against the sender's earlier files: {comparison.added:,} added, {comparison.changed:,} changed, "
        f"{comparison.same:,} the same, {comparison.missing:,} missing",
        err=True,
    )
    if comparison.changed and changed == KEEP:
        click.echo(
            "  changed rows are left as they were; --changed replace supersedes their reports", err=True
        )
    if comparison.missing and missing == KEEP:
        click.echo("  missing ones stay; --missing withdraw takes their reports back", err=True)
    return {"comparison": comparison.as_json(), "changed": changed, "missing": missing}


def _afterwards(
    store: Store, crisis: Crisis, run: ImportRun, table: Table, found: Understanding, *, is_chosen: bool
) -> None:
    """Settle what earlier files said, and remember the columns that a person chose."""
    if run.choices:
        done = settle(store, crisis, run, table, found)
        keep_versions(store, run, done)
        click.echo("  " + ", ".join(f"{count:,} {name}" for name, count in done.items()), err=True)
    if is_chosen:
        save_mapping(store, run)


def _overrides(mappings: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for mapping in mappings:
        name, sign, column = mapping.partition("=")
        if not sign:
            raise click.UsageError(f"--map takes FIELD=COLUMN, not {mapping}; fields: {', '.join(FIELDS)}")
        field = name.strip().casefold()
        found[FIELD_ALIASES.get(field, field)] = column.strip()
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
