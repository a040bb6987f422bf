"""Positions in the notations that people send them in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.geography.notation import read_position

PORT = (-72.335, 18.5425)  # longitude, latitude


@pytest.mark.parametrize(
    "text",
    [
        "18.5425, -72.335",
        "18.5425 -72.335",
        "18,5425; -72,335",
        "18,5425, -72,335",
        "18,5425 -72,335",
        "18.5425N 72.335W",
        "N 18.5425° W 72.335°",
        "72.335 W, 18.5425 N",
        "72.335 O, 18.5425 N",
        "18°32'33\"N 72°20'06\"W",
        "18° 32′ 33″ N, 72° 20′ 6″ W",
        "18 32 33 N 72 20 6 W",
        "18° 32.55' N 72° 20.1' W",
        "18.5425° nord, 72.335° ouest",
        "18.5425 norte 72.335 oeste",
        "18,5425° с.ш. 72,335° з.д.",
        "18.5425 пн. 72.335 зх.",
        "١٨٫٥٤٢٥ ش، ٧٢٫٣٣٥ غ",
        "+18.5425 −72.335",
        "18Q 781330 2052289",
    ],
)
def test_one_place_in_many_notations(text: str) -> None:
    found = read_position(text)
    assert found is not None
    assert (found.longitude, found.latitude) == pytest.approx(PORT, abs=1e-4)


def test_plus_code_is_the_middle_of_its_square() -> None:
    found = read_position("8FVC2222+22")
    assert found is not None
    assert (found.longitude, found.latitude) == pytest.approx((8.0000625, 47.0000625))


def test_mgrs_agrees_with_the_known_square() -> None:
    found = read_position("18SUJ2337106519")  # the Washington monument
    assert found is not None
    assert (found.longitude, found.latitude) == pytest.approx((-77.0352, 38.8895), abs=2e-3)


@pytest.mark.parametrize(
    "text", ["", "Jacmel", "12", "HT0111", "91, 200", "N 18 N 19", "18 75 0 N 72 0 0 W", "1 2 3"]
)
def test_what_is_no_position(text: str) -> None:
    assert read_position(text) is None


@given(st.floats(-89, 89), st.floats(-179, 179))
def test_decimal_degrees_come_back(latitude: float, longitude: float) -> None:
    found = read_position(f"{latitude:.6f}, {longitude:.6f}")
    assert found is not None
    assert (found.longitude, found.latitude) == pytest.approx((longitude, latitude), abs=1e-6)


@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read_position(text)
    assert found is None or (abs(found.latitude) <= 90 and abs(found.longitude) <= 180)
