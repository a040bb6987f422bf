"""Bitmaps answer every filter as the rows themselves do, for every range of rows, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapper.publication import bitmaps
from mapper.publication.bitmaps import Index, Range, count, counts, rows_of
from mapper.publication.conditions import parse_condition
from mapper.publication.selection import Selection, select_rows
from mapper.store import snapshots

from tests.maps.rows import LAST, SECTORS, STATUSES, incident_rows

NUMBER = 700


@pytest.fixture(scope="module")
def index() -> Index:
    random = np.random.default_rng(3)
    happened = [
        None if day > 45 else LAST - timedelta(days=int(day), seconds=int(day * 7) % 60)
        for day in random.exponential(20, NUMBER)
    ]
    ended = [
        None if moment is None or at % 3 == 0 else moment + timedelta(hours=at)
        for at, moment in enumerate(happened)
    ]
    return Index.of(
        incident_rows(
            random.uniform(-75, -70, NUMBER),
            random.uniform(17, 20, NUMBER),
            happened_from=happened,
            happened_to=ended,
        )
    )


moments = st.none() | st.integers(-80, 400).map(lambda hours: LAST - timedelta(hours=hours * 7))
selections = st.builds(
    Selection,
    bbox=st.none() | st.just((-73.0, 17.5, -71.0, 19.0)),
    sectors=st.frozensets(st.sampled_from([*SECTORS, "culture"]), max_size=3),
    statuses=st.frozensets(st.sampled_from([*STATUSES, "retracted"]), max_size=3),
    areas=st.frozensets(st.sampled_from(["HT03", "HT0401", "XX"]), max_size=2),
    min_grade=st.none() | st.integers(0, 5),
    since=moments,
    until=moments,
    clock=st.sampled_from(["happened", "reported", "verified"]),
    condition=st.none() | st.just(parse_condition("reports > 4")),
)


@settings(deadline=None, max_examples=150)
@given(selection=selections, ends=st.tuples(st.integers(0, NUMBER), st.integers(0, NUMBER)))
def test_bitmaps_choose_what_the_rows_say(index: Index, selection: Selection, ends: tuple[int, int]) -> None:
    among = Range(min(ends), max(ends))
    wanted = select_rows(index.rows.slice(among.first, among.last - among.first), selection) + among.first
    chosen = index.chosen(selection, among)
    assert rows_of(chosen, among).tolist() == wanted.tolist()
    assert count(chosen) == len(wanted)


@settings(deadline=None)
@given(selections, st.lists(st.integers(5, NUMBER - 5), min_size=2, max_size=30).map(sorted))
def test_counts_between_edges_are_those_of_the_rows(
    index: Index, selection: Selection, edges: list[int]
) -> None:
    among = Range(5, NUMBER - 5)
    chosen = index.chosen(selection, among)
    rows = rows_of(chosen, among)
    wanted = np.diff(np.searchsorted(rows, edges))
    assert counts(chosen, among, np.array(edges)).tolist() == wanted.tolist()


def test_an_end_of_a_range_is_exact_where_it_cuts_a_class(index: Index) -> None:
    """Every moment that occurs, and the microseconds beside it."""
    among = Range(0, NUMBER)
    starts = [moment for moment in index.rows["happened_from"].to_pylist() if moment]
    for moment in sorted(set(starts))[::7]:
        for beside in (-1, 0, 1):
            at = moment + timedelta(microseconds=beside)
            for selection in (Selection(until=at), Selection(since=at)):
                found = rows_of(index.chosen(selection, among), among).tolist()
                assert found == select_rows(index.rows, selection).tolist()


def test_few_classes_of_many_rows_are_still_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bitmaps, "CLASSES", 3)
    index = Index.of(incident_rows(np.linspace(10, 11, 200), np.linspace(50, 51, 200)))
    among = Range(0, 200)
    for hours in range(0, 900, 31):
        selection = Selection(since=LAST - timedelta(hours=hours), until=LAST - timedelta(hours=hours // 3))
        assert (
            rows_of(index.chosen(selection, among), among).tolist()
            == select_rows(index.rows, selection).tolist()
        )


def test_an_index_on_file_is_the_index(index: Index, tmp_path: Any) -> None:
    path = tmp_path / "index.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, bitmaps.SCHEMA) as writer:
        writer.write_table(bitmaps.built(index.rows))
    opened = Index.opened(index.rows, snapshots.map_file(path))
    assert opened.bitmaps.keys() == index.bitmaps.keys()
    for name, words in index.bitmaps.items():
        assert words.tolist() == opened.bitmaps[name].tolist(), name
        assert not opened.bitmaps[name].flags.writeable


def test_no_rows_have_no_bits() -> None:
    index = Index.of(incident_rows([], []))
    among = index.between(0, 2**62)
    assert rows_of(index.chosen(Selection(until=LAST, min_grade=3), among), among).tolist() == []


def test_many_threads_read_one_index(index: Index) -> None:
    def one(seed: int) -> bool:
        random = np.random.default_rng(seed)
        first, last = sorted(random.integers(0, NUMBER, 2).tolist())
        selection = Selection(
            sectors=frozenset({SECTORS[seed % 7]}),
            min_grade=seed % 4,
            until=LAST - timedelta(days=seed % 30),
        )
        among = Range(first, last)
        wanted = select_rows(index.rows.slice(first, last - first), selection) + first
        return rows_of(index.chosen(selection, among), among).tolist() == wanted.tolist()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(3000)))


def test_the_rows_are_a_table_of_one_piece() -> None:
    rows = pa.concat_tables([incident_rows([10.0], [50.0]), incident_rows([10.0], [50.0])])
    assert len(Index.of(rows).keys()) == 2
