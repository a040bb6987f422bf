"""Access: who asks, for which crisis, and whether the view lets them. What is not declared is refused."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from mapper.accounts.principal import NOBODY, Principal, principal_of_token, principal_of_user
from mapper.store.crises import read_crisis
from mapper.store.tables import Crisis
from mapper.web.assets import is_static
from mapper.web.context import current_store
from mapper.web.errors import Problem, answer, wants_problem
from mapper.web.permission import EVERYONE, LOOPBACK, SIGNED_IN, allow, allowed

__all__ = [
    "EVERYONE",
    "LOOPBACK",
    "SIGNED_IN",
    "UndeclaredRoute",
    "allow",
    "check_every_route_declares",
    "current_crisis",
    "init_access",
    "principal",
    "refuse_forgery",
]

# Views that libraries register: who may use each.
DECLARED_HERE: dict[str, frozenset[str]] = {
    "static": frozenset({EVERYONE}),
    "security.login": frozenset({EVERYONE}),
    "security.logout": frozenset({EVERYONE}),
    "security.change_password": frozenset({SIGNED_IN}),
}

WHO = "Authorization, Cookie"  # the headers that tell who asks
CHALLENGE = 'Bearer realm="mapper"'
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
LOOPBACK_ADDRESSES = {"127.0.0.1", "::1"}
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


class UndeclaredRoute(Exception):
    """A view does not say who may use it; the message names it."""


def init_access(app: Flask, csrf: CSRFProtect) -> None:
    """Check every request of `app` before its view runs."""

    @app.before_request
    def admit() -> AnyResponse | None:
        return _admit(csrf)

    @app.after_request
    def keep_private(response: Response) -> Response:
        return _keep_private(response)

    app.context_processor(_who_is_where)


def _who_is_where() -> dict[str, Any]:
    try:
        person = principal()
    except Problem:  # a page that says what is wrong must not fail for the token that came along
        person = NOBODY
    here: Crisis | None = g.get("crisis")
    return {
        "person": person,
        "crisis_here": here,
        "person_roles": person.roles(here.id) if here else frozenset(),
        "person_roles_in": lambda crisis: person.roles(crisis.id),
    }


def check_every_route_declares(app: Flask) -> None:
    """Raise UndeclaredRoute unless each view says who may use it. Call it when every room is registered."""
    for rule in app.url_map.iter_rules():
        if _permission(app, rule.endpoint) is None:
            raise UndeclaredRoute(f"{rule.endpoint} ({rule.rule}) lacks @allow(...)")


def principal() -> Principal:
    """Return who asks. A request that names a token, valid or not, is never taken for a cookie's owner."""
    if "principal" not in g:
        with current_store().engine.connect() as connection:
            g.principal = _principal(connection)
    found: Principal = g.principal
    return found


def current_crisis() -> Crisis:
    """Return the crisis of the address's `slug`; raises a 404 problem where there is none."""
    if "crisis" not in g:
        with current_store().engine.connect() as connection:
            g.crisis = read_crisis(connection, _slug() or "")
    found: Crisis | None = g.crisis
    if found is None:
        raise Problem(404, detail=_("There is no such crisis."))
    return found


def _slug() -> str | None:
    slug: str | None = (request.view_args or {}).get("slug")
    return slug


def _principal(connection: Connection) -> Principal:
    if current_app.config.get("PUBLIC_ONLY"):
        return _nobody_without_a_token()
    authorization = request.headers.get("Authorization")
    if authorization is None:
        if not current_user.is_authenticated:
            return NOBODY
        return principal_of_user(connection, current_user.id) or NOBODY
    scheme, _space, token = authorization.partition(" ")
    found = principal_of_token(connection, token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise _invalid_token(_("The token is unknown or has been revoked."))
    return found


def _nobody_without_a_token() -> Principal:
    """Refuse a token where everybody is the public: ignoring it would mislead its program."""
    if "Authorization" in request.headers:
        raise _invalid_token(_("This site serves only what is public and takes no tokens."))
    return NOBODY


def _invalid_token(detail: str) -> Problem:
    g.principal = NOBODY  # the answer must not ask again
    return _unauthorized(detail, 'error="invalid_token"')


def _admit(csrf: CSRFProtect) -> AnyResponse | None:
    if request.endpoint is None or request.endpoint == "static":
        return None  # no such address or method: the router's error answers
    who = _permission(current_app, request.endpoint)
    if who is None:
        raise Problem(403)
    if current_app.config.get("PUBLIC_ONLY") and (
        not {EVERYONE, LOOPBACK} & who or _is_sign_in(request.endpoint)
    ):
        raise Problem(404)  # the site of everybody has no other rooms
    person, crisis_id = _look_up()
    if person.via == "session" and request.method not in SAFE_METHODS:
        csrf.protect()
    if _may(person, who, crisis_id):
        return None
    if person.is_signed_in:
        raise Problem(403)
    if wants_problem():
        raise _unauthorized()
    return redirect(_sign_in_address())


def _look_up() -> tuple[Principal, int | None]:
    """Return who asks and the address's crisis, read over one connection: every request pays for this."""
    slug = _slug()
    if slug is None:
        return principal(), None
    with current_store().engine.connect() as connection:
        g.principal = _principal(connection)
        g.crisis = read_crisis(connection, slug)
    return g.principal, current_crisis().id


def _is_sign_in(endpoint: str | None) -> bool:
    return (endpoint or "").startswith("security.")


def _may(person: Principal, who: frozenset[str], crisis_id: int | None) -> bool:
    return (
        EVERYONE in who
        or (SIGNED_IN in who and person.is_signed_in)
        or (LOOPBACK in who and _is_from_this_machine())
        or bool(person.roles(crisis_id) & who)
    )


def _is_from_this_machine() -> bool:
    """A proxy on this machine also calls from loopback, but says for whom."""
    return request.remote_addr in LOOPBACK_ADDRESSES and not any(
        name in request.headers for name in FORWARDED
    )


def _unauthorized(detail: str = "", error: str = "") -> Problem:
    challenge = f"{CHALLENGE}, {error}" if error else CHALLENGE
    return Problem(401, detail=detail, headers={"WWW-Authenticate": challenge})


def _sign_in_address() -> str:
    if request.method not in SAFE_METHODS:
        return url_for("security.login")
    here = request.full_path if request.query_string else request.path
    return url_for("security.login", next=here)


def _permission(app: Flask, endpoint: str) -> frozenset[str] | None:
    return allowed(app.view_functions[endpoint]) or DECLARED_HERE.get(endpoint)


def refuse_forgery(_error: CSRFError) -> Response:
    """Answer a form that did not come from one of our pages, or from a session that has ended."""
    return answer(Problem(403, detail=_("This form has expired. Go back, reload the page and try again.")))


def _keep_private(response: Response) -> Response:
    if is_static(request.path):
        return response
    others = response.headers.get("Vary")
    response.headers["Vary"] = f"{others}, {WHO}" if others else WHO
    who = _permission(current_app, request.endpoint) if request.endpoint else None
    is_public = who is None or EVERYONE in who
    if not is_public or _is_sign_in(request.endpoint) or g.get("principal", NOBODY).is_signed_in:
        response.headers["Cache-Control"] = "private, no-store"
    # A page that says nothing could be kept for as long as a cache likes, past the kill switch.
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
