"""How commands reach the store: opened when first needed, closed when the command ends."""

from __future__ import annotations

from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from mapper.config import Settings
from mapper.store.crises import crisis_by_slug
from mapper.store.migrate import is_current
from mapper.store.store import Store
from mapper.store.tables import Crisis


@dataclass
class Deployment:
    """What every command is given: the settings, and the store once it asks."""

    settings: Settings
    _store: Store | None = None

    @property
    def store(self) -> Store:
        """The store, its tables checked; a command that finds them missing says what to run."""
        store = self.raw_store
        if not is_current(store.engine):
            raise click.ClickException("the store has no tables of this version yet; run: mapper init")
        return store

    @property
    def raw_store(self) -> Store:
        """The store whatever its tables."""
        if self._store is None:
            self._store = Store.open(self.settings)
            click.get_current_context().call_on_close(self._store.close)
        return self._store


def crisis_or_fail(session: Session, slug: str) -> Crisis:
    """Return the crisis, or end the command with a sentence."""
    crisis = crisis_by_slug(session, slug)
    if crisis is None:
        raise click.ClickException(f"there is no crisis {slug}; mapper crisis add makes one")
    return crisis


pass_deployment = click.make_pass_decorator(Deployment)

# For commands whose output is JSON whether asked or not: every command with output takes --json.
json_anyway = click.option(
    "--json", is_flag=True, expose_value=False, help="Print JSON, as it does without this option too."
)
