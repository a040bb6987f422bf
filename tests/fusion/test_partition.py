"""Partition: what belongs together on small cases, traps, and independence of order."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapper.fusion.linkage import WEIGHTS, WeightsUnusable, read, shipped
from mapper.fusion.partition import partition
from mapper.fusion.traits import Traits
from mapper.fusion.words import code_of

from tests.fusion.making import report, unlocated

HIT = "Apartment block on the market square hit by a rocket, people under the rubble"
SAME_HIT = "Rocket hit the apartment block at the market square, rubble and people below"
SCHOOL = "Roof of the school burnt down during the night"


def named(reports: list[Traits]) -> set[frozenset[str]]:
    """The groups as sets of names."""
    return {frozenset(str(reports[row].report) for row in rows) for rows in partition(reports, shipped())}


def test_near_alike_and_at_once_is_one() -> None:
    reports = [report("a", HIT), report("b", SAME_HIT, 60, 20, 3), report("c", SCHOOL, 700, 500, 3, "school")]
    assert named(reports) == {frozenset("ab"), frozenset("c")}


def test_next_door_but_of_another_kind_stays_apart() -> None:
    assert len(named([report("a", HIT, category="dwelling"), report("b", SCHOOL, 200, 0, 5, "school")])) == 2


def test_a_second_strike_a_week_later_is_another_incident() -> None:
    seen = {"is_observed": True}
    assert len(named([report("a", HIT, **seen), report("b", HIT, 10, 0, 7 * 24, **seen)])) == 2
    assert len(named([report("a", "Hospital hit"), report("b", "Hospital hit", 10, 0, 7 * 24)])) == 2


def test_a_long_text_received_again_a_week_later_is_a_copy() -> None:
    assert len(named([report("a", HIT), report("b", HIT, 10, 0, 7 * 24)])) == 1


def test_without_a_position_words_and_place_must_be_strong() -> None:
    strong = [report("a", HIT, place="Northtown"), unlocated("b", HIT, 2, "Northtown")]
    weak = [report("a", HIT, place="Northtown"), unlocated("b", "something fell", 2, "Northtown")]
    assert len(named(strong)) == 1
    assert len(named(weak)) == 2


def test_a_shared_link_joins_what_words_in_two_languages_cannot() -> None:
    link = code_of("https://example.org/1")
    reports = [report("a", "Bridge down", link=link), report("b", "الجسر منهار", 400, 0, 5, link=link)]
    apart = [dataclasses.replace(r, link=0) for r in reports]
    assert (len(named(reports)), len(named(apart))) == (1, 2)


def nonsense(random_: random.Random, words: int = 8) -> str:
    """A text that shares nothing with others."""
    return " ".join("".join(random_.choices("abcdefghijklmnoprstuvz", k=6)) for _ in range(words))


def test_a_town_point_with_many_texts_does_not_collapse() -> None:
    random_ = random.Random(3)
    pile = [
        report(f"r{n}", nonsense(random_), hours=random_.uniform(0, 240), lon=-72.335, lat=18.539167)
        for n in range(140)
    ]
    sizes = sorted(map(len, partition(pile, shipped())))
    assert len(sizes) > 120
    assert sizes[-1] <= 3


def test_a_hot_spot_neither_collapses_nor_stalls() -> None:
    random_ = random.Random(5)
    texts = [nonsense(random_) for _ in range(300)]
    reports = []
    for n in range(3_000):
        which = random_.randrange(len(texts))
        place = random.Random(which)
        east, north = (
            place.uniform(0, 1000) + random_.gauss(0, 40),
            place.uniform(0, 1000) + random_.gauss(0, 40),
        )
        reports.append(
            report(f"r{n}", texts[which] + " " + nonsense(random_, 1), east, north, random_.uniform(0, 6))
        )
    sizes = sorted(map(len, partition(reports, shipped())))
    assert 250 <= len(sizes) <= 450
    assert sizes[-1] <= 40


@st.composite
def towns(draw: st.DrawFn) -> list[Traits]:
    """A handful of reports about a few buildings."""
    texts = [HIT, SAME_HIT, SCHOOL, "", "Smoke over the town"]
    return [
        report(
            f"r{n:02}",
            draw(st.sampled_from(texts)),
            draw(st.sampled_from([0.0, 80.0, 300.0, 900.0])) + n / 7,
            draw(st.sampled_from([0.0, 50.0])) + n / 9,
            draw(st.sampled_from([0.0, 5.0, 40.0, 120.0])) + n / 11,
            draw(st.sampled_from(["", "school", "dwelling"])),
        )
        for n in range(draw(st.integers(1, 12)))
    ]


@settings(max_examples=60)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(reports: list[Traits], shuffler: random.Random) -> None:
    shuffled = list(reports)
    shuffler.shuffle(shuffled)
    assert named(shuffled) == named(reports)


def test_weights_fit_the_features_and_pull_the_right_way(tmp_path: object) -> None:
    model = shipped()
    assert 0.5 <= model.threshold <= 0.9
    path = WEIGHTS.with_name("nowhere.json")
    assert not path.exists()
    broken = WEIGHTS.read_text(encoding="utf-8").replace('"blur"', '"blurred"')
    target = tmp_path / "weights.json"  # type: ignore[operator]
    target.write_text(broken, encoding="utf-8")
    with pytest.raises(WeightsUnusable, match="blur"):
        read(target)
    assert np.isfinite(model.weights).all()


def test_an_address_tells_more_than_a_town() -> None:
    def told(place: str) -> list[Traits]:
        return [
            report("a", "big cracks in the wall", category="dwelling", place="Northtown, Mill street 12"),
            report("b", "тріщини", 120, hours=60, category="dwelling", place=place),
        ]

    assert len(partition(told("Mill street 12, Northtown"), shipped())) == 1
    assert len(partition(told("Mill street 14, Northtown"), shipped())) == 2
