"""The queue: its order, its pages, its filters, and the way from case to case."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mapper.clock import SteppedClock
from mapper.intake.drafts import Sender
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident
from mapper.verification.claims import claim
from mapper.verification.filters import Cursor, Filters, read_cursor, read_filters, read_query
from mapper.verification.queue import PAGE, QueuePage, Reader, next_ids, queue_page
from mapper.verification.saved_views import MOST_VIEWS, forget_view, own_views, save_view
from mapper.vocabulary.states import State
from mapper.vocabulary.urgency import HIGHEST, points, shares
from sqlalchemy import delete, insert, select

from tests.verification.builders import ANNA, BORIS, do, make_incident

COLUMNS = st.fixed_dictionaries(
    {
        "status": st.sampled_from([state.value for state in State]),
        "asset": st.sampled_from([None, "ordnance", "hospital"]),
        "damage_high": st.none() | st.integers(0, 5),
        "damage_conflict": st.booleans(),
        "service_state": st.sampled_from([None, "working", "partial", "out"]),
        "people_affected_high": st.none() | st.sampled_from([0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10**9]),
        "origins": st.integers(0, 9),
        "needs_review": st.booleans(),
    }
)  # fmt: skip


def row(crisis: Crisis, store: Store, number: int = 0, **columns: Any) -> dict[str, Any]:
    at = store.clock() - timedelta(hours=number)
    fixed = {"sector": "health", "needs": [], "version": 1, "status": "new", "reports": 1, "sources": 1}
    more = {"origins": 1, "outside_areas": False, "damage_conflict": False, "needs_review": False}
    times = {"first_reported_at": at, "last_reported_at": at, "changed_at": at}
    return {"crisis_id": crisis.id, "id": uuid.uuid4()} | fixed | more | times | columns


def fill(store: Store, rows: list[dict[str, Any]]) -> None:
    with store.write() as session:
        session.execute(insert(Incident), rows)


def read(store: Store, crisis: Crisis, filters: Filters | None = None, after: Any = None) -> QueuePage:
    reader = Reader(ANNA.user_id, store.clock())
    with store.read() as session:
        return queue_page(session, crisis.id, filters or Filters(), reader, after)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(COLUMNS, min_size=1, max_size=20))
def test_the_database_adds_up_the_points_that_the_page_explains(
    store: Store, crisis: Crisis, some: list[dict[str, Any]]
) -> None:
    with store.write() as session:
        session.execute(delete(Incident))
    fill(store, [row(crisis, store, **columns) for columns in some])
    with store.read() as session:
        for incident, rank in session.execute(select(Incident, Incident.queue_rank)):
            assert HIGHEST - rank == points(incident) == sum(share.points for share in shares(incident))


def test_points_never_leave_their_scale() -> None:
    worst = SimpleNamespace(
        status="in_review", asset="ordnance", damage_high=5, damage_conflict=True, service_state="out",
        people_affected_high=10**9, origins=99, needs_review=True,
    )  # fmt: skip
    assert 0 < points(worst) < HIGHEST
    assert all(share.label for share in shares(worst))


def test_pages_follow_each_other_without_gap_or_repeat(store: Store, crisis: Crisis) -> None:
    damages = itertools.cycle([None, 0, 1, 2, 3, 4, 5])
    rows = [row(crisis, store, number % 7, damage_high=next(damages)) for number in range(2 * PAGE + 20)]
    fill(store, rows)
    for order in ("", "oldest"):
        seen: list[Incident] = []
        after = None
        while True:
            page = read(store, crisis, Filters(order=order), after)
            seen += page.rows
            assert page.total == len(rows) and not page.is_more
            if page.after is None:
                break
            after = read_cursor(str(page.after))
            assert after == page.after
        assert len({item.id for item in seen}) == len(rows) == len(seen)
        keys = [(0 if order else -points(item), item.first_reported_at) for item in seen]
        assert keys == sorted(keys)


def test_what_is_concluded_or_merged_does_not_wait(store: Store, crisis: Crisis) -> None:
    waits = {State.NEW, State.TRIAGED, State.IN_REVIEW, State.DISPUTED, State.OVERRIDE}
    fill(store, [row(crisis, store, status=state.value) for state in State])
    fill(store, [row(crisis, store, merged_into=uuid.uuid4())])
    flagged = row(crisis, store, status="verified", needs_review=True)
    fill(store, [flagged])
    page = read(store, crisis)
    assert {item.status for item in page.rows} == {state.value for state in waits} | {"verified"}
    assert page.total == len(waits) + 1
    assert [item.id for item in read(store, crisis, Filters(flag="new_reports")).rows] == [flagged["id"]]
    for state in State:
        assert {item.status for item in read(store, crisis, Filters(state=state.value)).rows} == {state.value}


def test_filters_narrow(store: Store, crisis: Crisis) -> None:
    wanted = row(
        crisis, store, sector="water", area_codes={"1": "HT01"}, damage_conflict=True, origins=1,
        outside_areas=True,
    )  # fmt: skip
    other = row(crisis, store, sector="health", area_codes={"1": "HT011"}, origins=3, lon_e7=1, lat_e7=1)
    fill(store, [wanted, other])
    for filters in (
        Filters(sector="water"), Filters(area="HT01"), Filters(flag="conflict"), Filters(flag="one_origin"),
        Filters(flag="no_position"), Filters(flag="outside"),
    ):  # fmt: skip
        assert [item.id for item in read(store, crisis, filters).rows] == [wanted["id"]], filters


def test_open_to_me_leaves_out_what_others_hold_and_what_i_have_assessed(
    store: Store, crisis: Crisis
) -> None:
    held, assessed, open_ = (make_incident(store, crisis) for _ in range(3))
    claim(store, crisis.id, held, BORIS.user_id)
    do(store, crisis, assessed, ANNA, "verify")
    assert [item.id for item in read(store, crisis).rows] == [open_]
    assert len(read(store, crisis, Filters(whose="all")).rows) == 3
    claim(store, crisis.id, open_, ANNA.user_id)
    assert [item.id for item in read(store, crisis, Filters(whose="mine")).rows] == [open_]
    do(store, crisis, assessed, BORIS, "unverifiable")
    do(store, crisis, assessed, BORIS, "reopen")
    do(store, crisis, assessed, BORIS, "verify")  # another round: Anna can be second in this one
    assert {item.id for item in read(store, crisis).rows} == {open_, assessed}


def test_the_next_case_is_none_with_a_report_of_ones_own(
    store: Store, crisis: Crisis, clock: SteppedClock
) -> None:
    own = make_incident(store, crisis, damage_high=5, sender=Sender("user:1", ANNA.user_id))
    theirs = make_incident(store, crisis, damage_high=0)
    with store.read() as session:
        reader = Reader(ANNA.user_id, clock())
        assert next_ids(session, crisis.id, Filters(), reader) == [theirs]
        assert next_ids(session, crisis.id, Filters(), reader, {theirs}) == []
        assert next_ids(session, crisis.id, Filters(), Reader(BORIS.user_id, clock())) == [own, theirs]


@given(st.text(max_size=60))
def test_what_is_no_cursor_begins_at_the_beginning(text: str) -> None:
    found = read_cursor(text)
    assert found is None or isinstance(found, Cursor)


@given(
    st.dictionaries(st.sampled_from(["state", "sector", "flag", "whose", "order", "area", "x"]), st.text())
)
def test_filters_hold_known_codes_and_survive_an_address(values: dict[str, str]) -> None:
    filters = read_filters(values)
    assert read_query(filters.query()) == filters
    assert filters.state in {"", *State}


def test_views_are_ones_own(store: Store, crisis: Crisis) -> None:
    save_view(store, crisis.id, 1, "  Water  first ", Filters(sector="water"))
    save_view(store, crisis.id, 1, "Water first", Filters(sector="water", order="oldest"))
    assert [(view.name, view.filters.order) for view in own_views(store, crisis.id, 1)] == [
        ("Water first", "oldest")
    ]
    assert own_views(store, crisis.id, 2) == []
    for number in range(MOST_VIEWS - 1):
        save_view(store, crisis.id, 1, f"{number}", Filters())
    with pytest.raises(Exception, match="Remove one first"):
        save_view(store, crisis.id, 1, "one more", Filters())
    forget_view(store, crisis.id, 1, "Water first")
    assert len(own_views(store, crisis.id, 1)) == MOST_VIEWS - 1


def test_working_through_the_queue_over_the_web(
    client: Any, sqlite_store: Store, coast: Crisis, anna: Any
) -> None:
    cases = [make_incident(sqlite_store, coast, damage_high=high) for high in (5, 4)]
    for case in cases:
        opened = client.post(
            "/crises/coast/verify/next", headers=anna, data={"queue": "sector=health&state=new"}
        )
        assert opened.status_code == 303 and str(case) in opened.location
        assert "sector%3Dhealth" in opened.location
        form = {"kind": "triage", "reason": "plausible", "queue": "sector=health&state=new", "walk": "1"}
        after = client.post(opened.location, headers=anna, data=form)
        assert after.status_code == 303
    assert "done=1" in after.location
    assert "last one of this queue" in client.get(after.location, headers=anna).text
    assert "Nothing waits" in client.get("/crises/coast/verify?state=override", headers=anna).text


def test_views_over_the_web(client: Any, coast: Crisis, anna: Any, boris: Any) -> None:
    form = {"name": "<b>mine</b>", "queue": "sector=water&flag=conflict"}
    kept = client.post("/crises/coast/verify/views", headers=anna, data=form)
    assert kept.status_code == 303 and "sector=water" in kept.location
    page = client.get("/crises/coast/verify", headers=anna).text
    assert "&lt;b&gt;mine&lt;/b&gt;" in page and "<b>mine" not in page
    assert "mine&lt;" not in client.get("/crises/coast/verify", headers=boris).text
    client.post("/crises/coast/verify/views", headers=anna, data=form | {"remove": "1"})
    assert "&lt;b&gt;mine" not in client.get("/crises/coast/verify", headers=anna).text
    assert client.post("/crises/coast/verify/views", headers=anna, data={"name": " "}).status_code == 409
