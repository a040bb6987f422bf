"""`mapper report erase`."""

from __future__ import annotations

import uuid

import click

from mapper.intake.erasure import NoSuchReport, erase
from mapper.store.opening import Deployment, pass_deployment


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(report)


@click.group()
def report() -> None:
    """Act on one report."""


@report.command("erase")
@click.argument("report_id", type=click.UUID, metavar="ID")
@pass_deployment
def report_erase(deployment: Deployment, report_id: uuid.UUID) -> None:
    """Destroy contact, text, raw payload and media of the report ID, for good.

    Its key is deleted, so that backups of the tables cannot show them either. What the incident needs
    (times, position, graded damage) stays, and the ledger stays valid.
    """
    try:
        erased = erase(deployment.store, report_id, deployment.settings.data)
    except NoSuchReport as error:
        raise click.ClickException(f"there is no report {report_id}") from error
    click.echo(f"report {report_id} " + ("erased" if erased else "was erased before"), err=True)
