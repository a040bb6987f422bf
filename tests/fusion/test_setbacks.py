"""A report that cannot be fused is set aside and tried again; the others of its batch go on."""

from datetime import timedelta

import pytest
from mapper.fusion import work as fusing
from mapper.fusion.setbacks import setbacks
from mapper.fusion.work import fuse, work
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.tables import IncidentReport, Report
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError


def send(store, crisis, count):
    drafts = [
        ReportDraft(text=f"bridge {n} is down", longitude=-72.3 - n / 100, latitude=18.5)
        for n in range(count)
    ]
    return [outcome.report_id for outcome in accept(store, crisis, drafts, Sender("test"))]


def seated(store):
    with store.read() as session:
        return set(session.scalars(select(IncidentReport.report_id)))


def test_a_report_that_cannot_be_opened_blocks_nobody(store, crisis, clock):
    ids = send(store, crisis, 7)
    with store.write() as session:
        sealed = session.scalar(select(Report.content).where(Report.id == ids[3]))
        session.execute(update(Report).where(Report.id == ids[3]).values(content=b"broken" + sealed[6:]))
    assert work(store) == 7 and work(store) == 0
    assert seated(store) == set(ids) - {ids[3]}
    with store.read() as session:
        (row,) = setbacks(session, crisis.id)
    assert (row.report_id, row.attempts) == (ids[3], 1) and "bridge" not in row.problem
    clock.set(clock() + timedelta(minutes=2))
    assert work(store) == 1
    with store.read() as session:
        assert setbacks(session, crisis.id)[0].attempts == 2
    with store.write() as session:
        session.execute(update(Report).where(Report.id == ids[3]).values(content=sealed))
    clock.set(clock() + timedelta(minutes=3))
    assert work(store) == 1 and seated(store) == set(ids)
    with store.read() as session:
        assert not setbacks(session, crisis.id)


def test_trouble_of_the_store_is_no_report_s(store, crisis, monkeypatch):
    send(store, crisis, 2)

    def locked(*_arguments):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(fusing, "write", locked)
    with pytest.raises(OperationalError):
        fuse(store, crisis.id)
    with store.read() as session:
        assert not setbacks(session, crisis.id)
