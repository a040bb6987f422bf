"""Agreement between verifiers, and newcomers' decisions beside the truth of a simulated crisis."""

from __future__ import annotations

import io
import itertools
import uuid
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from mapper.cli import main
from mapper.config import Settings
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.verification.agreement import FEWEST, Pair, everybodys, ones_own, pairs_of
from mapper.verification.training import UnusableTruth, is_training, load, score

from tests.verification.builders import ANNA, BORIS, CHEN, do, make_incident, report_ids


def graded(low: int | None, high: int | None) -> dict[str, Any]:
    return {"damage_low": low, "damage_high": high}


def pair(first: int, second: int) -> Pair:
    return Pair(1, 2, graded(first, first), graded(second, second))


def test_alpha_is_krippendorffs() -> None:
    """The data of Krippendorff (2011), section on interval data, two coders without gaps, worked by hand."""
    units = [(1, 1), (2, 2), (3, 3), (3, 3), (2, 2), (1, 2), (4, 4), (1, 1), (2, 2), (5, 5)]
    found = everybodys([pair(*unit) for unit in units])
    values = [float(value) for unit in units for value in unit for _end in range(2)]
    expected = sum((a - b) ** 2 for a, b in itertools.permutations(values, 2)) / (
        len(values) * (len(values) - 1)
    )
    observed = sum((a - b) ** 2 for a, b in units) / len(units)
    assert found.alpha == pytest.approx(1 - observed / expected)
    assert (found.pairs, found.within_one, found.equal) == (10, 1.0, 0.9)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=FEWEST, max_size=30))
def test_agreement_stays_within_its_bounds(units: list[tuple[int, int]]) -> None:
    found = everybodys([pair(*unit) for unit in units])
    assert found.equal is not None and found.within_one is not None
    assert 0 <= found.equal <= found.within_one <= 1
    assert found.alpha is None or found.alpha <= 1
    mine, theirs = ones_own([pair(*unit) for unit in units], 1), ones_own([pair(*unit) for unit in units], 2)
    assert mine.lean is not None and theirs.lean is not None
    assert mine.lean == pytest.approx(-theirs.lean)


def test_too_few_pairs_say_nothing() -> None:
    assert everybodys([pair(1, 2)] * (FEWEST - 1)).within_one is None


def test_only_rounds_that_ended_in_verified_count(store: Store, crisis: Crisis) -> None:
    ended, open_, given_up = (make_incident(store, crisis) for _ in range(3))
    for incident_id in (ended, open_, given_up):
        do(store, crisis, incident_id, ANNA, "verify", damage_low=0, damage_high=0)
        do(store, crisis, incident_id, BORIS, "verify", damage_low=3, damage_high=4)
    do(store, crisis, given_up, CHEN, "unverifiable")
    do(store, crisis, ended, CHEN, "verify", damage_low=3, damage_high=3)
    with store.read() as session:
        pairs = pairs_of(session, crisis.id)
    assert {frozenset((item.first_user_id, item.second_user_id)) for item in pairs} == {
        frozenset({1, 2}), frozenset({1, 3}), frozenset({2, 3}),
    }  # fmt: skip
    assert ones_own(pairs, ANNA.user_id).pairs == 2


def test_a_corrected_assessment_does_not_count(store: Store, crisis: Crisis) -> None:
    incident_id = make_incident(store, crisis)
    do(store, crisis, incident_id, ANNA, "verify", damage_low=0, damage_high=0)
    do(store, crisis, incident_id, ANNA, "verify", supersedes=1)
    do(store, crisis, incident_id, BORIS, "verify")
    with store.read() as session:
        (only,) = pairs_of(session, crisis.id)
    assert only.first["damage_low"] == only.second["damage_low"] == 3


def truth_of(store: Store, crisis: Crisis, cases: dict[uuid.UUID, tuple[str, str]]) -> str:
    lines = ["report_id,incident_id,incident_kind,damage"]
    for number, (incident_id, (kind, damage)) in enumerate(cases.items()):
        lines += [f"{name},I{number},{kind},{damage}" for name in report_ids(store, crisis, incident_id)]
    return "\n".join(lines)


def test_a_newcomer_is_scored_against_the_truth(store: Store, crisis: Crisis) -> None:
    held, missed, hoax, believed, untouched = (make_incident(store, crisis) for _ in range(5))
    truth = truth_of(
        store, crisis,
        {held: ("damage", "4"), missed: ("damage", "1"), hoax: ("rumour", "3"), believed: ("advert", ""),
         untouched: ("damage", "5")},
    )  # fmt: skip
    with store.read() as session:
        assert not is_training(session, crisis.id)
    assert load(store, crisis.id, io.StringIO(truth)) == 10
    for incident_id in (held, missed, believed):
        do(store, crisis, incident_id, ANNA, "verify", damage_low=3, damage_high=4)
    do(store, crisis, hoax, ANNA, "reject")
    with store.read() as session:
        assert is_training(session, crisis.id)
        found = score(session, crisis.id, ANNA.user_id)
        nothing = score(session, crisis.id, BORIS.user_id)
    assert {item.incident_id: item.is_right for item in found.judged} == {
        held: True, missed: False, hoax: True, believed: False,
    }  # fmt: skip
    assert (found.right, found.held, found.uncovered, found.width) == (0.5, 0.5, 0.5, 1)
    assert found.lean == pytest.approx((-0.5 + 2.5) / 2)
    assert (nothing.judged, nothing.right, nothing.lean) == ([], None, None)


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2", "report_id,incident_id,damage\nx,1,2", "report_id,incident_id,damage\n,,"]
)
def test_what_is_no_truth_is_refused(store: Store, crisis: Crisis, text: str) -> None:
    with pytest.raises(UnusableTruth):
        load(store, crisis.id, io.StringIO(text))


def test_a_truth_is_loaded_by_command_and_told_only_of_what_one_has_judged(
    client: Any, sqlite_store: Store, coast: Crisis, anna: Any, boris: Any, post: Any, settings: Settings,
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    incident_id = make_incident(sqlite_store, coast)
    file = tmp_path / "truth.csv"
    file.write_text(truth_of(sqlite_store, coast, {incident_id: ("rumour", "3")}))
    monkeypatch.setenv("MAPPER_DATA", str(settings.data))
    ran = CliRunner().invoke(main, ["training", "load", str(file), "--crisis", "coast", "--json"])
    assert ran.exit_code == 0 and ran.output == '{"reports": 2}\n'
    desk = "/crises/coast/verify/desk"
    assert "You have judged nothing yet" in client.get(desk, headers=anna).text
    assert post(incident_id, anna, {"kind": "reject", "reason": "no"}).status_code == 200
    assert "It never happened" in client.get(desk, headers=anna).text
    assert "It never happened" not in client.get(desk, headers=boris).text
    file.write_text("nothing")
    wrong = CliRunner().invoke(main, ["training", "load", str(file), "--crisis", "coast"])
    assert wrong.exit_code == 1 and "columns" in wrong.stderr
