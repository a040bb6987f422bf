"""What a request needs of the application: its store and its settings."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from mapper.config import Settings
from mapper.store.store import Store

EXTENSION = "mapper"


@dataclass(frozen=True)
class AppContext:
    """What `create_app` hangs into `app.extensions["mapper"]`."""

    store: Store
    settings: Settings


def current_store() -> Store:
    """Return the store of the application that handles this request."""
    return _context().store


def current_settings() -> Settings:
    """Return the settings of the application that handles this request."""
    return _context().settings


def _context() -> AppContext:
    context: AppContext = current_app.extensions[EXTENSION]
    return context
