"""Errors become answers: problem documents (RFC 9457) for programs, calm pages for people.

A room raises its own plain exceptions and enters them in `PROBLEMS`, or raises a `Problem`.
No answer ever holds a stack trace.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext, lazy_gettext
from jinja2 import TemplateError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

PROBLEM_JSON = "application/problem+json"

# Exception class -> (status, title). Rooms add theirs where the class is defined.
PROBLEMS: dict[type[Exception], tuple[int, str]] = {}

API_PATHS = re.compile(
    r"/(api|ogc|openrosa|open311|hooks|metrics|healthz|readyz)(/|$)"
    r"|/crises/[^/]+/(tiles/|[^/]+\.(atom|json|geojson)$)"
)

SENTENCES: dict[int, str] = {
    400: lazy_gettext("The request could not be understood."),
    401: lazy_gettext("You need to sign in first."),
    403: lazy_gettext("Your account has no right to do this."),
    404: lazy_gettext("There is nothing at this address. It may have been removed or mistyped."),
    405: lazy_gettext("This address does not take that method."),
    409: lazy_gettext("This does not fit what has happened in the meantime."),
    413: lazy_gettext("What you sent is too large."),
    422: lazy_gettext("The input has errors."),
    415: lazy_gettext("This address does not take that kind of content."),
    429: lazy_gettext("That was too often. Please wait a little and try again."),
    500: lazy_gettext("Something went wrong on our side. Nothing you sent was lost if you saw a receipt."),
    503: lazy_gettext("The service is not ready. Please try again in a moment."),
}


class Problem(Exception):
    """An answer that is not what was asked for, with its reason.

    `errors` lists what is wrong with the input, each `{"pointer": JSON pointer, "detail": sentence}`.
    """

    def __init__(
        self,
        status: int,
        title: str = "",
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class _Answer:
    status: int
    title: str
    detail: str
    errors: list[Mapping[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def init_errors(app: Flask) -> None:
    """Answer every error of `app` as this module says."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _exception)


def wants_problem() -> bool:
    """Whether this request comes from a program: by its address, what it accepts or what it sends."""
    if API_PATHS.match(request.path) or request.is_json:
        return True
    accepts = request.accept_mimetypes
    if not accepts.provided:
        return False
    return accepts["application/json"] > accepts["text/html"] or accepts[PROBLEM_JSON] > accepts["text/html"]


def phrase(status: int) -> str:
    """Return HTTP's own words for a status, translated."""
    return str(gettext(HTTPStatus(status).phrase))


def answer(error: Problem) -> Response:
    """Return the answer that a problem becomes, for error handlers of libraries' own exceptions."""
    title = gettext(error.title) if error.title else phrase(error.status)
    detail = error.detail or str(SENTENCES.get(error.status, ""))
    return _respond(_Answer(error.status, title, detail, error.errors, error.headers))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    kept = ("Allow", "Retry-After", "WWW-Authenticate", "Content-Range")
    headers = {name: value for name, value in error.get_headers() if name in kept}
    return _respond(_Answer(status, phrase(status), str(SENTENCES.get(status, "")), headers=headers))


def _exception(error: Exception) -> Response:
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            status, title = PROBLEMS[kind]
            return _respond(_Answer(status, gettext(title), str(error)))
    raise error  # Flask logs it and comes back with an InternalServerError


def _respond(said: _Answer) -> Response:
    response = _as_json(said) if wants_problem() else _as_page(said)
    response.headers.extend(said.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_json(said: _Answer) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": said.title,
        "status": said.status,
        "detail": said.detail,
    }
    if said.errors:
        body["errors"] = said.errors
    return Response(orjson.dumps(body), said.status, content_type=PROBLEM_JSON)


def _as_page(said: _Answer) -> Response:
    try:
        page = render_template("web/error.html", problem=said)
    except (TemplateError, SQLAlchemyError):  # the page's own frame needs what has just failed
        page = "<!doctype html><title>Error</title><p>Something went wrong. Please try again in a moment."
    return make_response(page, said.status)
