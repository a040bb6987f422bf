"""Who asks: read afresh for every request, so that a right that was taken away is gone at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Select, bindparam, select
from sqlalchemy.engine import Connection

from mapper.accounts.roles import Audience, audience_of
from mapper.accounts.tokens import hash_of_token
from mapper.store.lookup import Lookup
from mapper.store.tables import ApiToken, CrisisRole, DeploymentRole, User

NO_ROLES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Principal:
    """A person, a program that acts for one, or nobody in particular (`user_id` None)."""

    user_id: int | None = None
    email: str = ""
    organisation: str | None = None
    via: Literal["nothing", "session", "token"] = "nothing"
    deployment_roles: frozenset[str] = NO_ROLES
    crisis_roles: dict[int, frozenset[str]] = field(default_factory=dict)
    only_crisis: int | None = None  # a token made for one crisis has no right in another

    @property
    def is_signed_in(self) -> bool:
        """Whether an account stands behind this request."""
        return self.user_id is not None

    def roles(self, crisis_id: int | None) -> frozenset[str]:
        """Return the roles in a crisis; with None, those that hold in every crisis."""
        if self.only_crisis is not None and self.only_crisis != crisis_id:
            return NO_ROLES
        if crisis_id is None:
            return self.deployment_roles
        return self.deployment_roles | self.crisis_roles.get(crisis_id, NO_ROLES)

    def audience(self, crisis_id: int) -> Audience:
        """Return what this person may see of a crisis."""
        return audience_of(self.roles(crisis_id))


NOBODY = Principal()

_USER = (User.id, User.email, User.organisation)
_ROLES = (CrisisRole.crisis_id, CrisisRole.role, DeploymentRole.role)


def _with_roles(*columns: Any) -> Select[Any]:
    return (
        select(*columns, *_USER, *_ROLES)
        .select_from(User)
        .outerjoin(CrisisRole, CrisisRole.user_id == User.id)
        .outerjoin(DeploymentRole, DeploymentRole.user_id == User.id)
    )


_BY_USER = Lookup(_with_roles().where(User.id == bindparam("user_id"), User.active))
_BY_TOKEN = Lookup(
    _with_roles(ApiToken.crisis_id.label("only_crisis"))
    .join(ApiToken, ApiToken.user_id == User.id)
    .where(ApiToken.token_hash == bindparam("token_hash"), ApiToken.revoked_at.is_(None), User.active)
)


def principal_of_token(connection: Connection, token: str) -> Principal | None:
    """Return whom a token stands for, in one SELECT; None where it is unknown, revoked or its owner left."""
    rows = _BY_TOKEN.raw(connection, token_hash=hash_of_token(token))
    if not rows:
        return None
    return _principal([row[1:] for row in rows], "token", rows[0][0])


def principal_of_user(connection: Connection, user_id: int) -> Principal | None:
    """Return an account's owner with the roles held now; None where the account is gone or inactive."""
    rows = _BY_USER.raw(connection, user_id=user_id)
    return _principal(rows, "session", None) if rows else None


def _principal(rows: Iterable[Any], via: Literal["session", "token"], only_crisis: int | None) -> Principal:
    deployment: set[str] = set()
    crises: dict[int, set[str]] = {}
    for _user_id, _email, _organisation, crisis_id, crisis_role, deployment_role in rows:
        if crisis_id is not None:
            crises.setdefault(crisis_id, set()).add(crisis_role)
        if deployment_role is not None:
            deployment.add(deployment_role)
    return Principal(
        user_id=_user_id,
        email=_email,
        organisation=_organisation,
        via=via,
        deployment_roles=frozenset(deployment),
        crisis_roles={crisis_id: frozenset(roles) for crisis_id, roles in crises.items()},
        only_crisis=only_crisis,
    )
