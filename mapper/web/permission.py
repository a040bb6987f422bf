"""Marks on views: who may use one, and how often.

Every view carries `@allow(...)`; `accounts.access` enforces it and refuses to start an application
with a view that has none. The marks live on this floor so that this room's own views can carry them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

EVERYONE = "everyone"  # nobody needs to be signed in
SIGNED_IN = "signed-in"  # any person with an account, whatever the role
LOOPBACK = "loopback"  # a program on this machine, not through a proxy

_ALLOWED = "mapper_allowed"
_RATE = "mapper_rate"


def allow(*who: str) -> Callable[[View], View]:
    """Declare who may use a view: `EVERYONE`, `SIGNED_IN`, `LOOPBACK` or names of roles.

    A role counts in the crisis of the address's `slug`; without one, only deployment-wide roles count.
    """
    if not who:
        raise ValueError("allow() needs at least one role, or EVERYONE")

    def mark(view: View) -> View:
        setattr(view, _ALLOWED, frozenset(who))
        return view

    return mark


def allowed(view: Callable[..., Any]) -> frozenset[str] | None:
    """Return what `allow` declared on a view, or None where nothing was declared."""
    found: frozenset[str] | None = getattr(view, _ALLOWED, None)
    return found


def limit(rate: str, methods: tuple[str, ...] = ("POST",)) -> Callable[[View], View]:
    """Limit how often one client address may use a view, such as `"10/minute"`."""

    def mark(view: View) -> View:
        setattr(view, _RATE, (rate, methods))
        return view

    return mark


def rate_of(view: Callable[..., Any]) -> tuple[str, tuple[str, ...]] | None:
    """Return what `limit` declared on a view, if anything."""
    found: tuple[str, tuple[str, ...]] | None = getattr(view, _RATE, None)
    return found
