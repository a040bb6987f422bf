"""What fusion asks people about: maybe one incident, a later strike; and what a restored service does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from mapper.fusion.rebuilding import rebuild
from mapper.fusion.service import keep_apart, links, proposals
from mapper.intake.drafts import ReportDraft
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident

from tests.conftest import START
from tests.fusion.test_arrival import fuse, incidents, send

HIT = "Rocket hit the hospital in the northern district, the wards are burning"


def draft(text: str, hours: float = 0.0, east_m: float = 0.0, **more: Any) -> ReportDraft:
    """A report about the hospital of one town, or about what stands east of it."""
    given: dict[str, Any] = {"category": "hospital", "longitude": -72.3 + east_m / 105_000, "latitude": 18.5}
    return ReportDraft(text=text, received_at=START + timedelta(hours=hours), **(given | more))


def incident_of(store: Store, report: uuid.UUID) -> uuid.UUID:
    """The incident a report sits in."""
    (found,) = [incident for incident, reports in incidents(store).items() if report in reports]
    return found


def kinds(store: Store, crisis: Crisis, incident: uuid.UUID) -> list[tuple[str, uuid.UUID]]:
    """The links of an incident by kind, each with the other incident."""
    with store.read() as session:
        return [(link.kind, link.incident_id) for link in links(session, crisis.id, incident)]


def arrive(store: Store, crisis: Crisis, *some: ReportDraft) -> Sequence[uuid.UUID]:
    """Send reports one by one and fuse each."""
    found = []
    for one in some:
        found += send(store, crisis, [one])
        fuse(store)
    return found


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_second_strike_a_week_later_is_a_new_incident_that_follows_the_first(
    store: Store, crisis: Crisis, order: tuple[int, int]
) -> None:
    strikes = [draft(HIT), draft(HIT.replace("Rocket", "A second rocket"), hours=168)]
    sent = arrive(store, crisis, *(strikes[number] for number in order))
    first, second = (incident_of(store, sent[order.index(number)]) for number in (0, 1))
    assert first != second
    assert ("follows", first) in kinds(store, crisis, second)
    assert ("followed_by", second) in kinds(store, crisis, first)
    rebuild(store, crisis.id)
    assert ("follows", first) in kinds(store, crisis, second)


def test_another_building_or_sector_does_not_follow(store: Store, crisis: Crisis) -> None:
    sent = arrive(
        store,
        crisis,
        draft(HIT),
        draft(HIT, hours=200, east_m=900),
        draft("Road blocked by rubble", hours=200, category="road"),
    )
    assert all(kinds(store, crisis, incident_of(store, one)) == [] for one in sent)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_restored_service_updates_the_incident_weeks_later(
    store: Store, crisis: Crisis, order: tuple[int, int]
) -> None:
    both = [
        draft(
            "The substation was hit, no power",
            category="substation",
            service_state="out",
            damage_low=3,
            damage_high=3,
        ),
        draft("Power is back at the substation", 400, category="substation", service_state="working"),
    ]
    sent = arrive(store, crisis, *(both[number] for number in order))
    assert incident_of(store, sent[0]) == incident_of(store, sent[1])
    with store.read() as session:
        incident = session.get_one(Incident, (crisis.id, incident_of(store, sent[0])))
        assert (incident.service_state, incident.damage_low) == ("working", 3)


def test_damage_after_a_service_was_restored_is_another_incident(store: Store, crisis: Crisis) -> None:
    sent = arrive(
        store,
        crisis,
        draft("The substation was hit, no power", category="substation", service_state="out"),
        draft("Power is back at the substation", 60, category="substation", service_state="working"),
        draft("The substation was hit again, no power", 70, category="substation", service_state="out"),
    )
    first, restored, second = (incident_of(store, one) for one in sent)
    assert first == restored != second


def test_what_is_in_doubt_is_proposed_and_kept_apart_for_good(store: Store, crisis: Crisis) -> None:
    doubtful = [draft(HIT), draft("Smoke over the northern district", 30, 250, category=None)]
    sent = arrive(store, crisis, *doubtful)
    one, other = (incident_of(store, report) for report in sent)
    with store.read() as session:
        (found,) = proposals(session, crisis.id, one)
        (mirrored,) = proposals(session, crisis.id, other)
    assert (found.incident_id, mirrored.incident_id) == (other, one)
    assert found.probability is not None
    assert store.levels.propose <= found.probability < store.levels.join
    assert found.why["distance_m"] == pytest.approx(250, abs=5)
    with store.write() as session:
        keep_apart(session, crisis.id, one, other, uuid.uuid4(), store.clock())
    fuse(store)
    arrive(store, crisis, draft("Smoke over the hospital in the northern district", 12, 120))
    assert incident_of(store, sent[0]) == one != incident_of(store, sent[1]) == other
    assert ("maybe_same", other) not in kinds(store, crisis, one)
    assert ("kept_apart", other) in kinds(store, crisis, one)
