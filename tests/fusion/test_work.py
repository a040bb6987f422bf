"""Reports become incidents as they arrive, and what people decide of it stays."""

import uuid
from datetime import timedelta

import pytest
from mapper.fusion.service import merge, recompute, split
from mapper.fusion.work import work
from mapper.intake.drafts import DraftMedium, ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.tables import Incident, IncidentReport, Report
from sqlalchemy import func, select, update

HOSPITAL = {"category": "hospital", "longitude": -72.3, "latitude": 18.5, "position_accuracy_m": 30.0}
FAR = {"category": "school", "longitude": -72.8, "latitude": 18.9, "position_accuracy_m": 30.0}


def send(store, crisis, *drafts):
    outcomes = accept(store, crisis, [ReportDraft(**fields) for fields in drafts], Sender("test"))
    return [outcome.report_id for outcome in outcomes]


def fuse(store):
    total = 0
    while count := work(store):
        total += count
    return total


def incidents(store):
    with store.read() as session:
        return session.scalars(select(Incident).where(Incident.merged_into.is_(None))).all()


def members(store):
    with store.read() as session:
        rows = session.execute(select(IncidentReport.incident_id, IncidentReport.report_id)).all()
    groups = {}
    for incident_id, report_id in rows:
        groups.setdefault(incident_id, set()).add(report_id)
    return groups


def test_two_witnesses_of_one_hospital_are_one_incident(store, crisis):
    first = HOSPITAL | {
        "text": "General hospital roof collapsed, patients outside",
        "damage_low": 3,
        "damage_high": 4,
    }
    second = first | {
        "text": "roof of the general hospital has collapsed",
        "longitude": -72.3002,
        "damage_low": 4,
    }
    school = FAR | {"text": "school walls cracked"}
    ids = send(store, crisis, first, second, school)
    assert fuse(store) == 3 and work(store) == 0
    groups = sorted(members(store).values(), key=len)
    assert groups == [{ids[2]}, {ids[0], ids[1]}]
    hospital = next(item for item in incidents(store) if item.reports == 2)
    assert (hospital.sector, hospital.asset) == ("health", "hospital")
    assert (hospital.damage_low, hospital.damage_high, hospital.damage_conflict) == (4, 4, False)
    assert (hospital.sources, hospital.origins) == (2, 2)
    assert -723002000 <= hospital.lon_e7 <= -723000000 and hospital.position_accuracy_m >= 10
    with store.read() as session:
        why = session.get(IncidentReport, (crisis.id, ids[1]))
        first = session.get(IncidentReport, (crisis.id, ids[0]))
    joined = why if why.why["kind"] == "joined" else first
    assert joined.score > 0.5 and joined.why["same_category"] and joined.why["words"] > 0.3


def test_a_later_report_joins_and_a_strike_a_week_later_does_not(store, crisis, clock):
    text = "General hospital roof collapsed, patients outside"
    send(store, crisis, HOSPITAL | {"text": text})
    fuse(store)
    clock.set(clock() + timedelta(hours=2))
    send(store, crisis, HOSPITAL | {"text": "hospital roof collapsed, many patients outside"})
    fuse(store)
    assert [item.reports for item in incidents(store)] == [2]
    clock.set(clock() + timedelta(days=8))
    send(store, crisis, HOSPITAL | {"text": "General hospital hit again, roof collapsed"})
    fuse(store)
    assert sorted(item.reports for item in incidents(store)) == [1, 2]


def test_intervals_that_do_not_meet_are_a_conflict_and_unknown_is_not_zero(store, crisis):
    text = "General hospital roof collapsed, patients outside"
    low = HOSPITAL | {"text": text, "damage_low": 0, "damage_high": 1}
    send(
        store,
        crisis,
        low,
        low | {"text": text + " now", "damage_low": 4, "damage_high": 5},
        FAR | {"text": "school"},
    )
    fuse(store)
    conflict = next(item for item in incidents(store) if item.reports == 2)
    assert (conflict.damage_low, conflict.damage_high, conflict.damage_conflict) == (0, 5, True)
    unknown = next(item for item in incidents(store) if item.reports == 1)
    assert (unknown.damage_low, unknown.damage_high) == (None, None)


def test_a_copied_text_and_a_recycled_photo_are_one_origin(store, crisis):
    text = "General hospital roof collapsed, patients outside in the yard since this morning"
    photo = DraftMedium(b"pixels", "image/jpeg", "ab" * 32)
    drafts = [HOSPITAL | {"text": text} for _ in range(3)]
    own = ("roof of the hospital collapsed", "hospital roof collapsed", "patients outside the hospital")
    drafts += [HOSPITAL | {"text": words, "media": (photo,)} for words in own]
    send(store, crisis, *drafts)
    fuse(store)
    (only,) = incidents(store)
    assert (only.reports, only.origins) == (6, 2)


def test_a_concluded_incident_is_flagged_and_not_altered(store, crisis, clock):
    text = "General hospital roof collapsed, patients outside"
    send(store, crisis, HOSPITAL | {"text": text, "damage_low": 3, "damage_high": 3})
    fuse(store)
    with store.write() as session:
        session.execute(
            update(Incident).values(status="verified", verified_at=clock(), damage_low=3, damage_high=4)
        )
    send(
        store,
        crisis,
        HOSPITAL | {"text": text + " again", "damage_low": 5, "damage_high": 5, "people_affected": 9},
    )
    fuse(store)
    (only,) = incidents(store)
    assert (only.reports, only.needs_review) == (2, True)
    assert (only.damage_low, only.damage_high, only.people_affected_high) == (3, 4, None)


def test_what_people_decide_stays(store, crisis, clock):
    text = "General hospital roof collapsed, patients outside"
    ids = send(
        store,
        crisis,
        HOSPITAL | {"text": text},
        HOSPITAL | {"text": text + " now"},
        FAR | {"text": "school walls"},
    )
    fuse(store)
    big, small = sorted(incidents(store), key=lambda item: -item.reports)
    with store.write() as session:
        created = split(session, store.keys, crisis.id, big.id, [ids[1]], uuid.uuid4(), clock())
    assert fuse(store) == 2
    assert members(store) == {big.id: {ids[0]}, created: {ids[1]}, small.id: {ids[2]}}
    with store.write() as session:
        moved = merge(session, store.keys, crisis.id, small.id, created, uuid.uuid4(), clock())
    assert moved == [ids[2]]
    assert members(store) == {big.id: {ids[0]}, created: {ids[1], ids[2]}}
    with store.read() as session:
        assert session.get(Incident, (crisis.id, small.id)).merged_into == created
        assert session.get(Incident, (crisis.id, created)).reports == 2
    with store.write() as session:
        recompute(session, store.keys, crisis.id, created, clock())
    assert members(store) == {big.id: {ids[0]}, created: {ids[1], ids[2]}}


def test_reports_without_a_position_are_kept_and_a_crash_repeats_nothing(store, crisis, monkeypatch):
    send(store, crisis, {"text": "somewhere a bridge is down"}, HOSPITAL | {"text": "hospital"})

    def crash(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("mapper.fusion.writing._mark", crash)
    with pytest.raises(KeyboardInterrupt):
        work(store)
    assert not incidents(store)
    monkeypatch.undo()
    assert fuse(store) == 2
    assert sorted(item.lon_e7 or 0 for item in incidents(store)) == [-723000000, 0]
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Report).where(Report.fused_at.is_(None))) == 0


def test_a_pile_on_one_point_does_not_collapse(sqlite_store, make_crisis):
    crisis = make_crisis(sqlite_store)
    words = [
        "water",
        "food",
        "tents",
        "medicine",
        "school",
        "church",
        "bridge",
        "road",
        "market",
        "power",
        "family",
        "child",
        "doctor",
        "truck",
        "fuel",
    ]
    drafts = [
        {
            "text": f"{words[n % 13]} {words[n * 7 % 13]} needed at {words[n * 11 % 13]} {n}",
            "longitude": -72.335,
            "latitude": 18.539167,
        }
        for n in range(140)
    ]
    send(sqlite_store, crisis, *drafts)
    fuse(sqlite_store)
    assert max(item.reports for item in incidents(sqlite_store)) <= 20
