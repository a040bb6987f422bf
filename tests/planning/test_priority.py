"""Priorities: known cases by hand, and what must hold for every crisis."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.planning.priority import Basis, gap, rank


def area(code, low, high, incidents=1, **fields):
    return Basis(code, incidents, low, high, fields.pop("unknown", 0), **fields)


def by_code(found):
    return {item.code: item for item in found}


def test_one_incident_each_is_grade_by_five_people_by_logarithm_and_half_vulnerability():
    found = by_code(rank([area("A", 3, 4, people=999), area("B", 2, 2, people=99)]))
    assert found["A"].damage.value == pytest.approx(0.7)
    assert (found["A"].damage.low, found["A"].damage.high) == pytest.approx((0.6, 0.8))
    assert found["A"].people.value == 1
    assert found["B"].people.value == pytest.approx(2 / 3)
    assert found["A"].total.value == pytest.approx(100 * 0.7 * 1 * 1 * 0.5)
    assert found["B"].total.value == pytest.approx(100 * 0.4 * (2 / 3) * 1 * 0.5)


def test_forty_damaged_houses_come_before_one_destroyed():
    found = rank([area("one", 5, 5, people=500), area("forty", 120, 120, incidents=40, people=500)])
    assert [item.code for item in found] == ["forty", "one"]


def test_without_people_damage_alone_ranks():
    found = rank([area("A", 1, 1), area("B", 4, 4)])
    assert [item.code for item in found] == ["B", "A"]
    assert {item.people.value for item in found} == {1}


def test_unknown_damage_stands_at_its_prior_and_may_be_the_worst():
    found = by_code(rank([area("A", 0, 0, unknown=1), area("B", 2, 2)]))
    assert found["A"].damage.value == pytest.approx(0.6)
    assert (found["A"].rank, found["A"].best_rank, found["A"].worst_rank) == (1, 1, 2)


def test_unknown_people_are_between_the_fewest_and_the_most():
    found = by_code(rank([area("A", 3, 3, people=10), area("B", 3, 3, people=1000), area("C", 3, 3)]))
    factor = found["C"].people
    assert 0 < factor.low < factor.value < factor.high == 1


def test_nobody_living_anywhere_divides_by_nothing():
    assert [item.people.value for item in rank([area("A", 3, 3, people=0)])] == [1]
    assert rank([]) == []


@pytest.mark.parametrize(
    ("reached", "in_need", "open_share"),
    [(None, 100, 1), (10, None, 1), (25, 100, 0.75), (200, 100, 0), (0, 0, 0), (None, 0, 0), (0, 9, 1)],
)
def test_the_gap_is_open_while_nobody_knows_and_closed_where_nobody_is_in_need(reached, in_need, open_share):
    assert gap(reached, in_need) == open_share


@st.composite
def crises(draw):
    size = draw(st.integers(1, 12))
    areas = []
    for number in range(size):
        known = draw(st.integers(0, 30))
        unknown = draw(st.integers(0 if known else 1, 5))
        low = draw(st.integers(0, 5 * known))
        areas.append(
            Basis(
                f"A{number:02d}",
                known + unknown,
                low,
                draw(st.integers(low, 5 * known)),
                unknown,
                draw(st.none() | st.integers(0, 10**7)),
                draw(st.none() | st.integers(0, 10**6)),
                draw(st.none() | st.integers(0, 10**6)),
            )
        )
    return areas


@given(crises())
def test_every_factor_is_a_share_and_every_rank_lies_in_its_range(areas):
    found = rank(areas)
    assert [item.rank for item in found] == list(range(1, len(areas) + 1))
    for item in found:
        for factor in (item.damage, item.people):
            assert 0 <= factor.low <= factor.value <= factor.high <= 1
        assert 0 <= item.gap <= 1
        product = 100 * item.damage.value * item.people.value * item.gap * item.vulnerability
        assert item.total.value == pytest.approx(product)
        assert 1 <= item.best_rank <= item.rank <= item.worst_rank <= len(areas)


@given(crises(), st.data())
def test_more_damage_or_people_never_lowers_an_area(areas, data):
    place = data.draw(st.integers(0, len(areas) - 1))
    before = by_code(rank(areas))[areas[place].code]
    worse = areas[place]
    if data.draw(st.booleans()):
        worse = replace(
            worse,
            grades_low=worse.grades_low + 5,
            grades_high=worse.grades_high + 5,
            incidents=worse.incidents + 1,
        )
    elif worse.people is not None:
        worse = replace(worse, people=worse.people + 1000)
    after = by_code(rank([*areas[:place], worse, *areas[place + 1 :]]))[worse.code]
    assert after.rank <= before.rank or after.total.value == pytest.approx(before.total.value)


@given(crises(), st.data())
def test_reaching_more_people_never_raises_an_area(areas, data):
    place = data.draw(st.integers(0, len(areas) - 1))
    area = replace(areas[place], reached=areas[place].reached or 0, in_need=areas[place].in_need)
    areas[place] = area
    before = by_code(rank(areas))[area.code].total.value
    areas[place] = replace(area, reached=(area.reached or 0) + 100)
    assert by_code(rank(areas))[area.code].total.value <= before
