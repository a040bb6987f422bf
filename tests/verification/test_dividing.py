"""A report that tells of several places becomes claims, stays one source, and can be put together again."""

from __future__ import annotations

import pytest
from mapper.fusion.rebuilding import rebuild
from mapper.fusion.work import work
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.erasure import erase
from mapper.intake.service import accept
from mapper.store.contents import open_contents
from mapper.store.tables import Incident, IncidentReport, LedgerEntry, Report
from mapper.verification.refusals import DoesNotFit, Invalid
from mapper.verification.service import decide
from sqlalchemy import func, select

from .builders import ANNA, BORIS, decisions

TEXT = "The hospital lost its roof.\nThe bridge on the river road is gone."
PLACE = {"longitude": -72.33, "latitude": 18.54}
CLAIMS = [
    {"words": "hospital lost its roof", "asset": "hospital", "damage_low": 3, "damage_high": 4, **PLACE},
    {
        "words": "The bridge on\r\nthe river road is gone",
        "asset": "bridge",
        "longitude": -72.4,
        "latitude": 18.6,
    },
]


@pytest.fixture
def whole(store, crisis):
    draft = ReportDraft(text=TEXT, contact="+509 1234", **PLACE)
    (outcome,) = accept(store, crisis, [draft], Sender("anonymous"))
    while work(store):
        pass
    return outcome.report_id


def incident_of(store, report_id):
    with store.read() as session:
        return session.scalar(select(IncidentReport.incident_id).where(IncidentReport.report_id == report_id))


def divide(store, crisis, whole, claims=CLAIMS, actor=ANNA):
    fields = {"report": str(whole), "claims": claims}
    return decide(store, crisis, incident_of(store, whole), actor, "divide", fields, "two places").id


def standing(store):
    """Return (asset, position, reports, origins) of every incident that is no signpost."""
    with store.read() as session:
        found = session.scalars(select(Incident).where(Incident.merged_into.is_(None))).all()
    return sorted((item.asset, item.lon_e7, item.reports, item.origins) for item in found)


def seats(store):
    with store.read() as session:
        return dict(session.execute(select(IncidentReport.report_id, IncidentReport.incident_id)).all())


def test_claims_are_incidents_of_their_own_and_stay_through_a_rebuild(store, crisis, whole):
    home = divide(store, crisis, whole)
    expected = [("bridge", -724000000, 1, 1), ("hospital", -723300000, 1, 1)]
    assert standing(store) == expected and whole not in seats(store)
    before = seats(store)
    while work(store):
        pass
    rebuild(store, crisis.id)
    assert standing(store) == expected and seats(store) == before and home in before.values()
    with store.read() as session:
        claims = session.scalars(select(Report).where(Report.claim_of == whole)).all()
        texts = {content.text for content in open_contents(session, store.keys, claims).values()}
        entries = session.scalar(select(func.count()).where(LedgerEntry.kind == "report"))
    assert texts == {"hospital lost its roof", "The bridge on the river road is gone"} and entries == 3
    (decision,) = decisions(store, crisis, home)
    assert "roof" not in str(decision.details)


def test_claims_that_meet_again_are_one_source_and_one_origin(store, crisis, whole):
    home = divide(store, crisis, whole)
    other = next(one for one in seats(store).values() if one != home)
    decide(store, crisis, other, ANNA, "merge", {"into": str(home)}, "one after all")
    with store.read() as session:
        merged = session.get_one(Incident, (crisis.id, home))
    assert (merged.reports, merged.sources, merged.origins) == (2, 1, 1)


def test_it_is_undone(store, crisis, whole):
    home = divide(store, crisis, whole)
    decide(store, crisis, home, BORIS, "rejoin", {"report": str(whole)}, "one place after all")
    while work(store):
        pass
    rebuild(store, crisis.id)
    assert seats(store) == {whole: home} and len(standing(store)) == 1
    assert [item.kind for item in decisions(store, crisis, home)] == ["divide", "rejoin"]


def test_what_is_not_in_the_report_is_no_claim_of_it(store, crisis, whole):
    with pytest.raises(Invalid) as refused:
        divide(store, crisis, whole, [CLAIMS[0], CLAIMS[1] | {"words": "the school burnt down"}])
    assert [item.pointer for item in refused.value.errors] == ["/claims"]
    with pytest.raises(Invalid):
        divide(store, crisis, whole, CLAIMS[:1])
    home = divide(store, crisis, whole)
    claim = next(report for report, one in seats(store).items() if one == home)
    with pytest.raises(Invalid):
        divide(store, crisis, claim)


def test_a_concluded_claim_is_not_taken_back(store, crisis, whole):
    home = divide(store, crisis, whole)
    other = next(one for one in seats(store).values() if one != home)
    decide(store, crisis, other, ANNA, "reject", {}, "it stands")
    with pytest.raises(DoesNotFit, match="concluded"):
        decide(store, crisis, home, ANNA, "rejoin", {"report": str(whole)}, "one")


def test_erasing_one_erases_all(store, crisis, whole, tmp_path):
    divide(store, crisis, whole)
    assert erase(store, next(iter(seats(store))), tmp_path)
    with store.read() as session:
        assert session.scalar(select(func.count()).where(Report.content.is_not(None))) == 0
