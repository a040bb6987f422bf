"""Filters of a page's address."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from mapper.publication.parameters import (
    PUBLIC_SELECTING,
    SELECTING,
    BadParameters,
    parse_public_selection,
    parse_selection,
)
from mapper.publication.requests import as_problem, public_selection, selection
from mapper.publication.selection import PublicSelection, Selection

__all__ = ["page_selection", "public_selection", "selection"]


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
