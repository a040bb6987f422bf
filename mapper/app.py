"""The app factory: it knows the rooms, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from mapper.accounts.access import check_every_route_declares
from mapper.accounts.setup import init_accounts
from mapper.config import Settings, ensure_secrets
from mapper.exchange.embed_views import blueprint as embeds
from mapper.exchange.export_views import blueprint as exports
from mapper.exchange.ogc_views import blueprint as ogc
from mapper.exchange.views import blueprint as exchange
from mapper.impact.views import blueprint as impact
from mapper.intake.form_views import blueprint as intake_form
from mapper.intake.import_views import blueprint as imports
from mapper.intake.service import Committer
from mapper.intake.turns import ReportsInTurn
from mapper.intake.views import blueprint as intake
from mapper.maps.background_views import blueprint as background
from mapper.maps.ground_views import blueprint as grounds
from mapper.maps.tool_views import blueprint as map_tools
from mapper.maps.views import blueprint as maps
from mapper.planning.views import blueprint as planning
from mapper.store.store import Store
from mapper.verification.adding_views import blueprint as adding
from mapper.verification.case_file_views import blueprint as case_files
from mapper.verification.desk_views import blueprint as desk
from mapper.verification.media_views import blueprint as media
from mapper.verification.queue_views import blueprint as queue
from mapper.verification.redaction_views import blueprint as redaction
from mapper.verification.views import blueprint as verification
from mapper.verification.workbench_views import blueprint as workbench
from mapper.web.assets import STATIC, TEMPLATES
from mapper.web.context import AppContext
from mapper.web.setup import init_web

ROOMS = (
    intake,
    intake_form,
    imports,
    maps,
    grounds,
    map_tools,
    background,
    exchange,
    exports,
    embeds,
    ogc,
    verification,
    workbench,
    queue,
    desk,
    media,
    case_files,
    redaction,
    adding,
    planning,
    impact,
)


class _Application(Flask):
    """Flask without asynchronous views: it would ask every function at every request whether it is one."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def serve_all() -> Flask:
    """Return the app of the environment's deployment, for everybody."""
    return create_app()


def serve_public() -> Flask:
    """Return the app of the environment's deployment for the open net: whoever asks is the public."""
    return create_app(public_only=True)


def create_app(
    settings: Settings | None = None, store: Store | None = None, *, public_only: bool = False
) -> Flask:
    """Return the app of a deployment; the store is opened from the settings where none is given."""
    settings = ensure_secrets(settings or Settings())
    store = store or Store.open(settings)
    app = _Application("mapper", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.config["PUBLIC_ONLY"] = public_only
    app.extensions["mapper"] = AppContext(store=store, settings=settings)
    committer = app.extensions["mapper.committer"] = Committer(store)
    init_web(app, settings)
    init_accounts(app, store, settings)
    for room in ROOMS:
        app.register_blueprint(room)
    check_every_route_declares(app)
    app.wsgi_app = ReportsInTurn(app.wsgi_app, committer.turn)  # type: ignore[method-assign]
    return app
