"""The `mapper` command: every room's commands under one name."""

from __future__ import annotations

import click
from pydantic import ValidationError

from mapper.accounts import commands as accounts
from mapper.config import Settings, SettingsError
from mapper.exchange import commands as exchange
from mapper.fusion import commands as fusion
from mapper.intake import backup_commands as backups
from mapper.intake import commands as intake
from mapper.intake import import_commands as imports
from mapper.intake import report_commands as reports
from mapper.layers import commands as layers
from mapper.maps import commands as maps
from mapper.publication import commands as publication
from mapper.serving import serve, work
from mapper.simulation import commands as simulation
from mapper.store import commands as store
from mapper.store.engine import StoreError
from mapper.store.keys import SealBroken
from mapper.store.opening import Deployment
from mapper.verification import commands as verification

ROOMS = (
    *(store, accounts, layers, intake, imports, fusion, reports, publication, exchange),
    *(verification, backups, simulation, maps),
)


class Guarded(click.Group):
    """Turns what a deployment can do wrong into a sentence and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (SettingsError, StoreError, SealBroken) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="damage-mapper")
@click.pass_context
def main(context: click.Context) -> None:
    """Take in damage reports, fuse them into incidents, verify them, and map them for relief.

    Settings come from the environment (MAPPER_DATA, MAPPER_DATABASE_URL and others, see
    docs/reference.md). A first crisis in four commands:

    \b
      mapper init
      mapper crisis add coast --name "Coast earthquake" --bbox=-75,17.5,-71,20.5 \\
             --timezone America/Port-au-Prince --languages en,fr --mode hazard
      mapper import reports.csv --crisis coast
      mapper work --until-idle
    """
    try:
        context.obj = Deployment(Settings())
    except ValidationError as error:
        sentences = [f"MAPPER_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
        raise click.ClickException("; ".join(sentences)) from error


for room in ROOMS:
    room.register(main)
main.add_command(serve)
main.add_command(work)
