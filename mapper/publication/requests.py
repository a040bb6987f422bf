"""Filters of a web request, checked: what cannot be used is a 400 problem that names every parameter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from flask import request
from flask_babel import gettext as _

from mapper.publication.parameters import (
    Arguments,
    BadParameters,
    parse_nothing_but,
    parse_one,
    parse_page,
    parse_public_selection,
    parse_selection,
)
from mapper.publication.selection import PublicSelection, Selection
from mapper.web.errors import Problem

ALWAYS = ("lang",)  # every address takes a language
PAGING = ("limit", "cursor")
Found = TypeVar("Found")


def selection(also: Collection[str] = ()) -> Selection:
    """Return the request's filters of incidents; `also` names parameters that are read elsewhere."""
    return _checked(lambda given: parse_selection(given, (*also, *ALWAYS)))


def public_selection(also: Collection[str] = ()) -> PublicSelection:
    """Return the request's filters of public rows; any that could cut finer than the rows is a problem."""
    return _checked(lambda given: parse_public_selection(given, (*also, *ALWAYS)))


def page() -> tuple[int, str | None]:
    """Return how many items the request wants at most, and after which key."""
    return _checked(parse_page)


def nothing_but(known: Collection[str]) -> None:
    """Refuse every parameter that is not among the known ones."""
    _checked(lambda given: parse_nothing_but(given, (*known, *ALWAYS)))


def one(name: str, parse: Callable[[Sequence[str]], Found]) -> Found | None:
    """Return one parameter of the request, or None where it was not given."""
    return _checked(lambda given: parse_one(given, name, parse))


def _checked(parse: Callable[[Arguments], Found]) -> Found:
    try:
        return parse(request.args.to_dict(flat=False))
    except BadParameters as error:
        raise as_problem(error) from error


def as_problem(error: BadParameters) -> Problem:
    """Return the 400 answer to parameters that cannot be used."""
    said = {
        name: _(wrong.message, **wrong.values) if wrong.values else _(wrong.message)
        for name, wrong in error.errors.items()
    }
    return Problem(
        400,
        detail="; ".join(f"{name}: {sentence}" for name, sentence in said.items()),
        errors=[{"pointer": name, "detail": sentence} for name, sentence in said.items()],
    )
