"""Filters of a request, checked: a wrong one is a 400 that names it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from flask import request
from flask_babel import gettext as _

from mapper.publication.parameters import (
    PUBLIC_SELECTING,
    SELECTING,
    BadParameters,
    parse_public_selection,
    parse_selection,
)
from mapper.publication.selection import PublicSelection, Selection
from mapper.web.errors import Problem

ALWAYS = ("lang",)


def selection(also: Collection[str] = ()) -> Selection:
    """Return the filters of incidents; raises a 400 problem. `also` names parameters read elsewhere."""
    try:
        return parse_selection(request.args.to_dict(flat=False), (*also, *ALWAYS))
    except BadParameters as error:
        raise _problem(error) from error


def public_selection(also: Collection[str] = ()) -> PublicSelection:
    """Return the filters of public rows; raises a 400 problem for any that would cut finer than they do."""
    try:
        return parse_public_selection(request.args.to_dict(flat=False), (*also, *ALWAYS))
    except BadParameters as error:
        raise _problem(error) from error


def page_selection(*, is_public: bool) -> Selection | PublicSelection:
    """Return the filters of a page's address: of its form, whose empty fields say nothing."""
    known = PUBLIC_SELECTING if is_public else SELECTING
    given = {
        name: _filled(values) for name, values in request.args.to_dict(flat=False).items() if name in known
    }
    chosen = {name: values for name, values in given.items() if values}
    try:
        return parse_public_selection(chosen) if is_public else parse_selection(chosen)
    except BadParameters as error:
        raise _problem(error) from error


def _filled(values: Sequence[str]) -> list[str]:
    return [value for value in values if value.strip()]


def _problem(error: BadParameters) -> Problem:
    said: Mapping[str, str] = {
        name: _(wrong.message, **wrong.values) if wrong.values else _(wrong.message)
        for name, wrong in error.errors.items()
    }
    return Problem(
        400,
        detail="; ".join(f"{name}: {sentence}" for name, sentence in said.items()),
        errors=[{"pointer": f"/{name}", "detail": sentence} for name, sentence in said.items()],
    )
