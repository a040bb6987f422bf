"""What Flask-Security needs of the store: finding an account and keeping what it changes.

Each call is a transaction of its own, so that no session outlives it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_security import RoleMixin, UserDatastore, UserMixin
from sqlalchemy import func, select, update

from mapper.store.store import Store
from mapper.store.tables import User


@dataclass(eq=False)
class Account(UserMixin):  # type: ignore[misc]
    """An account as Flask-Security handles it. It knows no roles: ours are per crisis, in `Principal`."""

    id: int
    email: str
    password: str | None
    active: bool
    fs_uniquifier: str
    roles: list[Any] = field(default_factory=list)


Account.fs_uniquifier = ""  # Flask-Security looks for it on the class


class Accounts(UserDatastore):  # type: ignore[misc]
    """Accounts in our own table."""

    def __init__(self, store: Store) -> None:
        super().__init__(Account, RoleMixin)
        self._store = store

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Account | None:
        """Return the account whose one given attribute has the given value."""
        ((name, value),) = wanted.items()
        column = getattr(User, name)
        condition = func.lower(column) == str(value).lower() if case_insensitive else column == value
        query = select(User.id, User.email, User.password, User.active, User.fs_uniquifier).where(condition)
        with self._store.engine.connect() as connection:
            row = connection.execute(query).first()
        return Account(*row) if row else None

    def find_role(self, role: str) -> None:
        """Return None: there are no roles of this kind."""

    def put(self, model: Account) -> Account:
        """Keep what was changed on an account."""
        kept = {name: getattr(model, name) for name in ("password", "active", "fs_uniquifier")}
        with self._store.write() as session:
            session.execute(update(User).where(User.id == model.id).values(kept))
        return model

    def commit(self) -> None:
        """Nothing waits: `put` has kept it."""
