"""A grade on somebody's own scale goes round without loss: scale and value stay beside the interval."""

from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.tables import Report
from mapper.vocabulary.crosswalk import CROSSWALK, to_interval
from sqlalchemy import select


def test_every_raw_value_comes_back_as_it_was_sent(store, crisis):
    sent = [(scale, value) for scale, classes in CROSSWALK.items() for value in classes]
    sent += [("unosat", "11"), ("EMS-98", " D3 "), ("nobody's", "пів хати"), ("xbd", "")]
    accept(store, crisis, [ReportDraft(damage_scale=s, damage_value=v) for s, v in sent], Sender("t"))
    with store.read() as session:
        kept = session.scalars(select(Report)).all()
    assert sorted((report.damage_scale, report.damage_value) for report in kept) == sorted(sent)
    for report in kept:
        graded = to_interval(report.damage_scale, report.damage_value)
        assert (report.damage_low, report.damage_high) == (graded.low, graded.high)
