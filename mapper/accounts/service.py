"""What can be done to accounts: adding people, giving roles, making and revoking tokens."""

from __future__ import annotations

import unicodedata
import uuid

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mapper.accounts.passwords import hash_password, is_password
from mapper.accounts.roles import ROLES
from mapper.accounts.tokens import hash_of_token, new_token
from mapper.store.crises import crisis_by_slug
from mapper.store.store import Store
from mapper.store.tables import ApiToken, CrisisRole, DeploymentRole, User

LONGEST_EMAIL = 254


class AccountError(Exception):
    """An account cannot be changed so; the message says why."""


def normal_email(email: str) -> str:
    """Return an e-mail address as it is kept: trimmed, composed, lower case.

    Raises AccountError for what cannot be one. Whether mail arrives there is not asked: it is a name
    to sign in with.
    """
    address = unicodedata.normalize("NFC", email).strip().lower()
    name, at, host = address.rpartition("@")
    if not (name and at and host) or len(address) > LONGEST_EMAIL or any(c.isspace() for c in address):
        raise AccountError(f"{email!r} is no e-mail address")
    return address


def find_user(session: Session, email: str) -> User | None:
    """Return the account of an e-mail address, however its capitals are written."""
    return session.scalars(select(User).where(func.lower(User.email) == normal_email(email))).first()


def add_user(
    store: Store,
    email: str,
    role: str,
    crisis_slug: str | None = None,
    password: str | None = None,
    organisation: str | None = None,
) -> int:
    """Give a person a role, in one crisis or in all; return the account's id.

    A person who is new gets an account, one who is known keeps theirs; a password that differs from
    the one kept replaces it and ends that person's sessions. Raises AccountError.
    """
    hashed = hash_password(password) if password else None  # slow: outside the transaction
    with store.write() as session:
        user = find_user(session, email) or _new_user(session, email, store)
        if hashed and not is_password(user.password, password or ""):
            user.password = hashed
            user.fs_uniquifier = uuid.uuid4().hex
        if organisation:
            user.organisation = organisation
        session.flush()
        set_role(session, user.id, role, _crisis_id(session, crisis_slug))
        return user.id


def set_role(session: Session, user_id: int, role: str, crisis_id: int | None) -> None:
    """Give a role in one crisis, or in every crisis with None; giving it twice changes nothing."""
    if role not in ROLES:
        raise AccountError(f"{role!r} is no role; the roles are {', '.join(ROLES)}")
    session.merge(
        DeploymentRole(user_id=user_id, role=role)
        if crisis_id is None
        else CrisisRole(crisis_id=crisis_id, user_id=user_id, role=role)
    )


def take_role(session: Session, user_id: int, role: str, crisis_id: int | None) -> None:
    """Take a role away; it is gone with the person's next request."""
    if crisis_id is None:
        session.execute(
            delete(DeploymentRole).where(DeploymentRole.user_id == user_id, DeploymentRole.role == role)
        )
    else:
        session.execute(
            delete(CrisisRole).where(
                CrisisRole.crisis_id == crisis_id, CrisisRole.user_id == user_id, CrisisRole.role == role
            )
        )


def add_token(store: Store, email: str, crisis_slug: str | None = None) -> str:
    """Make a token for an account, for one crisis or wherever its owner has a role.

    Returns the token, which cannot be read again. Raises AccountError.
    """
    token = new_token()
    with store.write() as session:
        user = find_user(session, email)
        if user is None:
            raise AccountError(f"there is no account {email}; add it with: mapper user add {email} --role …")
        session.add(
            ApiToken(
                id=uuid.uuid4(),
                token_hash=hash_of_token(token),
                user_id=user.id,
                crisis_id=_crisis_id(session, crisis_slug),
                created_at=store.clock(),
            )
        )
    return token


def _new_user(session: Session, email: str, store: Store) -> User:
    user = User(
        email=normal_email(email),
        password=None,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        created_at=store.clock(),
    )
    session.add(user)
    return user


def _crisis_id(session: Session, slug: str | None) -> int | None:
    if slug is None:
        return None
    crisis = crisis_by_slug(session, slug)
    if crisis is None:
        raise AccountError(f"there is no crisis {slug}")
    return crisis.id
