"""The rules of a release hold for any history of incidents, withdrawals and changes of policy."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from mapper.publication.partition import Key, Partition
from mapper.publication.release import Candidate, Plan, ReleaseUnsafe, Rules, apply, plan
from mapper.store.snapshot_format import WHOLE_CRISIS

PARTITION = Partition(1, {"A1": 1, "A2": 1, "B1": 1, "A": 0, "B": 0}, {"A1": "A", "A2": "A", "B1": "B"})
WEEK = "2026-W07"
SECTORS = ("housing", "health", "water")
Rows = Mapping[Key, frozenset[uuid.UUID]]


@dataclass
class World:
    """Incidents and what was published of them so far."""

    partition: Partition = PARTITION
    rules: Rules = Rules(5)  # noqa: RUF009 - frozen
    cells: dict[uuid.UUID, tuple[str, str, str]] = field(default_factory=dict)
    verified: dict[uuid.UUID, Candidate] = field(default_factory=dict)
    rows: dict[Key, frozenset[uuid.UUID]] = field(default_factory=dict)
    waiting: Mapping[uuid.UUID, Key] = field(default_factory=dict)
    next_id: int = 0

    def add(self, number: int, area: str, sector: str = "housing", week: str = WEEK) -> list[uuid.UUID]:
        """Verify incidents, each at a place and by a source of its own."""
        new = []
        for _ in range(number):
            self.next_id += 1
            item = uuid.UUID(int=self.next_id)
            self.cells[item] = (area, sector, week)
            self.verified[item] = Candidate(item, (self.next_id / 100, 0.0), frozenset({str(item)}))
            new.append(item)
        return new

    def withdraw(self, items: Iterable[uuid.UUID]) -> None:
        """Have incidents retracted."""
        for item in items:
            del self.verified[item]

    def release(self) -> Plan:
        """Publish."""
        known = {item for members in self.rows.values() for item in members} | set(self.waiting)
        pool = {item: self.partition.keys(*self.cells[item]) for item in self.verified if item not in known}
        planned = plan(self.partition, self.rules, self.rows, self.waiting, self.verified, pool)
        self.rows = apply(self.rows, planned, self.rules)
        self.waiting = planned.waiting
        return planned

    def counts(self) -> dict[tuple[str, str], int]:
        """Return what the public sees, of one week."""
        return {(key.area, key.sector): len(members) for key, members in self.rows.items()}


def test_five_are_shown_and_four_are_not() -> None:
    world = World()
    world.add(4, "A1")
    assert not world.release().changes_rows
    world.add(1, "A1")
    world.release()
    assert world.counts() == {("A1", "housing"): 5}


def test_sectors_are_joined_before_areas_and_areas_before_everything() -> None:
    world = World()
    world.add(3, "A1", "housing")
    world.add(2, "A1", "health")
    world.add(3, "A2", "water")
    world.add(2, "A2", "water", "2026-W08")
    world.add(3, "B1", "water")
    world.release()
    assert world.counts() == {("A1", "multiple"): 5, (WHOLE_CRISIS, "water"): 6}
    assert not world.waiting


def test_a_remainder_absorbs_the_smallest_new_sibling() -> None:
    world = World()
    world.add(7, "A1")
    world.add(5, "A2")
    world.add(2, "B1")
    world.release()
    assert world.counts() == {("A1", "housing"): 7, (WHOLE_CRISIS, "housing"): 7}


def test_a_remainder_never_touches_an_earlier_row() -> None:
    world = World()
    world.add(5, "A1")
    world.release()
    world.add(4, "A2")
    assert not world.release().changes_rows
    assert world.counts() == {("A1", "housing"): 5}


def test_a_remainder_does_not_blur_a_large_row() -> None:
    world = World()
    world.add(100, "A1")
    world.add(1, "A2")
    world.release()
    assert world.counts() == {("A1", "housing"): 100}


def test_a_row_grows_by_batches_only() -> None:
    world = World()
    world.add(5, "A1")
    world.release()
    world.add(4, "A1")
    assert not world.release().changes_rows
    world.add(1, "A1")
    world.release()
    assert world.counts() == {("A1", "housing"): 10}


def test_a_withdrawal_dissolves_the_row_and_hides_how_many_there_were() -> None:
    for withdrawn in (1, 2, 3):
        world = World()
        items = world.add(12, "A1")
        world.release()
        world.withdraw(items[:withdrawn])
        world.release()
        assert world.counts() == {("A1", "multiple"): 7}  # the same for each number withdrawn
        assert len(world.waiting) == 5 - withdrawn


def test_what_was_held_back_returns_with_enough_new_ones() -> None:
    world = World()
    items = world.add(12, "A1")
    world.release()
    world.withdraw(items[:2])
    world.release()
    world.add(4, "A1")
    assert not world.release().changes_rows  # 3 that wait and 4 new ones would show a batch of 7
    world.add(1, "A1", "health")
    world.release()
    assert world.counts() == {("A1", "multiple"): 7 + 3 + 5}
    assert not world.waiting


def test_the_top_row_shrinks_by_a_whole_batch() -> None:
    world = World()
    items = world.add(4, WHOLE_CRISIS, "housing") + world.add(4, "A1", "health") + world.add(4, "B1", "water")
    world.release()
    assert world.counts() == {(WHOLE_CRISIS, "multiple"): 12}
    world.withdraw(items[:1])
    world.release()
    assert world.counts() == {(WHOLE_CRISIS, "multiple"): 7}


def test_five_in_one_building_are_not_five_places() -> None:
    world = World(rules=Rules(5, 3))
    for item in world.add(5, "A1"):
        world.verified[item] = Candidate(item, (2.0, 48.0), frozenset({str(item)}))
    assert not world.release().changes_rows
    world.add(2, "A1")
    world.release()
    assert world.counts() == {("A1", "housing"): 7}


def test_five_by_one_witness_are_not_five_sources() -> None:
    world = World(rules=Rules(5, 3))
    for item in world.add(5, "A1"):
        world.verified[item] = Candidate(item, world.verified[item].place, frozenset({"one"}))
    assert not world.release().changes_rows


def test_unknown_places_are_one_place_together() -> None:
    world = World(rules=Rules(5, 3))
    items = world.add(5, "A1")
    for item in items[:3]:
        world.verified[item] = Candidate(item, None, frozenset({str(item)}))
    world.release()
    assert world.counts() == {("A1", "housing"): 5}  # two known places and the unknown one


def test_a_higher_minimum_dissolves_what_is_too_small_now() -> None:
    world = World()
    world.add(5, "A1")
    world.add(5, "A1", "health")
    world.add(6, "A2")
    world.release()
    world.rules = Rules(10)
    world.release()
    assert world.counts() == {("A1", "multiple"): 10}
    assert len(world.waiting) == 6


def test_areas_that_are_no_longer_shown_dissolve_into_the_crisis() -> None:
    world = World()
    world.add(5, "A1")
    world.release()
    world.partition = Partition(0, {"A": 0, "B": 0})
    world.release()
    assert world.counts() == {(WHOLE_CRISIS, "housing"): 5}


def test_breaking_a_rule_publishes_nothing() -> None:
    key = Key("A1", 1, "housing", WEEK)
    items = tuple(uuid.UUID(int=n) for n in range(10))
    with pytest.raises(ReleaseUnsafe):
        apply({}, Plan(batches={key: items[:4]}), Rules(5))
    with pytest.raises(ReleaseUnsafe):
        apply({key: items[:6]}, Plan(dissolved=frozenset({key}), batches={key: items[:5]}), Rules(5))
    with pytest.raises(ReleaseUnsafe):
        apply({key: items[:5]}, Plan(batches={key: items[4:9]}), Rules(5))


class Releases(RuleBasedStateMachine):
    """Any order of verifying, withdrawing and publishing; the public compares all releases it ever saw."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(rules=Rules(4))
        self.seen: dict[Key, int] = {}
        self.is_added = self.is_withdrawn = False

    @rule(
        number=st.integers(1, 9),
        area=st.sampled_from(["A1", "A2", "B1", WHOLE_CRISIS]),
        sector=st.sampled_from(SECTORS),
        week=st.sampled_from([WEEK, "2026-W08"]),
    )
    def verify(self, number: int, area: str, sector: str, week: str) -> None:
        self.world.add(number, area, sector, week)
        self.is_added = True

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        if self.world.verified:
            some = st.sets(st.sampled_from(sorted(self.world.verified)), max_size=3)
            chosen = data.draw(some)
            self.world.withdraw(chosen)
            self.is_withdrawn = self.is_withdrawn or bool(chosen)

    @rule()
    def release(self) -> None:
        planned = self.world.release()
        now = {key: len(members) for key, members in self.world.rows.items()}
        for key in now.keys() | self.seen.keys():
            change = now.get(key, 0) - self.seen.get(key, 0)
            is_gone = key not in now
            assert is_gone or change == 0 or abs(change) >= 4, f"{key} changed by {change}"
            assert change >= 0 or is_gone or key.is_top, f"{key} shrank by itself"
        if not (self.is_added and self.is_withdrawn):  # else a sum holds two things that are seen apart
            for change in self.changes_of_sums(now):
                assert change == 0 or abs(change) >= 4
        if not self.is_added and not self.is_withdrawn:
            assert not planned.changes_rows
        self.seen, self.is_added, self.is_withdrawn = now, False, False

    def changes_of_sums(self, now: Mapping[Key, int]) -> Iterable[int]:
        """Return the change of each sum of all areas: by week, by week and sector, and of everything."""
        sums: dict[tuple[str, ...], int] = defaultdict(int)
        for sign, counts in ((1, now), (-1, self.seen)):
            for key, count in counts.items():
                for name in ((), (key.week,)):
                    sums[name] += sign * count
        return sums.values()

    @invariant()
    def every_row_is_large_enough(self) -> None:
        assert all(len(members) >= 4 for members in self.world.rows.values())

    @invariant()
    def every_incident_is_in_one_place(self) -> None:
        counted = [item for members in self.world.rows.values() for item in members]
        assert len(counted) == len(set(counted))
        assert not set(counted) & set(self.world.waiting)


TestReleases = Releases.TestCase
TestReleases.settings = settings(max_examples=100, stateful_step_count=25)


@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.sampled_from(["A1", "A2", "B1"]), st.sampled_from(SECTORS)),
        max_size=9,
    )
)
def test_what_is_large_enough_is_always_counted(groups: list[tuple[int, str, str]]) -> None:
    world = World()
    for number, area, sector in groups:
        world.add(number, area, sector)
    world.release()
    total = sum(number for number, _, _ in groups)
    counted = sum(len(members) for members in world.rows.values())
    assert total - counted < 5  # only a remainder below the minimum waits


@given(st.permutations(list(range(12))))
def test_the_order_of_incidents_does_not_matter(order: list[int]) -> None:
    items = [uuid.UUID(int=n + 1) for n in range(12)]
    places = [("A1", "housing")] * 5 + [("A2", "housing")] * 5 + [("B1", "health")] * 2
    pool = {items[n]: PARTITION.keys(*places[n], WEEK) for n in order}
    verified = {items[n]: Candidate(items[n], (n / 10, 0.0), frozenset({str(n)})) for n in order}
    expected = plan(PARTITION, Rules(5), {}, {}, verified, dict(sorted(pool.items())))
    assert plan(PARTITION, Rules(5), {}, {}, verified, pool) == expected
