"""Clustering: average linkage without chains, whatever the order."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mapper.fusion.clustering import average_link, components

from tests.fusion.plain_linkage import plainly_average_linked


def square(size: int, pairs: dict[tuple[int, int], float]) -> np.ndarray:
    """A symmetric matrix from its upper half."""
    matrix = np.zeros((size, size))
    for (a, b), value in pairs.items():
        matrix[a, b] = matrix[b, a] = value
    return matrix


def test_a_chain_is_no_group() -> None:
    chain = square(4, {(0, 1): 0.9, (1, 2): 0.85, (2, 3): 0.9})
    assert average_link(chain, 0.6) == [[0, 1], [2, 3]]
    assert components(4, np.array([0, 1, 2]), np.array([1, 2, 3])) == [[0, 1, 2, 3]]


def test_what_people_put_together_stays_and_what_they_parted_never_meets() -> None:
    alike = square(4, {(a, b): 0.99 for a in range(4) for b in range(a)})
    assert average_link(alike, 0.6, [1, 2, None, None]) == [[0, 2, 3], [1]]
    unlike = np.zeros((3, 3))
    assert average_link(unlike, 0.6, [7, None, 7]) == [[0, 2], [1]]


def test_nothing_to_group() -> None:
    assert average_link(np.zeros((0, 0)), 0.5) == []
    assert average_link(np.zeros((1, 1)), 0.5) == [[0]]


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    """Symmetric matrices whose values and their means are all different: no tie, so one right answer."""
    size = draw(st.integers(1, 9))
    values = draw(st.permutations(range(size * (size - 1) // 2)))
    matrix = np.zeros((size, size))
    matrix[np.triu_indices(size, 1)] = [((1 + value) / (2 + len(values))) ** 1.37 for value in values]
    return matrix + matrix.T


@given(matrices(), st.floats(0.05, 0.95))
def test_equals_the_plain_way(matrix: np.ndarray, threshold: float) -> None:
    assert average_link(matrix, threshold) == plainly_average_linked(matrix, threshold)


@given(matrices(), st.floats(0.05, 0.95), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(matrix: np.ndarray, threshold: float, random: object) -> None:
    order = list(range(len(matrix)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = average_link(matrix[np.ix_(order, order)], threshold)
    assert sorted(sorted(order[row] for row in rows) for rows in shuffled) == average_link(matrix, threshold)
