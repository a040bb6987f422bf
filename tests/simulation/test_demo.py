"""The demo shows a living crisis on the first day, and never touches a store that is in use."""

from collections import Counter
from datetime import timedelta

from mapper.accounts.demo import DEMO_PASSWORD
from mapper.simulation.demo import build_demo
from mapper.store.proof import verify
from mapper.store.snapshots import latest
from mapper.store.tables import Crisis, Decision, Incident, Report, Snapshot
from mapper.worker import work_until_idle
from sqlalchemy import func, select


def test_an_empty_store_becomes_a_living_crisis(settings, sqlite_store, clock):
    now = clock()
    lines = list(build_demo(settings, sqlite_store, incidents=150))
    assert any(DEMO_PASSWORD in line for line in lines)
    with sqlite_store.read() as session:
        crisis = session.scalars(select(Crisis)).one()
        incidents = session.scalars(select(Incident)).all()
        states = Counter(incident.status for incident in incidents)
        assert {"new", "triaged", "in_review", "verified", "false"} <= set(states)
        assert states["verified"] > 80 and states["new"] > 3
        assert any(incident.origins < incident.reports for incident in incidents)
        assert any(incident.sources < incident.reports for incident in incidents)
        assert any(incident.repaired_at for incident in incidents)
        assert session.scalar(select(func.count()).select_from(Report).where(Report.fused_at.is_(None))) == 0
        assert max(session.scalars(select(Decision.decided_at))) <= now
        assert max(session.scalars(select(Report.received_at))) > now - timedelta(days=3)
        releases = session.scalars(select(Snapshot).where(Snapshot.audience == "public")).all()
        assert len(releases) >= 3 and releases[-1].rows > 5
        internal = latest(session, crisis.id, "internal")
        assert internal is not None and internal.rows == sum(
            incident.merged_into is None for incident in incidents
        )
    verified = verify(sqlite_store, crisis)
    assert verified.unsealed == 0 and verified.sealed > 500
    left = {name: rows for name, rows in work_until_idle(sqlite_store).items() if rows}
    assert left == {}  # nothing waits: the first page is the whole one
    assert len(list(build_demo(settings, sqlite_store))) == len(lines) - 1  # the accounts again, nothing else


def test_no_demo_where_others_can_reach_its_passwords(settings, sqlite_store):
    public = settings.model_copy(update={"public_url": "https://maps.example.org"})
    assert "no demo here" in " ".join(build_demo(public, sqlite_store))
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count()).select_from(Crisis)) == 0


def test_a_store_in_use_is_left_alone(settings, sqlite_store, make_crisis):
    make_crisis(sqlite_store)
    assert list(build_demo(settings, sqlite_store)) == []
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count()).select_from(Crisis)) == 1
