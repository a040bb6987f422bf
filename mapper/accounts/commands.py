"""Commands: `mapper user add` and `mapper token add`."""

from __future__ import annotations

import sys

import click

from mapper.accounts import service
from mapper.accounts.roles import ROLES
from mapper.store.opening import Deployment, pass_deployment

SHORT_PASSWORD = 8


def register(group: click.Group) -> None:
    """Hang this room's commands into `mapper`."""
    group.add_command(user)
    group.add_command(token)


@click.group()
def user() -> None:
    """People and what they may do."""


@user.command("add")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What this person may do.")
@click.option("--crisis", metavar="SLUG", help="Only in this crisis; without it, in every crisis.")
@click.option("--organisation", help="The organisation this person speaks for.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, so that no list shows it."
)
@pass_deployment
def add_user(
    deployment: Deployment,
    email: str,
    role: str,
    crisis: str | None,
    organisation: str | None,
    password_stdin: bool,
) -> None:
    """Give a person a role; a person who is new gets an account.

    A person who is known keeps the password unless a new one is given. Without a password nobody can
    sign in, but tokens work.
    """
    password = _password() if password_stdin else None
    with _failing_in_words():
        service.add_user(deployment.store, email, role, crisis, password, organisation)
    where = f"in {crisis}" if crisis else "in every crisis"
    click.echo(f"{service.normal_email(email)} is {role} {where}.")


@click.group()
def token() -> None:
    """Tokens of programs that act for a person."""


@token.command("add")
@click.argument("email")
@click.option("--crisis", metavar="SLUG", help="The token works in this crisis only.")
@pass_deployment
def add_token(deployment: Deployment, email: str, crisis: str | None) -> None:
    """Print a new API token, once; only its hash is kept. Send it as `Authorization: Bearer TOKEN`."""
    with _failing_in_words():
        click.echo(service.add_token(deployment.store, email, crisis))


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.UsageError("--password-stdin found no password on standard input")
    if len(password) < SHORT_PASSWORD:
        click.echo(
            f"Warning: a password of fewer than {SHORT_PASSWORD} characters is soon guessed.", err=True
        )
    return password


class _failing_in_words:  # noqa: N801 - reads as a statement
    """Turn an AccountError into a sentence on standard error and exit code 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, service.AccountError):
            raise click.ClickException(str(error)) from error
