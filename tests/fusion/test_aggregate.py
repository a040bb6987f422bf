"""Aggregate: what an incident is, from what its reports say."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.fusion.aggregate import Witness, aggregate
from mapper.fusion.words import words_of
from mapper.vocabulary.damage import DamageInterval

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def told(number: int = 0, **says: Any) -> Witness:
    """A report received `number` hours after noon by a source of its own."""
    given = {"report": uuid.UUID(int=number), "received_at": NOON + timedelta(hours=number)}
    return Witness(**(given | {"source": f"report:{number}"} | says))


def test_nothing_told_is_unknown_and_never_zero() -> None:
    found = aggregate([told()])
    assert (found.damage_low, found.damage_high, found.damage_conflict) == (None, None, False)
    assert (found.people_affected_low, found.people_affected_high) == (None, None)
    assert (found.sector, found.asset, found.service_state, found.needs) == ("unknown", None, None, [])
    assert (found.lon_e7, found.cell_key, found.position_accuracy_m) == (None, None, None)
    assert found.happened_from == found.happened_to == NOON


def test_damage_intervals_intersect_or_conflict() -> None:
    wide, narrow, low = DamageInterval(1, 4), DamageInterval(3, 5), DamageInterval(0, 1)
    both = aggregate([told(0, damage=wide), told(1, damage=narrow), told(2)])
    assert (both.damage_low, both.damage_high, both.damage_conflict) == (3, 4, False)
    never = aggregate([told(0, damage=narrow), told(1, damage=low)])
    assert (never.damage_low, never.damage_high, never.damage_conflict) == (0, 5, True)


def test_the_newest_word_on_service_counts_by_what_was_seen() -> None:
    early = told(5, service_state="working", observed_at=NOON - timedelta(hours=9))
    late = told(1, service_state="out", observed_at=NOON)
    assert aggregate([early, late, told(9)]).service_state == "out"


def test_copies_are_one_origin_and_one_contact_is_one_source() -> None:
    reports = [
        told(0, text="t", source="contact:a"),
        told(1, text="t", photos=(0b1111,)),
        told(2, photos=(0b1110,), source="contact:a"),
        told(3, link=7),
        told(4, link=7),
        told(5),
    ]
    found = aggregate(reports)
    assert (found.reports, found.sources, found.origins) == (6, 5, 3)


def test_twenty_senders_of_one_photo_are_one_voice() -> None:
    many = [told(n, photos=(99,), sector="commerce", asset="shop") for n in range(20)]
    few = [told(n, sector="health", asset="hospital") for n in (30, 31)]
    found = aggregate(many + few)
    assert (found.sector, found.asset, found.origins) == ("health", "hospital", 3)


def test_the_better_position_weighs_more_and_disagreement_shows() -> None:
    good = told(0, position=(30.0, 50.0), accuracy_m=30.0)
    bad = told(1, position=(30.01, 50.0), accuracy_m=300.0)
    found = aggregate([good, bad])
    assert found.lon_e7 is not None
    assert 300_000_000 < found.lon_e7 < 300_002_000
    assert found.position_accuracy_m is not None
    assert 60 < found.position_accuracy_m < 100
    assert aggregate([good]).position_accuracy_m == 30.0


def test_the_date_line_is_no_wall() -> None:
    found = aggregate([told(0, position=(179.9999, -16.0)), told(1, position=(-179.9999, -16.0))])
    assert abs(abs(found.lon_e7 or 0) - 1_800_000_000) < 20
    assert (found.position_accuracy_m or 0) < 80


def test_an_incident_has_a_report() -> None:
    with pytest.raises(ValueError, match="at least one"):
        aggregate([])


witnesses = st.builds(
    told,
    st.integers(0, 50),
    text=st.sampled_from([None, "a", "b"]),
    link=st.sampled_from([0, 1]),
    photos=st.sampled_from([(), (1,), (2**40,)]),
    damage=st.sampled_from([None, DamageInterval(0, 2), DamageInterval(2, 5), DamageInterval(4, 4)]),
    people=st.sampled_from([None, 0, 5]),
    needs=st.sampled_from([(), ("water",), ("water", "shelter")]),
    service_state=st.sampled_from([None, "out", "working"]),
    sector=st.sampled_from(["unknown", "health", "housing"]),
    asset=st.sampled_from([None, "hospital", "dwelling"]),
    position=st.sampled_from([None, (30.0, 50.0), (30.001, 50.001)]),
    accuracy_m=st.sampled_from([30.0, 100.0]),
)


@given(
    st.lists(witnesses, min_size=1, max_size=8, unique_by=lambda t: t.report),
    st.randoms(use_true_random=False),
)
def test_the_order_does_not_matter_and_the_counts_are_in_order(
    reports: list[Witness], shuffler: random.Random
) -> None:
    found = aggregate(reports)
    shuffled = list(reports)
    shuffler.shuffle(shuffled)
    assert aggregate(shuffled) == found
    assert 1 <= found.origins <= found.reports == len(reports)
    assert 1 <= found.sources <= found.reports
    assert (found.damage_low is None) == all(t.damage is None for t in reports)


def test_near_copies_of_a_long_text_are_one_origin_and_short_ones_are_not() -> None:
    long = "The roof of the general hospital has fallen in and patients are lying in the yard without water"
    copies = [long, "RT: " + long, long.replace("yard", "yards") + "!", long.upper()]
    assert aggregate(told(n, words=words_of(text)) for n, text in enumerate(copies)).origins == 1
    apart = [
        long,
        "patients of the general hospital lie in the yard, the roof fell in, and there is no water at all",
    ]
    assert aggregate(told(n, words=words_of(text)) for n, text in enumerate(apart)).origins == 2
    short = ["hospital down", "hospital downs"]
    assert aggregate(told(n, words=words_of(text)) for n, text in enumerate(short)).origins == 2


def test_twenty_senders_of_one_photo_that_was_saved_anew_are_one_origin() -> None:
    photo = 0x9F3A_66C1_5D07_E2B8
    ring = [told(n, text=f"t{n}", source=f"contact:{n}", photos=(photo ^ (1 << n % 5),)) for n in range(20)]
    found = aggregate(ring)
    assert (found.reports, found.sources, found.origins) == (20, 20, 1)
