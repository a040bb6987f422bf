"""Chance as a function: a draw follows from the seed, the draw's name and a number, and from nothing else.

No draw depends on the one before it, so any part of a story can be told alone, in any order and in portions
of any size, and it is always the same story. The bits are those of SplitMix64 with one key a draw: Steele,
Lea and Flood, "Fast splittable pseudorandom number generators", 2014, doi 10.1145/2660193.2660195.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Bits = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class Chance:
    """Draws of one story. `numbers` name what is drawn for: an incident, a report, a street."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def bits(self, draw: str, numbers: Numbers) -> Bits:
        """Return 64 bits for each number; different numbers never share them."""
        mixed = numbers.astype(np.uint64) * _STEP + _key(self._seed, draw)
        mixed ^= mixed >> np.uint64(30)
        mixed *= _FIRST
        mixed ^= mixed >> np.uint64(27)
        mixed *= _SECOND
        mixed ^= mixed >> np.uint64(31)
        return mixed

    def uniform(self, draw: str, numbers: Numbers) -> Floats:
        """Return numbers from 0 to just below 1."""
        return np.asarray((self.bits(draw, numbers) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)

    def below(self, draw: str, numbers: Numbers, most: int | Numbers) -> Numbers:
        """Return whole numbers from 0 to just below `most`."""
        return (self.uniform(draw, numbers) * most).astype(np.int64)

    def happens(self, draw: str, numbers: Numbers, share: float | Floats) -> Flags:
        """Return which of the numbers it befalls."""
        return np.asarray(self.uniform(draw, numbers) < share)

    def normal(self, draw: str, numbers: Numbers) -> Floats:
        """Return draws of the standard normal distribution (Box and Muller 1958)."""
        radius = np.sqrt(-2 * np.log1p(-self.uniform(draw, numbers)))
        return np.asarray(radius * np.cos(2 * np.pi * self.uniform(draw + " angle", numbers)))

    def choose(self, draw: str, numbers: Numbers, weights: Sequence[float] | Floats) -> Numbers:
        """Return indices into `weights`, the heavier the likelier."""
        reached = np.cumsum(weights, dtype=np.float64)
        return np.searchsorted(reached[:-1] / reached[-1], self.uniform(draw, numbers), side="right")


@lru_cache(maxsize=1024)
def _key(seed: int, draw: str) -> np.uint64:
    return np.uint64(
        int.from_bytes(hashlib.blake2b(f"{seed}|{draw}".encode(), digest_size=8).digest(), "big")
    )
