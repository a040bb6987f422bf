"""The base maps that whoever asks may choose, as pages show them."""

from __future__ import annotations

from typing import Any

from flask import url_for

from mapper.accounts.access import principal
from mapper.maps.ground import described, grounds
from mapper.web.context import current_settings


def ground_choices() -> list[dict[str, Any]]:
    """Return name, title, kind, deepest zoom, credit and the tiles' address with {z}, {x} and {y}."""
    one = url_for("grounds.ground_tile", name="name", z=0, x=0, y=0)
    template = one.removesuffix("name/0/0/0") + "{name}/{z}/{x}/{y}"
    return described(grounds(current_settings(), signed_in=principal().is_signed_in), template)
