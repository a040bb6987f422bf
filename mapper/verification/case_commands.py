"""`mapper case export`: one incident as a case file."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import click

from mapper.store.bundles import BundleRefused
from mapper.store.custody import LONGEST_REASON
from mapper.store.opening import Deployment, crisis_or_fail, json_anyway, pass_deployment
from mapper.verification.case_file import write_case_file
from mapper.verification.case_paper import Request
from mapper.verification.refusals import Refused
from mapper.web.offline import speaking


@click.group("case")
def case_group() -> None:
    """Take one incident away with its evidence and proof."""


@case_group.command("export")
@click.argument("incident", metavar="ID", type=click.UUID)
@click.option("--crisis", "slug", required=True, help="The crisis.")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ZIP file."
)
@click.option("--reason", required=True, help="Why; custody and the file itself say so.")
@click.option("--originals", is_flag=True, help="The sealed originals in place of the working copies.")
@click.option("--language", default="", metavar="CODE", help="Of the report; the first offered unless said.")
@json_anyway
@pass_deployment
def case_export(
    deployment: Deployment,
    incident: uuid.UUID,
    slug: str,
    output: Path,
    reason: str,
    originals: bool,
    language: str,
) -> None:
    """Write the incident ID as a case file, which an outsider can check alone.

    It is a ZIP of a report, the evidence with its custody, the decisions, and the ledger's proof.
    Assessments of a review that has not ended are left out. The file appears only when it is whole.
    """
    store = deployment.store
    with store.read() as session:
        crisis = crisis_or_fail(session, slug)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise click.ClickException("say in at most 500 characters why")
    asked = Request(None, None, reason.strip(), originals)
    try:
        with speaking(deployment.settings, language):
            counts = write_case_file(store, crisis, incident, asked, output)
    except (BundleRefused, Refused) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps({"file": str(output), **counts}))
