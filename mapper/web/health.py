"""Health: two words for everyone, figures for the operator."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from mapper.store import ledger
from mapper.store.crises import all_crises
from mapper.store.store import Store
from mapper.store.tables import Crisis, Report, SetAside, Snapshot
from mapper.web.context import current_store
from mapper.web.permission import EVERYONE, LOOPBACK, allow

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow(EVERYONE)
def alive() -> Response:
    """Say that this process answers."""
    return _words("ok", 200)


@blueprint.get("/readyz")
@allow(EVERYONE)
def ready() -> Response:
    """Say whether the store can be read; not what is wrong with it, which is nobody else's business."""
    try:
        with current_store().read() as session:
            session.execute(text("SELECT 1 FROM crises LIMIT 1"))
    except SQLAlchemyError:
        return _words("not ok", 503)
    return _words("ok", 200)


@blueprint.get("/metrics")
@allow(LOOPBACK, "admin")
def metrics() -> Response:
    """Return what waits and how old it is, in Prometheus' text format."""
    lines = list(_lines(current_store()))
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


def _words(words: str, status: int) -> Response:
    answer = Response(words, status, content_type="text/plain; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(store: Store) -> list[str]:
    found: dict[str, list[str]] = {}
    with store.read() as session:
        for crisis in all_crises(session):
            for name, labels, value in _figures(session, store, crisis):
                found.setdefault(name, []).append(
                    f'mapper_{name}{{crisis="{crisis.slug}"{labels}}} {value:g}'
                )
    return [line for name, lines in found.items() for line in (f"# TYPE mapper_{name} gauge", *lines)]


def _figures(session: Session, store: Store, crisis: Crisis) -> list[tuple[str, str, float]]:
    now = store.clock()
    waiting = session.scalar(
        select(func.count()).where(
            Report.crisis_id == crisis.id, Report.fused_at.is_(None), Report.divided_by.is_(None)
        )
    )
    aside = session.scalar(select(func.count()).where(SetAside.crisis_id == crisis.id))
    unsealed, oldest = ledger.unsealed(session, crisis.id)
    figures = [
        ("reports_waiting_for_fusion", "", float(waiting or 0)),
        ("reports_set_aside_by_fusion", "", float(aside or 0)),
        ("ledger_unsealed", "", float(unsealed)),
        ("ledger_oldest_unsealed_seconds", "", (now - oldest).total_seconds() if oldest else 0.0),
    ]
    newest = session.execute(
        select(Snapshot.audience, func.max(Snapshot.created_at))
        .where(Snapshot.crisis_id == crisis.id)
        .group_by(Snapshot.audience)
    )
    for audience, at in newest:
        figures.append(("snapshot_age_seconds", f',audience="{audience}"', (now - at).total_seconds()))
    return figures
