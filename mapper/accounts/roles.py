"""Roles, and the audience each belongs to."""

from __future__ import annotations

from typing import Literal

ROLES = ("reporter", "verifier", "coordinator", "donor", "partner", "admin")
INTERNAL_ROLES = frozenset({"verifier", "coordinator", "admin"})

Audience = Literal["public", "partner", "internal"]


def audience_of(roles: frozenset[str]) -> Audience:
    """Return what a person with these roles in a crisis may see of it.

    A donor alone reads what the public reads; one invited as a partner holds that role too.
    """
    if roles & INTERNAL_ROLES:
        return "internal"
    return "partner" if "partner" in roles else "public"
