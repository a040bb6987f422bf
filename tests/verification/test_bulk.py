"""One decision about several incidents: previewed, each by the rules, each at the version that was seen."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.verification.bulk import KINDS, decide_all, preview
from mapper.verification.claims import claim
from mapper.verification.refusals import DoesNotFit, NoRight, Stale
from mapper.vocabulary.states import Kind

from tests.verification.builders import ANNA, BORIS, COORDINATOR, do, load, make_incident


def test_an_assessment_is_never_given_in_bulk() -> None:
    assert Kind.VERIFY not in KINDS and Kind.OVERRIDE not in KINDS


def test_a_preview_decides_nothing_and_tells_what_would_happen(store: Store, crisis: Crisis) -> None:
    alike = [make_incident(store, crisis) for _ in range(2)]
    other = make_incident(store, crisis, damage_high=5)
    held, closed = make_incident(store, crisis), make_incident(store, crisis)
    claim(store, crisis.id, held, BORIS.user_id)
    do(store, crisis, closed, BORIS, "reject")
    ids = [*alike, other, held, closed, uuid.uuid4()]
    with store.read() as session:
        found = preview(session, store, crisis.id, ids, Kind.REJECT, ANNA)
        with pytest.raises(NoRight):
            preview(session, store, crisis.id, ids, Kind.REJECT, COORDINATOR)
    assert [(item.incident.id, item.is_alike, item.refusal is None) for item in found] == [
        (alike[0], True, True), (alike[1], True, True), (other, False, True), (held, True, False),
        (closed, False, False),
    ]  # fmt: skip
    assert all(load(store, crisis, incident_id).version == 1 for incident_id in (*alike, other, held))


def test_one_that_is_refused_stops_no_other(store: Store, crisis: Crisis) -> None:
    good, changed, held = (make_incident(store, crisis) for _ in range(3))
    do(store, crisis, changed, BORIS, "triage")
    claim(store, crisis.id, held, BORIS.user_id)
    versions = {changed: 1, held: 1, good: 1}
    results = decide_all(store, crisis, versions, Kind.UNVERIFIABLE, ANNA, "same rumour")
    assert [(item.incident_id, type(item.refusal)) for item in results] == [
        (changed, Stale), (held, DoesNotFit), (good, type(None)),
    ]  # fmt: skip
    assert load(store, crisis, good).status == "unverifiable"
    assert load(store, crisis, held).status == "new"


def test_bulk_over_the_web(
    client: Any, sqlite_store: Store, coast: Crisis, anna: Any, make_token: Any
) -> None:
    cases = [make_incident(sqlite_store, coast) for _ in range(3)]
    different = make_incident(sqlite_store, coast, sector="water", asset=None)
    chosen = {"incident": [str(case) for case in (*cases, different)], "kind": "reject"}
    page = client.post("/crises/coast/verify/bulk", data=chosen, headers=anna).text
    ticked = re.findall(r'name="incident" value="([^"]+)" checked', page)
    assert sorted(ticked) == sorted(map(str, cases))
    assert "look at it by itself" in page
    versions = dict(re.findall(r'name="(version-[^"]+)" value="(\d+)"', page))
    confirmed = {"incident": ticked, "kind": "reject", "confirmed": "1"} | versions
    assert client.post("/crises/coast/verify/bulk", data=confirmed, headers=anna).status_code == 422
    done = client.post("/crises/coast/verify/bulk", data=confirmed | {"reason": "a hoax"}, headers=anna)
    assert done.status_code == 200 and "Done for 3 of 3" in done.text
    assert {load(sqlite_store, coast, case).status for case in cases} == {"false"}
    assert load(sqlite_store, coast, different).status == "new"
    assert "Choose incidents" in client.post("/crises/coast/verify/bulk", data={}, headers=anna).text
    other = make_token(sqlite_store, "coordinator")
    assert client.post("/crises/coast/verify/bulk", data=chosen, headers=other).status_code == 403
    wrong = {"incident": ["x"], "kind": "reject"}
    assert client.post("/crises/coast/verify/bulk", data=wrong, headers=anna).status_code == 404
