"""Navigation: the ways from any page to a crisis and its sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request

from mapper.store.crises import all_crises
from mapper.store.tables import Crisis
from mapper.vocabulary.text import N_
from mapper.web.context import current_store
from mapper.web.permission import EVERYONE


@dataclass(frozen=True)
class Section:
    """One way into a crisis, as a person sees it. `label` is translated at display."""

    label: str
    href: str
    icon: str
    is_here: bool


# Path below a crisis, label, icon, who is shown the way. The view itself decides who may enter.
_WAYS: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("", N_("Map"), "map", frozenset({EVERYONE})),
    ("/report", N_("Report damage"), "report", frozenset({EVERYONE})),
    ("/verify", N_("Verify"), "shield", frozenset({"verifier", "admin"})),
    ("/import", N_("Import"), "list", frozenset({"coordinator", "admin"})),
    ("/plan", N_("Plan"), "plan", frozenset({"coordinator", "verifier", "admin"})),
    ("/impact", N_("Impact"), "impact", frozenset({EVERYONE})),
)


def init_navigation(app: Flask) -> None:
    """Give templates the ways through the site. Accounts replace the defaults with who asks."""
    app.jinja_env.globals.update(sections=sections, crises_to_switch=crises_to_switch, has_route=has_route)
    app.context_processor(_nobody_anywhere)


def sections(crisis: Crisis, roles: frozenset[str]) -> list[Section]:
    """Return the ways into a crisis for a person with these roles in it."""
    found = []
    for path, label, icon, who in _WAYS:
        if has_route(f"/crises/<slug>{path}") and (EVERYONE in who or roles & who):
            href = f"/crises/{crisis.slug}{path}"
            found.append(Section(label, href, icon, _is_below(href, whole=not path)))
    return found


def crises_to_switch() -> Sequence[Crisis]:
    """Return the crises of the switch in the header, the newest first."""
    with current_store().read() as session:
        return all_crises(session)[:12]


def has_route(rule: str) -> bool:
    """Whether a room has opened this address."""
    return any(known.rule == rule for known in current_app.url_map.iter_rules())


def _is_below(href: str, whole: bool) -> bool:
    return request.path == href or (not whole and request.path.startswith(href + "/"))


def _nobody_anywhere() -> dict[str, Any]:
    return {
        "crisis_here": None,
        "person_roles": frozenset(),
        "person_roles_in": lambda _crisis: frozenset(),
        "demo_accounts": (),
    }
