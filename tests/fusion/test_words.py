"""Words: likeness of texts in any script."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapper.fusion.words import NO_WORDS, Words, normalised, similarity, words_of


def likeness(a: Words, b: Words) -> float:
    """Compare two texts as the tables do."""
    bits = [np.frombuffer(w.bits, dtype=np.uint64)[None] for w in (a, b)]
    counts = [np.array([float(w.count)]) for w in (a, b)]
    return float(similarity(bits[0], counts[0], bits[1], counts[1])[0])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Hospital hit, two injured!", "hospital HIT two injured"),
        ("تضرّر مستشفى المدينة", "تضرر مستشفي المدينه"),
        ("Škola č. ٤٢", "skola c 42"),
    ],
)
def test_spelling_of_the_same_words_does_not_count(a: str, b: str) -> None:
    assert words_of(a) == words_of(b)


def test_alike_texts_lie_between_equal_and_unrelated_ones() -> None:
    one = words_of("Residential building damaged by shelling in the centre")
    alike = words_of("Residential buildings in the centre hit by shelling, two injured")
    other = words_of("Bridge across the river is closed to lorries")
    assert likeness(one, other) < 0.15 < 0.5 < likeness(one, alike) < 1.0


def test_long_unrelated_texts_are_not_alike_by_their_length() -> None:
    random = np.random.default_rng(1)
    words = ["".join(chr(97 + n) for n in random.integers(0, 26, 6)) for _ in range(600)]
    assert likeness(words_of(" ".join(words[:300])), words_of(" ".join(words[300:]))) < 0.1


def test_nothing_is_like_nothing() -> None:
    assert likeness(NO_WORDS, NO_WORDS) == 0.0
    assert words_of("  ?! ") is NO_WORDS


@given(st.text(max_size=300))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_symmetric_and_between_0_and_1(a: str, b: str) -> None:
    first, second = words_of(a), words_of(b)
    assert 0.0 <= likeness(first, second) == likeness(second, first) <= 1.0
    assert likeness(first, first) == (1.0 if first.count else 0.0)
