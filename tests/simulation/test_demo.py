"""The demo shows a living crisis on the first day, and never touches a store that is in use."""

from collections import Counter

from mapper.accounts.demo import DEMO_PASSWORD
from mapper.simulation.demo import build_demo
from mapper.store.snapshots import latest
from mapper.store.tables import Crisis, Incident, Report
from sqlalchemy import func, select


def test_an_empty_store_becomes_a_living_crisis(settings, sqlite_store, clock):
    lines = list(build_demo(settings, sqlite_store))
    assert any(DEMO_PASSWORD in line for line in lines)
    with sqlite_store.read() as session:
        crisis = session.scalars(select(Crisis)).one()
        states = Counter(session.scalars(select(Incident.status)))
        assert {"new", "triaged", "in_review", "verified", "false"} <= set(states)
        assert states["verified"] > 80
        assert session.scalar(select(func.count()).select_from(Report).where(Report.fused_at.is_(None))) == 0
        public, internal = (latest(session, crisis.id, audience) for audience in ("public", "internal"))
        assert public is not None and public.rows > 3
        assert internal is not None and internal.rows == sum(states.values())


def test_a_store_in_use_is_left_alone(settings, sqlite_store, make_crisis):
    make_crisis(sqlite_store)
    assert list(build_demo(settings, sqlite_store)) == []
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count()).select_from(Crisis)) == 1
