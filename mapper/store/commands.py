"""`mapper init` and `mapper crisis …`."""

from __future__ import annotations

import json
from typing import Any

import click

from mapper.store.crises import CrisisError, add_crisis, all_crises, draft_of, set_crisis
from mapper.store.ledger_commands import ledger_group
from mapper.store.migrate import upgrade
from mapper.store.opening import Deployment, crisis_or_fail, pass_deployment


def register(group: click.Group) -> None:
    """Add this room's commands."""
    group.add_command(init)
    group.add_command(crisis)
    group.add_command(ledger_group)


@click.command()
@pass_deployment
def init(deployment: Deployment) -> None:
    """Create or migrate the store that the settings name."""
    upgrade(deployment.raw_store.engine)
    click.echo(
        f"store ready: {deployment.raw_store.engine.url.render_as_string(hide_password=True)}", err=True
    )


@click.group()
def crisis() -> None:
    """Add and change crises: a crisis is one place and event that people report on."""


class BoundingBox(click.ParamType[tuple[float, ...]]):
    """Four degrees: west, south, east, north."""

    name = "W,S,E,N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read four numbers."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(float(part) for part in str(value).split(","))
        except ValueError:
            numbers = ()
        if len(numbers) != 4:
            self.fail("give four degrees as west,south,east,north, such as -74.5,18,-71.6,20.1", param, ctx)
        return numbers


class Languages(click.ParamType[list[str]]):
    """Language codes with commas between."""

    name = "en,uk"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """Split the codes."""
        return (
            value
            if isinstance(value, list)
            else [code.strip() for code in str(value).split(",") if code.strip()]
        )


POLICY_OPTIONS = (
    click.option(
        "--embargo-hours",
        type=int,
        help="Hours before anything is public. Conflict: 72 unless said, never below 24.",
    ),
    click.option(
        "--minimum-count", type=int, help="Fewest verified incidents in one public number (5 unless said)."
    ),
    click.option("--public-level", type=int, help="Admin level of the public areas (1 unless said)."),
)


def _policy_options(command: Any) -> Any:
    for option in reversed(POLICY_OPTIONS):
        command = option(command)
    return command


@crisis.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="What people call it.")
@click.option("--bbox", required=True, type=BoundingBox(), help="West, south, east, north, in degrees.")
@click.option("--timezone", required=True, help="IANA time zone, such as Europe/Kyiv.")
@click.option(
    "--languages", required=True, type=Languages(), help="Languages spoken there, the first is the main one."
)
@click.option(
    "--mode", required=True, type=click.Choice(["conflict", "hazard"]), help="conflict: delayed and coarser."
)
@_policy_options
@pass_deployment
def crisis_add(deployment: Deployment, /, slug: str, **fields: Any) -> None:
    """Add the crisis SLUG (lower-case letters, digits, hyphens: it stands in every address)."""
    store = deployment.store
    try:
        draft = draft_of(slug=slug, **_given(fields))
        with store.write() as session:
            add_crisis(session, draft, store.clock())
    except CrisisError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"crisis {slug} added", err=True)


@crisis.command("set")
@click.argument("slug")
@click.option("--name", help="What people call it.")
@click.option("--bbox", type=BoundingBox(), help="West, south, east, north, in degrees.")
@click.option("--timezone", help="IANA time zone.")
@click.option("--languages", type=Languages(), help="Languages spoken there.")
@click.option("--mode", type=click.Choice(["conflict", "hazard"]), help="conflict: delayed and coarser.")
@_policy_options
@pass_deployment
def crisis_set(deployment: Deployment, /, slug: str, **fields: Any) -> None:
    """Change options of the crisis SLUG; what is not named stays."""
    store = deployment.store
    try:
        with store.write() as session:
            set_crisis(session, crisis_or_fail(session, slug), _given(fields), store.clock())
    except CrisisError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"crisis {slug} changed", err=True)


@crisis.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@pass_deployment
def crisis_list(deployment: Deployment, as_json: bool) -> None:
    """List the crises."""
    with deployment.store.read() as session:
        for item in all_crises(session):
            row = {
                "slug": item.slug,
                "name": item.name,
                "mode": item.mode,
                "blanked": item.blanked_at is not None,
            }
            click.echo(
                json.dumps(row, ensure_ascii=False) if as_json else f"{item.slug}  {item.name} ({item.mode})"
            )


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
