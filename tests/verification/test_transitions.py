"""The whole table of who may decide what in which state, tried cell by cell against the store.

The expected table is written out here once more, by hand from contract.md: a slip in the program's own
table cannot hide in it.
"""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import pytest
from mapper.accounts.roles import ROLES
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident
from mapper.verification.refusals import DoesNotFit, NoRight, Refused
from mapper.verification.rules import Actor
from mapper.vocabulary.states import STATES, TABLE, Kind, State
from sqlalchemy import update

from tests.verification.builders import do, load, make_incident, report_ids

COLUMNS = (
    "new",
    "triaged",
    "in_review",
    "verified",
    "unverifiable",
    "false",
    "disputed",
    "retracted",
    "override",
)
# `-` refused, `=` the state stays, `2` after the target: only when a second person decides the same.
EXPECTED = """
triage        triaged -         -         =          -            -         -         - -
verify        in_review in_review in_review -        -            -         -         - in_review
reject        false   false     false     -          false        -         false     - false
unverifiable  unverifiable unverifiable unverifiable - -          -         unverifiable - unverifiable
dispute       disputed disputed disputed  disputed   -            -         -         - disputed
reopen        -       -         -         triaged2   triaged      triaged   triaged   - triaged
regrade       =       =         =         =2         =            -         =         - =
move          =       =         =         =2         =            -         =         - =
merge         =       =         =         =2         =            -         =         - =
split         =       =         =         =2         =            -         =         - =
divide        =       =         =         -          =            -         =         - =
rejoin        =       =         =         -          =            -         =         - =
keep_apart    =       =         =         =          =            -         =         - =
repair        =       =         =         =          =            -         =         - =
retract       retracted retracted retracted retracted2 retracted  retracted retracted - retracted
redact        =       =         =         =          =            =         =         = =
override      override override override  -          override     -         override  - -
"""
CELLS = {
    (kind, state): word
    for kind, *words in (line.split() for line in EXPECTED.strip().splitlines())
    for state, word in zip(COLUMNS, words, strict=True)
}
DECIDES = {"verifier": set(Kind), "admin": set(Kind), "coordinator": {Kind.REPAIR}}
WHO = (*ROLES, "nobody")
TRIED = list(itertools.product(WHO, State, Kind))


def actor(number: int, role: str) -> Actor:
    return Actor(number, frozenset() if role == "nobody" else frozenset({role}))


def force(store: Store, crisis: Crisis, incident_id: uuid.UUID, state: str) -> None:
    with store.write() as session:
        mine = (Incident.crisis_id == crisis.id, Incident.id == incident_id)
        session.execute(update(Incident).where(*mine).values(status=state, needs_review=True))


def fields(store: Store, crisis: Crisis, incident_id: uuid.UUID, kind: Kind) -> dict[str, Any]:
    if kind is Kind.MERGE:
        return {"into": str(make_incident(store, crisis, reports=1))}
    if kind is Kind.KEEP_APART:
        return {"other": str(make_incident(store, crisis, reports=1))}
    if kind is Kind.SPLIT:
        return {"reports": report_ids(store, crisis, incident_id)[:1]}
    if kind is Kind.DIVIDE:
        return claims(store, crisis, incident_id)
    if kind is Kind.REJOIN:
        return divided(store, crisis, incident_id)
    return {}


def claims(store: Store, crisis: Crisis, incident_id: uuid.UUID) -> dict[str, Any]:
    report = report_ids(store, crisis, incident_id)[0]
    return {"report": report, "claims": [{"words": "The roof"}, {"words": "fell in"}]}


def divided(store: Store, crisis: Crisis, incident_id: uuid.UUID) -> dict[str, Any]:
    state = load(store, crisis, incident_id).status
    force(store, crisis, incident_id, "new")
    order = claims(store, crisis, incident_id)
    do(store, crisis, incident_id, actor(3, "verifier"), Kind.DIVIDE, **order)
    force(store, crisis, incident_id, state)
    return {"report": order["report"]}


def test_the_table_has_a_cell_for_everything() -> None:
    assert {kind for kind, _ in CELLS} == set(Kind) == set(TABLE)
    assert set(COLUMNS) == set(State) == set(STATES)
    assert len(CELLS) == len(Kind) * len(State) == 153
    assert len(TRIED) == 7 * 153 == 1071


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", WHO)
def test_every_role_state_and_decision(
    sqlite_store: Store, make_crisis: Any, role: str, state: State
) -> None:
    """Each of the 1,071 cells: what it leads to, whom it is refused, and who is asked for a second time."""
    crisis = make_crisis(sqlite_store)
    for kind in Kind:
        check(sqlite_store, crisis, role, state, kind)


def check(store: Store, crisis: Crisis, role: str, state: State, kind: Kind) -> None:
    incident_id = make_incident(store, crisis)
    force(store, crisis, incident_id, state)
    first, second = actor(1, role), actor(2, role)
    more = fields(store, crisis, incident_id, kind)
    word = CELLS[kind, state]
    if kind not in DECIDES.get(role, set()):
        with pytest.raises(NoRight):
            do(store, crisis, incident_id, first, kind, **more)
        return
    if word == "-":
        with pytest.raises(DoesNotFit):
            do(store, crisis, incident_id, first, kind, **more)
        return
    target = state if word.startswith("=") else State(word.rstrip("2"))
    found = do(store, crisis, incident_id, first, kind, **more).status
    if word.endswith("2"):
        assert found == state, (kind, state)
        with pytest.raises(DoesNotFit):  # the same person again, whatever the role
            do(store, crisis, incident_id, first, kind, **more)
        found = do(store, crisis, incident_id, second, kind, **more).status
    assert found == target, (kind, state)


@pytest.mark.parametrize("role", ["verifier", "admin"])
def test_nobody_passes_the_two_person_rule_alone(sqlite_store: Store, make_crisis: Any, role: str) -> None:
    """One person tries every sequence of three decisions on a new incident: never `verified`."""
    crisis = make_crisis(sqlite_store)
    alone = actor(1, role)
    steps = (Kind.TRIAGE, Kind.VERIFY, Kind.OVERRIDE, Kind.REOPEN, Kind.DISPUTE, Kind.REGRADE)
    for sequence in itertools.product(steps, repeat=3):
        incident_id = make_incident(sqlite_store, crisis, reports=1)
        for kind in (*sequence, Kind.VERIFY):
            try:
                after = do(sqlite_store, crisis, incident_id, alone, kind)
            except Refused:
                continue
            assert after.status != State.VERIFIED, sequence
            assert after.verified_at is None


def test_programs_are_told_by_role(
    client: Any, sqlite_store: Store, coast: Crisis, make_token: Any, post: Any
) -> None:
    """Every role asks for every decision over the API: 403 or the decision's own answer."""
    for role in ROLES:
        token = make_token(sqlite_store, role)
        for kind in Kind:
            incident_id = make_incident(sqlite_store, coast)
            more = fields(sqlite_store, coast, incident_id, kind)
            status = post(incident_id, token, {"kind": kind, "reason": "x"} | more).status_code
            assert (status == 403) == (kind not in DECIDES.get(role, set())), (role, kind)
    anonymous = client.post(
        f"/api/v1/crises/coast/incidents/{incident_id}/decisions", json={"kind": "triage"}
    )
    assert anonymous.status_code == 401
