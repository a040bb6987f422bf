"""Words and templates for what is written outside a request, such as an export from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from mapper.config import Settings
from mapper.web.assets import STATIC, TEMPLATES, init_assets
from mapper.web.locale import init_locale


@contextmanager
def speaking(settings: Settings, language: str = "") -> Iterator[None]:
    """Let `gettext` and `render_template` work in a language; the deployment's first unless said."""
    app = Flask("mapper", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    init_locale(app, settings)
    init_assets(app)
    with app.test_request_context(query_string={"lang": language} if language else None):
        yield
