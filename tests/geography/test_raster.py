"""The grid over areas answers as the exact test does, for every point."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from mapper.geography import areas as module
from mapper.geography.areas import OUTSIDE, AreaIndex


def both(shapes, longitude, latitude):
    codes = [str(number).zfill(3) for number in range(len(shapes))]
    exact, quick = AreaIndex(codes, shapes), AreaIndex(codes, shapes)
    quick._raster = quick._rastered()
    tested = exact.locate(longitude, latitude)
    assert exact._raster is None
    return tested, quick.locate(longitude, latitude)


def assert_same(tested, quick):
    assert quick.areas.tolist() == tested.areas.tolist()
    assert quick.on_border.tolist() == tested.on_border.tolist()


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_it_agrees_with_the_exact_test(seed):
    """Overlapping circles, a ring with a hole, an island apart; points anywhere, on corners and borders."""
    rng = np.random.default_rng(seed)
    shapes = [shapely.Point(*rng.uniform(0, 4, 2)).buffer(rng.uniform(0.2, 1)) for _ in range(5)]
    shapes.append(shapely.Point(6, 6).buffer(1.5).difference(shapely.Point(6, 6).buffer(0.7)))
    shapes.append(shapely.union(shapely.box(8, 8, 9, 9), shapely.box(9.5, 8, 10, 9)))
    corners = shapely.get_coordinates(shapes)
    near = corners[rng.integers(0, len(corners), 300)] + rng.normal(0, 2e-5, (300, 2))
    points = np.concatenate(
        [rng.uniform(-2, 12, (1_000, 2)), corners[:300], near, [[np.nan, np.nan], [200, 0]]]
    )
    assert_same(*both(shapes, points[:, 0], points[:, 1]))


@pytest.mark.shared
@pytest.mark.parametrize("name", ["HTI_adm3", "UKR_adm1", "NPL_adm2", "TUR_adm1"])
def test_it_agrees_on_real_boundaries(shared, name):
    from mapper.files.features import read_features

    found = [feature.geometry for feature in read_features(shared / f"admin-boundaries/{name}.geojson")]
    west, south, east, north = shapely.total_bounds(found)
    rng = np.random.default_rng(1)
    corners = shapely.get_coordinates(found)
    near = corners[rng.integers(0, len(corners), 2_000)] + rng.normal(0, 1e-5, (2_000, 2))
    points = np.concatenate([rng.uniform((west, south), (east, north), (6_000, 2)), near])
    assert_same(*both(found, points[:, 0], points[:, 1]))


def test_a_grid_is_made_once_many_points_were_asked_for(monkeypatch):
    monkeypatch.setattr(module, "MANY", 10)
    index = AreaIndex(["A"], [shapely.box(0, 0, 1, 1)])
    index.locate([0.5] * 6, [0.5] * 6)
    assert index._raster is None
    assert index.locate([0.5, 3] * 3, [0.5] * 6).areas.tolist() == [0, OUTSIDE] * 3
    assert index._raster is not None


@pytest.mark.parametrize("shapes", [[], [shapely.box(1, 1, 1.00001, 1.00001)]])
def test_nothing_and_tiny_areas_need_no_grid(shapes):
    index = AreaIndex(["A"][: len(shapes)], shapes)
    assert index._rastered() is None
