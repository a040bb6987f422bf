"""Points in areas: exact, whatever the order of loading, and with borders that do not quite meet."""

import random

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from mapper.geography.areas import BORDER_M, OUTSIDE, AreaIndex
from mapper.geography.positions import degrees_around

WEST, EAST = shapely.box(10, 40, 11, 41), shapely.box(11, 40, 12, 41)
METRE = degrees_around(40.5, 1.0)[0]


def codes(index, *longitudes):
    located = index.locate(longitudes, [40.5] * len(longitudes))
    names = [None if area == OUTSIDE else index.codes[area] for area in located.areas]
    return list(zip(names, located.on_border.tolist(), strict=True))


def test_a_border_point_gets_one_area_whatever_the_order():
    for index in (AreaIndex(["B", "A"], [WEST, EAST]), AreaIndex(["A", "B"], [EAST, WEST])):
        assert codes(index, 10.5, 11.0, 11.5, 12.5) == [
            ("B", False),
            ("A", True),
            ("A", False),
            (None, False),
        ]


def test_a_point_in_a_crack_belongs_to_the_nearest_area_and_is_flagged():
    parted = AreaIndex(["W", "E"], [WEST, shapely.box(11 + 2 * METRE, 40, 12, 41)])
    assert codes(parted, 11 + 0.5 * METRE, 11 + 1.5 * METRE) == [("W", True), ("E", True)]
    far = AreaIndex(["W"], [WEST])
    assert codes(far, 11 + 1.5 * METRE, 11 + 2.5 * BORDER_M * METRE) == [("W", True), (None, False)]


def test_no_points_and_no_areas_are_fine():
    assert AreaIndex(["W"], [WEST]).locate([], []).areas.tolist() == []
    assert codes(AreaIndex([], []), 10.5) == [(None, False)]


@given(st.integers(0, 10_000))
def test_it_agrees_with_asking_each_polygon(seed):
    rng = random.Random(seed)
    shapes = [
        shapely.Point(rng.uniform(0, 4), rng.uniform(0, 4)).buffer(rng.uniform(0.2, 1)) for _ in range(5)
    ]
    index = AreaIndex([str(number) for number in range(5)], shapes)
    longitude = np.array([rng.uniform(0, 4) for _ in range(20)])
    latitude = np.array([rng.uniform(0, 4) for _ in range(20)])
    for x, y, area in zip(longitude, latitude, index.locate(longitude, latitude).areas, strict=True):
        inside = [number for number, shape in enumerate(shapes) if shape.intersects(shapely.Point(x, y))]
        if inside:
            assert area == inside[0]
        elif area != OUTSIDE:
            assert shapes[area].distance(shapely.Point(x, y)) < degrees_around(y, BORDER_M)[0]
