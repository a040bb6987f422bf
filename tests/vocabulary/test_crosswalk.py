"""Crosswalk and hints never say more than their source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.vocabulary.assets import ASSETS, hints_of
from mapper.vocabulary.crosswalk import CROSSWALK, POSSIBLE, SOURCES, to_interval
from mapper.vocabulary.damage import DamageInterval, hull, intersection
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.services import SERVICE_STATES

intervals = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda pair: DamageInterval(*sorted(pair)))


def test_each_scale_has_a_source_and_sound_intervals():
    assert set(SOURCES) == set(CROSSWALK)
    for classes in CROSSWALK.values():
        for graded in classes.values():
            assert (graded.low is None) == (graded.high is None)
            if graded.low is not None:
                DamageInterval(graded.low, graded.high)
            if graded.confidence == POSSIBLE:
                assert (graded.low, graded.high) == (0, 5)


@pytest.mark.parametrize(
    ("scale", "value", "interval"),
    [
        ("Copernicus", "Possibly damaged", (0, 5)),
        ("copernicus", "Not Analysed", (None, None)),
        ("UNOSAT", "4", (0, 5)),
        ("unosat", "11", (None, None)),
        ("EMS-98", "D3", (3, 3)),
        ("xBD", "major-damage", (3, 4)),
        ("atc20", "RED", (0, 5)),
        ("nobody's", "1", (None, None)),
        ("damage_grade", "0", (0, 0)),
        ("EMS_98", "grade 4", (4, 4)),
        ("Copernicus EMS", "Damaged", (2, 4)),
        ("CEMS", "No visible damage", (0, 1)),
        ("copernicus_2016", "Negligible to slight damage", (1, 1)),
        ("FEMA PDA", "Major damage", (3, 4)),
        ("ATC-20", "yellow", (1, 3)),
        ("sahana", "60–<100 %", (4, 4)),
        ("eVidnovlennia", "Капітальний ремонт", (2, 4)),
        ("microsoft", "0.37", (0, 5)),
        ("microsoft", "0.0", (0, 1)),
        ("microsoft", "37", (None, None)),
        ("microsoft", "nan", (None, None)),
    ],
)
def test_values_are_read_whatever_their_dress(scale, value, interval):
    graded = to_interval(scale, value)
    assert (graded.low, graded.high) == interval


def test_whatever_the_dress_of_a_class_its_interval_stays():
    for scale, classes in CROSSWALK.items():
        for value, graded in classes.items():
            for dressed in (value.upper(), f" {value} ", value.replace(" ", "_"), value.replace("-", " ")):
                assert to_interval(scale, dressed) == graded, (scale, dressed)


@given(st.text(), st.text())
def test_an_unknown_value_is_never_zero(scale, value):
    graded = to_interval(scale, value)
    assert graded.low is None or value.strip()


@given(st.lists(intervals, min_size=1))
def test_intersection_lies_in_each_and_hull_holds_each(found):
    shared, around = intersection(found), hull(found)
    for item in found:
        assert around.low <= item.low and item.high <= around.high
        if shared:
            assert item.low <= shared.low and shared.high <= item.high
    assert intersection([]) is None and hull([]) is None


@pytest.mark.parametrize(
    ("category", "sector", "asset"),
    [
        ("hospital", "health", "hospital"),
        ("School or childcare", "education", "school"),
        ("Residential", "housing", "dwelling"),
        ("Roads/Highways/Transport", "transport", "road"),
        ("Hôpital", "health", "hospital"),
        ("лікарня", "health", "hospital"),
        ("مستشفى", "health", "hospital"),
        ("Undefined", "unknown", None),
        ("", "unknown", None),
        ("power", "power", None),
    ],
)
def test_senders_words_find_sector_and_asset(category, sector, asset):
    hint = hints_of(category)
    assert (hint.sector, hint.asset) == (sector, asset)


def test_ushahidis_labels_tell_state_damage_and_needs():
    assert hints_of("2f. Sans courant | Power Outage, ").service_state == "out"
    assert hints_of("5a. Structure effondres | Collapsed structure").damage_low == 4
    hint = hints_of("1. Urgences | Emergency, 2b. Penurie d'eau | Water shortage, 2a. | Food Shortage, ")
    assert hint.sector == "water" and hint.needs == ("water", "food")


def test_tables_agree_with_each_other():
    for asset in ASSETS.values():
        assert asset.sector in SECTORS
        assert hints_of(asset.code).asset == asset.code
    assert set(SERVICE_STATES) == {"working", "partial", "out"}
