"""A base with what changed since shows the same as the rows written anew: tiles, figures, list, all of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mapper.geography.cells import cell_xy
from mapper.maps import tiles
from mapper.maps.listing import newest_incidents, one_incident
from mapper.maps.summary import incident_bars, incident_summary
from mapper.maps.tiles import Tile, incident_tile
from mapper.publication.bitmaps import Index
from mapper.publication.deltas import gone_from, merged, with_delta
from mapper.publication.selection import Selection
from mapper.store.snapshot_format import INTERNAL

from tests.maps.rows import LAST, SECTORS, STATUSES, incident_rows

NUMBER = 400
ZONE = "America/Port-au-Prince"

selections = st.builds(
    Selection,
    bbox=st.none() | st.just((-73.0, 17.5, -71.0, 19.0)),
    sectors=st.frozensets(st.sampled_from([*SECTORS, "culture"]), max_size=2),
    statuses=st.frozensets(st.sampled_from(STATUSES), max_size=2),
    areas=st.frozensets(st.sampled_from(["HT03", "HT0401", "HT0901"]), max_size=2),
    min_grade=st.none() | st.integers(0, 4),
    since=st.none() | st.integers(0, 300).map(lambda hours: LAST - timedelta(hours=hours)),
)
numbers = st.frozensets(st.integers(0, NUMBER - 1), max_size=60)


def by_id(rows: pa.Table) -> pa.Table:
    """Return rows with their order of id, as a snapshot has it."""
    order = pc.sort_indices(rows["id"]).cast(pa.int32())
    return rows.set_column(INTERNAL.get_field_index("by_id"), INTERNAL.field("by_id"), order).combine_chunks()


def scattered(count: int, seed: int, **columns: Any) -> pa.Table:
    random = np.random.default_rng(seed)
    longitude = np.where(random.random(count) < 0.05, np.nan, random.uniform(-75, -70, count))
    latitude = np.where(np.isnan(longitude), np.nan, random.uniform(17, 20, count))
    return by_id(incident_rows(longitude, latitude, seed, **columns))


BASE = scattered(NUMBER, 1)


def changed(seed: int, moved: frozenset[int], deleted: frozenset[int], added: int) -> tuple[Index, pa.Table]:
    """Return a base with a delta, and the same rows written anew.

    Those `moved` get another place and other values throughout; ids stay.
    """
    ids = BASE["id"].to_pylist()
    kept = [ids[row] for row in sorted(moved - deleted)]
    fresh = [f"{number:08x}-0000-4000-8000-{seed:012x}" for number in range(0, added << 28, 1 << 28)]
    delta = scattered(len(kept) + added, seed + 2, id=[*kept, *fresh])
    touched = pa.array([ids[row] for row in sorted(moved | deleted)] + fresh, pa.string())
    index = with_delta(Index.of(BASE), gone_from(BASE, touched), delta)
    standing = BASE.filter(pc.invert(pc.is_in(BASE["id"], touched)))
    anew = pa.concat_tables([standing, delta]).unify_dictionaries().combine_chunks()
    return index, by_id(anew.sort_by([("cell_key", "ascending")]).combine_chunks())


cases = st.builds(changed, st.integers(0, 999), numbers, numbers, st.integers(0, 12))


def decoded(data: bytes) -> dict[str, list[str]]:
    layers = mapbox_vector_tile.decode(data) if data else {}
    return {name: sorted(map(repr, map(plain, layer["features"]))) for name, layer in layers.items()}


def plain(feature: dict[str, Any]) -> Any:
    return sorted(feature["properties"].items()), feature["geometry"]["coordinates"]


def tiles_around(rows: pa.Table, zoom: int) -> list[Tile]:
    x, y = (axis >> (31 - zoom) for axis in cell_xy(rows["cell_key"].to_numpy()[-5:]))
    return [Tile(zoom, *place) for place in set(zip(x.tolist(), y.tolist(), strict=True))]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(cases, selections, st.integers(0, 12), st.sampled_from([0, 10_000]))
def test_tiles_are_those_of_rows_written_anew(
    case: tuple[Index, pa.Table], selection: Selection, zoom: int, most: int
) -> None:
    index, anew = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "FAR_POINTS_AT_MOST", most)
        patch.setattr(tiles, "POINTS_AT_MOST", most)
        for tile in tiles_around(anew, zoom):
            wanted = decoded(incident_tile(Index.of(anew), selection, tile))
            assert decoded(incident_tile(index, selection, tile)) == wanted


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(cases, selections, st.sampled_from([None, 1, 2, 3]))
def test_figures_are_those_of_rows_written_anew(
    case: tuple[Index, pa.Table], selection: Selection, level: int | None
) -> None:
    index, anew = case
    assert incident_summary(index, selection, level) == incident_summary(Index.of(anew), selection, level)
    assert incident_bars(index, selection, ZONE) == incident_bars(Index.of(anew), selection, ZONE)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(cases)
def test_merging_gives_the_rows_written_anew(case: tuple[Index, pa.Table]) -> None:
    index, anew = case
    table = merged(index)
    assert table.schema == INTERNAL
    assert all(column.num_chunks <= 1 for column in table.columns)
    assert table["cell_key"].to_pylist() == anew["cell_key"].to_pylist()
    assert in_order_of_id(table) == in_order_of_id(anew)


def in_order_of_id(table: pa.Table) -> list[dict[str, Any]]:
    return table.take(table["by_id"]).drop_columns(["by_id"]).to_pylist()


@pytest.mark.parametrize("seed", range(4))
def test_the_list_is_that_of_rows_written_anew(app: Flask, seed: int) -> None:
    index, anew = changed(seed, frozenset(range(0, 90, 2)), frozenset(range(1, 90, 8)), 7)
    with app.test_request_context():
        found, wanted = newest_incidents(index, Selection()), newest_incidents(Index.of(anew), Selection())
        assert found.count == wanted.count
        moments = [[row["first_reported_at"] for row in listed.rows] for listed in (found, wanted)]
        assert moments[0] == moments[1]
        for incident_id in [*BASE["id"].to_pylist(), *anew["id"].to_pylist()]:
            assert one_incident(index, incident_id) == one_incident(Index.of(anew), incident_id)


def test_thousands_of_tiles_at_once_are_each_its_own() -> None:
    index, anew = changed(5, frozenset(range(0, 200, 3)), frozenset(range(1, 200, 7)), 9)
    wanted = Index.of(anew)
    chosen = [Selection(), Selection(sectors=frozenset({"health"})), Selection(min_grade=3)]
    asked = [(s, tile) for s in chosen for zoom in (0, 3, 5, 7, 9) for tile in tiles_around(anew, zoom)]
    expected = [decoded(incident_tile(wanted, *each)) for each in asked]
    bodies = [incident_tile(index, *each) for each in asked]
    assert [decoded(body) for body in bodies] == expected

    def is_its_own(number: int) -> bool:
        at = number % len(asked)
        return incident_tile(index, *asked[at]) == bodies[at]

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(is_its_own, range(3000)))
