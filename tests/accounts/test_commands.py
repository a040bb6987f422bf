"""`mapper user add` and `mapper token add`, with their exit codes."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner, Result
from mapper.accounts.commands import register
from mapper.accounts.passwords import is_password
from mapper.accounts.principal import principal_of_token
from mapper.accounts.service import find_user
from mapper.config import Settings
from mapper.store.opening import Deployment
from mapper.store.store import Store
from mapper.store.tables import ApiToken, Crisis, User
from sqlalchemy import select


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("MAPPER_DATA", str(settings.data))


def mapper(*arguments: str, password: str = "") -> Result:
    group = click.Group("mapper")
    register(group)
    return CliRunner().invoke(group, arguments, input=password, obj=Deployment(Settings()))


def user(store: Store, email: str) -> User:
    with store.read() as session:
        found = find_user(session, email)
        assert found is not None
        return found


def test_a_new_person_can_sign_in(sqlite_store: Store, coast: Crisis) -> None:
    done = mapper(
        "user", "add", "Vera@Example.org", "--role", "verifier", "--crisis", "coast", "--password-stdin",
        password="correct horse\n",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert is_password(user(sqlite_store, "vera@example.org").password, "correct horse")


def test_a_known_person_keeps_the_password_and_gets_the_role(sqlite_store: Store, coast: Crisis) -> None:
    add = ("user", "add", "vera@example.org", "--crisis", "coast", "--role")
    mapper(*add, "verifier", "--password-stdin", password="correct horse\n")
    before = user(sqlite_store, "vera@example.org")
    assert mapper(*add, "coordinator").exit_code == 0
    assert mapper(*add, "verifier", "--password-stdin", password="correct horse\n").exit_code == 0
    after = user(sqlite_store, "vera@example.org")
    assert (after.password, after.fs_uniquifier) == (before.password, before.fs_uniquifier)
    mapper(*add, "verifier", "--password-stdin", password="another horse\n")
    changed = user(sqlite_store, "vera@example.org")
    assert is_password(changed.password, "another horse")
    assert changed.fs_uniquifier != before.fs_uniquifier


def test_a_token_is_printed_alone_and_kept_as_a_hash(sqlite_store: Store, coast: Crisis) -> None:
    mapper("user", "add", "bot@example.org", "--role", "reporter", "--crisis", "coast")
    done = mapper("token", "add", "bot@example.org", "--crisis", "coast")
    assert done.exit_code == 0
    token = done.stdout.removesuffix("\n")
    assert len(token) >= 43
    assert "\n" not in token
    with sqlite_store.read() as session:
        assert session.scalars(select(ApiToken.token_hash)).one() != token
    with sqlite_store.engine.connect() as connection:
        found = principal_of_token(connection, token)
    assert found is not None
    assert found.roles(coast.id) == {"reporter"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user", "add", "a@b.org", "--role", "verifier", "--crisis", "nowhere"), "no crisis nowhere"),
        (("user", "add", "nobody", "--role", "verifier"), "no e-mail address"),
        (("token", "add", "stranger@b.org"), "no account stranger@b.org"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_1(
    sqlite_store: Store, arguments: tuple[str, ...], words: str
) -> None:
    done = mapper(*arguments)
    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "add", "a@b.org"),
        ("user", "add", "a@b.org", "--role", "king"),
        ("user", "add", "a@b.org", "--role", "admin", "--password-stdin"),
        ("token", "add"),
    ],
)
def test_wrong_use_exits_2(sqlite_store: Store, arguments: tuple[str, ...]) -> None:
    assert mapper(*arguments).exit_code == 2


def test_a_person_refused_leaves_nothing_behind(sqlite_store: Store) -> None:
    mapper("user", "add", "a@b.org", "--role", "verifier", "--crisis", "nowhere")
    with sqlite_store.read() as session:
        assert session.scalars(select(User)).all() == []
