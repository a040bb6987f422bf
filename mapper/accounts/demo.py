"""Accounts of the demo, so that a visitor can be each kind of person. On loopback only."""

from __future__ import annotations

from dataclasses import dataclass

from mapper.accounts.service import add_user
from mapper.config import Settings
from mapper.store.store import Store
from mapper.vocabulary.text import N_

DEMO_PASSWORD = "demo-password"  # noqa: S105 - published on the sign-in page of a demo


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo; `does` says in a few words what it is for."""

    email: str
    role: str
    organisation: str
    does: str


DEMO_ACCOUNTS = (
    DemoAccount("verifier-1@demo.example", "verifier", "Coast Volunteers", N_("verifies, first person")),
    DemoAccount("verifier-2@demo.example", "verifier", "Harbour Watch", N_("verifies, second person")),
    DemoAccount("verifier-3@demo.example", "verifier", "Open Ground", N_("verifies where two differ")),
    DemoAccount("coordinator@demo.example", "coordinator", "Relief Cluster", N_("plans the response")),
    DemoAccount("partner@demo.example", "partner", "Partner Agency", N_("sees what partners may see")),
    DemoAccount("donor@demo.example", "donor", "Donor Fund", N_("sees what the public sees")),
    DemoAccount("admin@demo.example", "admin", "Operator", N_("administers")),
)


class NotOnLoopback(Exception):
    """Known passwords must never be reachable from another machine."""


def add_demo_accounts(store: Store, settings: Settings, crisis_slug: str) -> tuple[DemoAccount, ...]:
    """Add the demo's accounts to its crisis; raises NotOnLoopback on a site that others reach."""
    if not settings.is_loopback:
        raise NotOnLoopback("demo accounts have a known password and are for this machine only")
    for account in DEMO_ACCOUNTS:
        add_user(store, account.email, account.role, crisis_slug, DEMO_PASSWORD, account.organisation)
    return DEMO_ACCOUNTS


def shown_accounts(settings: Settings) -> tuple[DemoAccount, ...]:
    """Return the accounts that the sign-in page lists: none but in a demo on loopback."""
    return DEMO_ACCOUNTS if settings.demo and settings.is_loopback else ()
