"""What the app factory calls to give an application this room's furniture."""

from __future__ import annotations

from flask import Flask

from mapper.config import Settings
from mapper.web import health, views
from mapper.web.addresses import init_addresses
from mapper.web.assets import init_assets
from mapper.web.errors import init_errors
from mapper.web.headers import init_headers
from mapper.web.limits import init_limits
from mapper.web.locale import init_locale
from mapper.web.navigation import init_navigation


def init_web(app: Flask, settings: Settings) -> None:
    """Set up errors, headers, languages, assets, limits, navigation, health and the first page.

    `settings` must hold both keys (`config.ensure_secrets`); `app.extensions["mapper"]` an `AppContext`.
    Create the app with `template_folder=assets.TEMPLATES` and `static_folder=assets.STATIC`.
    """
    app.config["SECRET_KEY"] = settings.secret_key.get_secret_value()
    init_errors(app)
    init_headers(app, settings)
    init_locale(app, settings)
    init_assets(app)
    init_addresses(app, settings)
    init_limits(app, settings)
    init_navigation(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(views.blueprint)
