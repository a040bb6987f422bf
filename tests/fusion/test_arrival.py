"""Whatever the order of arrival, the store's incidents are those of all reports at once; ids survive."""

from __future__ import annotations

import random
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mapper.clock import SteppedClock
from mapper.config import Settings
from mapper.fusion import work as fusion_work
from mapper.fusion.linkage import shipped
from mapper.fusion.members import Members
from mapper.fusion.partition import partition
from mapper.fusion.rebuilding import rebuild
from mapper.fusion.service import merge, split
from mapper.fusion.work import work
from mapper.fusion.writing import Overtaken
from mapper.intake.drafts import ReportDraft, Sender
from mapper.intake.service import accept
from mapper.store.migrate import upgrade
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, IncidentReport, Report
from sqlalchemy import select, update

from tests.conftest import START

TEXTS = (
    "Apartment block on the market square hit, people under the rubble",
    "Rocket hit the apartment block at the market square, people below",
    "Roof of the school burnt down during the night",
    "The school's roof has burnt",
    "Smoke",
    "",
)
Partition = set[frozenset[uuid.UUID]]


def draft(place: int, text: int, hours: int, category: str | None, located: bool) -> ReportDraft:
    """A report about one of a few buildings along a street."""
    return ReportDraft(
        text=TEXTS[text],
        location_text="Northtown" if place % 2 else None,
        category=category,
        longitude=-72.3 + place * 0.0013 if located else None,
        latitude=18.5 if located else None,
        received_at=START + timedelta(hours=hours, minutes=place),
    )


drafts = st.lists(
    st.builds(
        draft,
        st.integers(0, 6),
        st.integers(0, len(TEXTS) - 1),
        st.sampled_from([0, 1, 9, 40, 100, 300]),
        st.sampled_from([None, "school", "dwelling"]),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=14,
)


@contextmanager
def fresh_store() -> Iterator[Store]:
    """An empty store on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Settings(data=Path(folder)), SteppedClock(START))
        upgrade(store.engine)
        yield store
        store.close()


def send(store: Store, crisis: Crisis, some: Sequence[ReportDraft]) -> list[uuid.UUID]:
    """Let reports in and return their ids."""
    return [outcome.report_id for outcome in accept(store, crisis, list(some), Sender("test"))]


def fuse(store: Store) -> None:
    """Work until nothing waits."""
    while work(store):
        pass


def incidents(store: Store) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """The reports of each incident."""
    with store.read() as session:
        rows = session.execute(select(IncidentReport.incident_id, IncidentReport.report_id)).all()
        counts = session.execute(
            select(Incident.id, Incident.reports).where(Incident.merged_into.is_(None))
        ).all()
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    for incident, report in rows:
        found.setdefault(incident, set()).add(report)
    assert dict(list(counts)) == {incident: len(reports) for incident, reports in found.items()}
    return {incident: frozenset(reports) for incident, reports in found.items()}


def at_once(store: Store, crisis: Crisis) -> Partition:
    """The groups of all reports, found offline."""
    with store.read() as session:
        reports = session.scalars(select(Report).order_by(Report.received_at, Report.id)).all()
        members = Members(store.keys, crisis.id).read(session, reports)
    groups = partition([m.traits for m in members], shipped())
    return {frozenset(members[row].id for row in rows) for rows in groups}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drafts, st.integers(1, 5), st.randoms(use_true_random=False))
def test_arriving_in_any_order_and_portions(
    make_crisis: Callable[..., Crisis], some: list[ReportDraft], portion: int, shuffler: random.Random
) -> None:
    shuffler.shuffle(some)
    with fresh_store() as store:
        crisis = make_crisis(store)
        for start in range(0, len(some), portion):
            send(store, crisis, some[start : start + portion])
            fuse(store)
        assert set(incidents(store).values()) == at_once(store, crisis)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drafts, st.integers(1, 5), st.randoms(use_true_random=False))
def test_a_rebuild_gives_the_same_incidents_under_the_same_ids_and_keeps_decisions(
    make_crisis: Callable[..., Crisis], some: list[ReportDraft], portion: int, chance: random.Random
) -> None:
    with fresh_store() as store:
        crisis = make_crisis(store)
        for start in range(0, len(some), portion):
            send(store, crisis, some[start : start + portion])
            fuse(store)
        decide_at_random(store, crisis, chance)
        fuse(store)
        before = incidents(store)
        assert rebuild(store, crisis.id) == len(some)
        assert incidents(store) == before


def decide_at_random(store: Store, crisis: Crisis, chance: random.Random) -> None:
    """Merge two incidents and split one, where there are such."""
    found = incidents(store)
    if len(found) > 1:
        source, into = chance.sample(sorted(found), 2)
        with store.write() as session:
            merge(session, store.keys, crisis.id, source, into, uuid.uuid4(), store.clock())
    wide = [incident for incident, reports in incidents(store).items() if len(reports) > 1]
    if wide:
        with store.write() as session:
            one = min(incidents(store)[wide[0]])
            split(session, store.keys, crisis.id, wide[0], [one], uuid.uuid4(), store.clock())


def test_what_people_decided_holds_against_new_reports(store: Store, crisis: Crisis) -> None:
    block = draft(0, 0, 0, "dwelling", located=True)
    ids = send(store, crisis, [block, block, draft(5, 2, 0, "school", located=True)])
    fuse(store)
    (pair,) = [incident for incident, reports in incidents(store).items() if len(reports) == 2]
    with store.write() as session:
        apart = split(session, store.keys, crisis.id, pair, [ids[1]], uuid.uuid4(), store.clock())
    send(store, crisis, [draft(0, 1, 1, "dwelling", located=True)])
    fuse(store)
    found = incidents(store)
    assert ids[0] in found[pair]
    assert ids[1] in found[apart]
    assert sorted(map(len, found.values())) == [1, 1, 2]


def test_a_bridge_between_two_incidents_leaves_a_signpost(store: Store, crisis: Crisis) -> None:
    street = [draft(n, 0, n, "dwelling", located=True) for n in range(5)]
    send(store, crisis, [street[0], street[4]])
    fuse(store)
    before = incidents(store)
    send(store, crisis, street[1:4])
    fuse(store)
    after = incidents(store)
    assert set(after.values()) == at_once(store, crisis)
    with store.read() as session:
        signposts = session.scalars(select(Incident).where(Incident.merged_into.is_not(None))).all()
    assert set(before) - set(after) == {incident.id for incident in signposts}
    assert all(incident.merged_into in after and incident.reports == 0 for incident in signposts)


def test_a_decision_during_the_comparing_starts_the_batch_again(
    store: Store, crisis: Crisis, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, crisis, [draft(0, 0, 0, "dwelling", located=True)])
    fuse(store)
    write, tries = fusion_work.write, []

    def interrupted(*arguments: object) -> None:
        tries.append(1)
        if len(tries) == 1:
            with store.write() as session:
                session.execute(update(Incident).values(version=Incident.version + 1))
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(fusion_work, "write", interrupted)
    send(store, crisis, [draft(0, 1, 1, "dwelling", located=True)])
    fuse(store)
    assert len(tries) == 2
    assert [len(reports) for reports in incidents(store).values()] == [2]
    monkeypatch.setattr(fusion_work, "write", lambda *_: (_ for _ in ()).throw(Overtaken()))
    send(store, crisis, [draft(0, 1, 2, "dwelling", located=True)])
    with pytest.raises(Overtaken):
        fuse(store)


def test_a_point_that_turns_out_to_be_a_town_parts_what_it_joined(store: Store, crisis: Crisis) -> None:
    words = ("water", "bread", "tents", "roof", "school", "bridge", "power", "clinic", "market", "harbour")
    pile = [
        ReportDraft(text=f"{word} {number}", longitude=-72.335, latitude=18.539167, received_at=START)
        for number, word in enumerate(words)
    ]
    largest = []
    for one in pile:
        send(store, crisis, [one])
        fuse(store)
        largest.append(max(map(len, incidents(store).values())))
    assert largest[2] > 1 == largest[-1]
    assert set(incidents(store).values()) == at_once(store, crisis)


def test_a_hot_spot_is_worked_off_without_regrouping_it(
    store: Store, crisis: Crisis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mapper.fusion.neighbourhood.LEAST_EXPANDED", 0)
    monkeypatch.setattr("mapper.fusion.neighbourhood.EXPANDED_EACH", 1)
    monkeypatch.setattr("mapper.fusion.neighbourhood.EXPANDED_IN_CROWD", 1)
    monkeypatch.setattr(fusion_work, "BATCH", 4)
    places = [(0, 0, "dwelling"), (6, 2, "school")]
    some = [draft(place, text, n // 4, kind, located=True) for n in range(12) for place, text, kind in places]
    send(store, crisis, some)
    fuse(store)
    assert sorted(map(len, incidents(store).values())) == [12, 12]


def test_an_erased_report_stays_where_it_was(store: Store, crisis: Crisis, tmp_path: Path) -> None:
    from mapper.intake.erasure import erase

    ids = send(store, crisis, [draft(0, 0, 0, None, located=True), draft(0, 1, 1, None, located=True)])
    fuse(store)
    before = incidents(store)
    erase(store, ids[0], tmp_path)
    send(store, crisis, [draft(0, 1, 2, None, located=True)])
    fuse(store)
    (only,) = incidents(store)
    assert only in before
    rebuild(store, crisis.id)
    assert ids[0] in incidents(store)[only]
