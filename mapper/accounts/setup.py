"""What the app factory calls to give an application sign-in, rights and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext
from flask_security import MailUtil, Security
from flask_security.core import _user_loader
from flask_wtf.csrf import CSRFError, CSRFProtect
from passlib.exc import PasswordSizeError  # type: ignore[import-untyped]

from mapper.accounts.access import init_access, refuse_forgery
from mapper.accounts.datastore import Account, Accounts
from mapper.accounts.demo import DEMO_PASSWORD, shown_accounts
from mapper.config import Settings
from mapper.store.store import Store
from mapper.vocabulary.text import N_
from mapper.web.errors import Problem, answer
from mapper.web.permission import limit

SIGN_IN_RATE = "20/minute"
NEVER = timedelta(seconds=-1)


def init_accounts(app: Flask, store: Store, settings: Settings) -> None:
    """Set up sign-in, sessions, CSRF protection and the check of every view's `@allow`.

    Call after `init_web`. When every room is registered, call `access.check_every_route_declares(app)`.
    """
    is_https = settings.public_url.startswith("https://")
    app.session_interface = _Sessions()
    app.config.update(_session_settings(is_https), **_security_settings(), **_csrf_settings())
    csrf = CSRFProtect(app)
    security = Security(app, Accounts(store), mail_util_cls=_Names)
    security.login_manager.user_loader(_user_of_cookie)
    security.login_manager.request_loader(lambda _request: None)  # tokens are ours, see access.py
    security.login_manager.session_protection = None  # people change networks all day
    security.want_json(lambda _request: False)  # its JSON would hand out signed tokens
    security.principal.identity_loaders.clear()  # rights are ours too: nobody reads its identities
    limit(SIGN_IN_RATE)(app.view_functions["security.login"])
    app.register_error_handler(CSRFError, refuse_forgery)
    app.register_error_handler(PasswordSizeError, lambda _error: answer(Problem(413)))
    init_access(app, csrf)
    app.jinja_env.globals["sentences_of"] = sentences_of
    app.context_processor(lambda: {"demo_accounts": shown_accounts(settings), "demo_password": DEMO_PASSWORD})


def sentences_of(form: Any) -> list[tuple[str, str]]:
    """Return what is wrong with a form as (id of the field or nothing, sentence), each sentence once."""
    found = [("", gettext(str(error))) for error in form.form_errors]
    for field in form:
        found += [(field.id, gettext(str(error))) for error in field.errors]
    return list({sentence: (name, sentence) for name, sentence in reversed(found)}.values())[::-1]


class _Names(MailUtil):  # type: ignore[misc]
    """An address is a name to sign in with: only its capitals and spaces are put right."""

    def normalize(self, email: str) -> str:
        """Return the address as it is kept."""
        return email.replace("\0", "").strip().lower()  # PostgreSQL would fail on a NUL

    validate = normalize


class _Sessions(SecureCookieSessionInterface):
    """Sessions of people. A program that sends its token has none, whatever cookie comes along."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request's cookie, an empty one for a program."""
        return (
            SecureCookieSession()
            if "Authorization" in request.headers
            else super().open_session(app, request)
        )


def _user_of_cookie(user_id: str) -> Account | None:
    if "Authorization" in request.headers:
        return None
    account: Account | None = _user_loader(user_id)
    return account


def _session_settings(is_https: bool) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": is_https,
    }


def _security_settings() -> dict[str, Any]:
    settings = {
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": ["argon2"],
        "PASSWORD_LENGTH_MIN": 8,
        "STATIC_FOLDER": None,
        "FRESHNESS": NEVER,
        "CHANGEABLE": True,
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "CHANGE_URL": "/account/password",
        "POST_CHANGE_VIEW": "/",
        "RETURN_GENERIC_RESPONSES": True,
        "MSG_GENERIC_AUTHN_FAILED": (N_("The e-mail address or the password is wrong."), "error"),
        "CACHE_CONTROL": None,  # access.py sets it
        "LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
        "CHANGE_PASSWORD_TEMPLATE": "accounts/password.html",
        "CLI_USERS_NAME": "",
        "CLI_ROLES_NAME": "",
    }
    return {f"SECURITY_{name}": value for name, value in settings.items()}


def _csrf_settings() -> dict[str, Any]:
    return {
        "WTF_CSRF_CHECK_DEFAULT": False,  # access.py checks what a cookie authenticates, and only that
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a case may stand open for hours
        "WTF_CSRF_SSL_STRICT": False,  # compares the Referer, which our own pages never send
    }
