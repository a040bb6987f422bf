"""The table of decisions, against a second, hand-written copy in another form."""

from __future__ import annotations

import itertools

import pytest
from mapper.vocabulary.states import DECIDERS, STATES, TABLE, Kind, State, choices, may, step

ROLES = ("reporter", "verifier", "coordinator", "donor", "partner", "admin")

# One line a kind, one column a state. A word is where it leads; "=" stays; "." is refused; a 2 after
# it means two people.
GRID = """
             new        triaged    in_review  verified   unverifiable false     disputed  retracted override
triage       triaged    .          .          =          .            .         .         .         .
verify       in_review2 in_review2 in_review2 .          .            .         .         .         in_review2
reject       false      false      false      .          false        .         false     .         false
unverifiable =>         =>         =>         .          .            .         =>        .         =>
dispute      disputed   disputed   disputed   disputed   .            .         .         .         disputed
reopen       .          .          .          triaged2   triaged      triaged   triaged   .         triaged
regrade      =          =          =          =2         =            .         =         .         =
move         =          =          =          =2         =            .         =         .         =
merge        =          =          =          =2         =            .         =         .         =
split        =          =          =          =2         =            .         =         .         =
divide       =          =          =          .          =            .         =         .         =
rejoin       =          =          =          .          =            .         =         .         =
keep_apart   =          =          =          =          =            .         =         .         =
repair       =          =          =          =          =            .         =         .         =
retract      retracted  retracted  retracted  retracted2 retracted    retracted retracted .         retracted
redact       =          =          =          =          =            =         =         =         =
override     override   override   override   .          override     .         override  .         .
"""


def _expected() -> dict[tuple[str, str], tuple[str, int] | None]:
    head, *lines = GRID.strip("\n").splitlines()
    states = head.split()
    table: dict[tuple[str, str], tuple[str, int] | None] = {}
    for line in lines:
        kind, *cells = line.split()
        assert len(cells) == len(states)
        for state, cell in zip(states, cells, strict=True):
            people = 2 if cell.endswith("2") else 1
            word = cell.removesuffix("2")
            to = {"=": state, "=>": kind}.get(word, word)
            table[kind, state] = None if word == "." else (to, people)
    return table


EXPECTED = _expected()


@pytest.mark.parametrize(("kind", "state"), sorted(itertools.product(Kind, State)))
def test_every_decision_in_every_state(kind: Kind, state: State) -> None:
    found = step(kind, state)
    assert (None if found is None else (found.to.value, found.people)) == EXPECTED[kind.value, state.value]


@pytest.mark.parametrize(("role", "kind"), sorted(itertools.product(ROLES, Kind)))
def test_every_role_and_decision(role: str, kind: Kind) -> None:
    allowed = role in {"verifier", "admin"} or (role == "coordinator" and kind is Kind.REPAIR)
    assert may([role], kind) is allowed


def test_choices_are_exactly_what_the_table_allows() -> None:
    for role, state in itertools.product(ROLES, State):
        found = choices([role], state)
        assert found == [kind for kind in Kind if may([role], kind) and EXPECTED[kind.value, state.value]]


def test_a_person_with_no_role_may_decide_nothing() -> None:
    assert not any(choices([], state) for state in State)
    assert not any(may(["everyone", ""], kind) for kind in Kind)


def test_rights_add_up_over_several_roles() -> None:
    assert may(["donor", "coordinator"], Kind.REPAIR)
    assert may(["donor", "verifier"], Kind.VERIFY)


def test_deciders_are_those_with_at_least_one_right() -> None:
    assert frozenset().union(*(rule.roles for rule in TABLE.values())) == DECIDERS


def test_nothing_leads_to_verified_but_agreeing_assessments() -> None:
    for kind, state in itertools.product(Kind, State):
        found = step(kind, state)
        assert found is None or found.to is not State.VERIFIED or state is State.VERIFIED


def test_a_tombstone_stays_one() -> None:
    assert choices(ROLES, State.RETRACTED) == [Kind.REDACT]


def test_every_state_and_kind_has_words() -> None:
    assert set(STATES) == set(State)
    assert set(TABLE) == set(Kind)
    assert all(entry.label and entry.meaning for entry in STATES.values())
    assert all(rule.label for rule in TABLE.values())
