"""Candidates: which pairs are worth comparing, in flat memory, without comparing all with all.

Two reports meet when they lie within reach of each other and within a window of time. One without a
position meets those that share its place name, its link or its whole text. The store asks the same
questions of its blocking keys (`blocking.py`); `is_candidate` is the one rule of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mapper.fusion.features import RESTORED_HOURS, distances_m, gap_hours, hours_between
from mapper.fusion.traits import METRES_A_DEGREE, Codes, Indices, TraitTable
from mapper.fusion.words import Floats
from mapper.geography.positions import degrees_around

REACH_M = 1_000.0  # beyond both accuracies' sum
MOST_REACH_M = 2_500.0  # a wide position proves little however far it reaches
WINDOW_HOURS = 160.0  # a second strike a week later is another incident
COPY_WINDOW_HOURS = 720.0  # reposts come late: for one long text or link, where a time is only of receipt
LONG_TEXT = 80  # bits of a signature: about 45 letters; a shorter text may be the same by chance
RESTORED_REACH_M = 300.0  # from a damage to a later report that the service works again
MOST_CANDIDATES = 100  # kept of one report: the cap for hot spots
HOT_CROWD = 8.0  # where so many more texts than usual crowd a cell, what is not quite near proves nothing
HOT_REACH_M = 350.0
OTHER_SECTOR = 5.0  # counts like 500 m or 30 hours apart
PAIRS_AT_ONCE = 400_000

Block = tuple[Indices, Indices]  # rows, and the rows each of them may meet


def is_candidate(table: TraitTable, i: Indices, j: Indices) -> NDArray[np.bool_]:
    """Say for each pair of rows whether it is worth comparing."""
    hours = hours_between(table, i, j)
    metres = distances_m(table.lon[i], table.lat[i], table.lon[j], table.lat[j])
    reach = _reach_m(table, i, j)
    same_link = _shared(table.link, i, j)
    same_text = _shared(table.text, i, j)
    meets = metres <= reach
    unlocated = np.flatnonzero(np.isnan(metres))
    if len(unlocated):
        named = _shares_name(table, i[unlocated], j[unlocated])
        meets[unlocated] = same_link[unlocated] | same_text[unlocated] | named
    is_copy = same_link | (same_text & (table.word_counts[i] >= LONG_TEXT))
    is_copy &= ~(table.is_observed[i] & table.is_observed[j])
    gap = gap_hours(table, i, j)
    is_beside = (metres <= RESTORED_REACH_M) & _shared(table.sector, i, j)
    in_time = (hours <= WINDOW_HOURS) & ((gap <= WINDOW_HOURS) | (is_beside & (gap <= RESTORED_HOURS)))
    return np.asarray(meets & (in_time | (is_copy & (hours <= COPY_WINDOW_HOURS))))


def candidate_pairs(table: TraitTable) -> Iterator[tuple[Indices, Indices]]:
    """Yield the candidates among all rows in groups, the earlier row first; a pair may come twice.

    In a hot spot a row keeps its `MOST_CANDIDATES` most likely later partners.
    """
    longest = float(np.max(table.until - table.at, initial=0.0))
    for blocks, hours in (
        (_cell_blocks(table), WINDOW_HOURS),
        (_restored_blocks(table), RESTORED_HOURS),
        (_copy_blocks(table), COPY_WINDOW_HOURS),
        (_unlocated_blocks(table), WINDOW_HOURS),
    ):
        for rows, others in blocks:
            yield from _pairs(table, _by_time(table, rows), _by_time(table, others), hours + longest)


def strongest(table: TraitTable, i: Indices, j: Indices) -> tuple[Indices, Indices]:
    """Keep for each row of `i` its most likely partners: copies first, then near in space and time."""
    many = np.bincount(i, minlength=1) > MOST_CANDIDATES
    crowded = np.flatnonzero(many[i])
    if not len(crowded):
        return i, j
    order = crowded[np.lexsort((j[crowded], i[crowded]))]
    distance = _apart(table, i[order], j[order])
    keep = ~many[i]
    edges = np.flatnonzero(np.diff(i[order], prepend=-1, append=-1))
    for first, last in pairwise(edges.tolist()):
        keep[order[first:last]] = _nearest(distance[first:last])
    return i[keep], j[keep]


def _apart(table: TraitTable, i: Indices, j: Indices) -> Floats:
    """Say how unlikely partners are at first sight."""
    metres = distances_m(table.lon[i], table.lat[i], table.lon[j], table.lat[j])
    apart = np.nan_to_num(metres, nan=REACH_M) / 100.0 + hours_between(table, i, j) / 6.0
    apart[(table.sector[i] != table.sector[j]) & (table.sector[i] != 0) & (table.sector[j] != 0)] += (
        OTHER_SECTOR
    )
    apart[_shared(table.text, i, j)] = -1.0
    return np.asarray(apart)


def _nearest(apart: Floats) -> NDArray[np.bool_]:
    """Mark the least `MOST_CANDIDATES`; of equal ones the first."""
    limit = np.partition(apart, MOST_CANDIDATES - 1)[MOST_CANDIDATES - 1]
    kept = apart < limit
    kept[np.flatnonzero(apart == limit)[: MOST_CANDIDATES - int(kept.sum())]] = True
    return np.asarray(kept)


def _pairs(
    table: TraitTable, rows: Indices, others: Indices, hours: float
) -> Iterator[tuple[Indices, Indices]]:
    """Compare each row with the others from its own time on; both come sorted by time."""
    step = max(1, PAIRS_AT_ONCE // max(1, len(others)))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        first = np.searchsorted(table.at[others], table.at[some[0]], side="left")
        last = np.searchsorted(table.at[others], table.at[some[-1]] + hours, side="right")
        i, j = _near(table, some, others[first:last])
        later = (table.at[j] > table.at[i]) | ((table.at[j] == table.at[i]) & (j > i))
        yield _kept(table, i[later], j[later])


def pairs_of(table: TraitTable, rows: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Yield the candidates of some rows among all rows in groups: at most `MOST_CANDIDATES` of each."""
    everyone = np.arange(len(table))
    step = max(1, PAIRS_AT_ONCE // max(1, len(table)))
    for start in range(0, len(rows), step):
        i, j = _near(table, rows[start : start + step], everyone)
        yield _kept(table, i[i != j], j[i != j])


def _kept(table: TraitTable, i: Indices, j: Indices) -> tuple[Indices, Indices]:
    keep = is_candidate(table, i, j)
    return strongest(table, i[keep], j[keep])


def _near(table: TraitTable, rows: Indices, others: Indices) -> tuple[Indices, Indices]:
    """Pair rows with others, but for those that a look at the map rules out: this costs little a pair."""
    one, other = rows[:, np.newaxis], others[np.newaxis, :]
    reach = 1.01 * _reach_m(table, one, other) + 1.0  # what a degree counts for here is not exact
    lat = table.lat[others]
    north = np.abs(table.lat[one] - lat) * METRES_A_DEGREE
    turn = np.abs(table.lon[one] - table.lon[other])
    narrowest = np.cos(np.radians(np.maximum(np.abs(table.lat[one]), np.abs(lat))))
    east = np.minimum(turn, 360.0 - turn) * METRES_A_DEGREE * narrowest
    i, j = np.nonzero(~((north > reach) | (east > reach)))  # no position, no bar
    return rows[i], others[j]


def _reach_m(table: TraitTable, i: Indices, j: Indices) -> Floats:
    """Return how far from each other two reports may be."""
    reach = np.minimum(REACH_M + table.accuracy_m[i] + table.accuracy_m[j], MOST_REACH_M)
    is_hot = np.minimum(table.crowd[i], table.crowd[j]) >= HOT_CROWD
    return np.asarray(np.where(is_hot, HOT_REACH_M, reach))


def _cell_blocks(table: TraitTable) -> Iterator[Block]:
    """Rows by cells as wide as the longest reach, each with the rows of the nine cells around it."""
    cells = _cells(table, ~np.isnan(table.lon))
    for place, rows in cells.items():
        yield np.array(rows), _around(cells, place)


def _restored_blocks(table: TraitTable) -> Iterator[Block]:
    """Rows that say a service works again, with all rows around them."""
    restored = _cells(table, ~np.isnan(table.lon) & table.restores)
    if restored:
        cells = _cells(table, ~np.isnan(table.lon))
        for place, rows in restored.items():
            yield _around(cells, place), np.array(rows)


def _cells(table: TraitTable, chosen: NDArray[np.bool_]) -> dict[tuple[int, int], list[int]]:
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(chosen).tolist():
        cells[_cell(table.lon[row], table.lat[row])].append(row)
    return cells


def _around(cells: dict[tuple[int, int], list[int]], place: tuple[int, int]) -> Indices:
    column, line = place
    near = [cells.get((column + x, line + y), ()) for x in (-1, 0, 1) for y in (-1, 0, 1)]
    return np.concatenate([np.array(some, dtype=np.intp) for some in near])


def _cell(lon: float, lat: float) -> tuple[int, int]:
    """Number a cell; columns are counted at the equatorward edge of its band, so that none is too narrow."""
    height = degrees_around(0.0, MOST_REACH_M)[1]
    line = int(np.floor(lat / height))
    width = degrees_around((abs(line) + 2) * height, MOST_REACH_M)[0]
    return int(np.floor(lon / width)), line


def _copy_blocks(table: TraitTable) -> Iterator[Block]:
    long = np.where(table.word_counts >= LONG_TEXT, table.text, 0)
    for codes in (long, table.link):
        for rows in _alike(codes):
            yield rows, rows


def _unlocated_blocks(table: TraitTable) -> Iterator[Block]:
    unlocated = np.isnan(table.lon)
    for codes in (table.names, table.text):
        for rows in _alike(codes):
            missing = rows[unlocated[rows]]
            if len(missing):
                yield missing, rows
                yield rows[~unlocated[rows]], missing


def _alike(codes: Codes) -> Iterator[Indices]:
    """Yield the rows that share a code; a row has one code or several."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place in np.argwhere(codes):
        groups[int(codes[tuple(place)])].append(int(place[0]))
    for rows in groups.values():
        if len(rows) > 1:
            yield np.array(rows)


def _by_time(table: TraitTable, rows: Indices) -> Indices:
    return rows[np.lexsort((rows, table.at[rows]))]


def _shares_name(table: TraitTable, i: Indices, j: Indices) -> NDArray[np.bool_]:
    """Whether two place names have a word in common."""
    one, other = table.names[i][:, :, None], table.names[j][:, None, :]
    return np.asarray(((one == other) & (one != 0)).any(axis=(1, 2)))


def _shared(codes: Codes, i: Indices, j: Indices) -> NDArray[np.bool_]:
    return np.asarray((codes[i] == codes[j]) & (codes[i] != 0))
