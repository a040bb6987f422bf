"""Filters of a page's address."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask_babel import gettext as _

from mapper.publication.parameters import (
    PUBLIC_SELECTING,
    SELECTING,
    BadParameters,
    box,
    parse_public_selection,
    parse_selection,
)
from mapper.publication.requests import as_problem, one, public_selection, selection
from mapper.publication.selection import Box, PublicSelection, Selection
from mapper.web.errors import Problem

__all__ = ["area_level", "box_asked", "page_selection", "public_selection", "selection"]


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
        raise as_problem(error) from error


def _filled(values: Sequence[str]) -> list[str]:
    return [value for value in values if value.strip()]


def area_level() -> int | None:
    """Return the parameter `level`, of areas; None where it was not given."""
    text = request.args.get("level", "")
    if text and not (text.isascii() and text.isdigit() and len(text) == 1):
        raise Problem(400, detail=_("level: Give the level of the areas, a whole number from 0 to 9."))
    return int(text) if text else None


def box_asked() -> Box:
    """Return the parameter `bbox`; a problem where it is missing."""
    found = one("bbox", box)
    if found is None:
        raise Problem(400, detail=_("bbox: Give west, south, east and north in degrees."))
    return found
