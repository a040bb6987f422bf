"""Words: how much two texts of any script have in common, by their character n-grams.

A text becomes a signature: one bit for each hashed n-gram of 3 and 4 letters. Two signatures are
compared by the cosine of their sets, corrected for the bits that would meet by chance, so that long
texts do not look alike merely because they are long. No dictionary, no language, nothing learned.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

BITS = 4096
WORDS = BITS // 64
LONGEST = 4_000  # letters read; what follows adds little
NAMES = 4  # words of a place name by which another is found
SHORTEST_NAME = 3
SHORTEST_GRAM, LONGEST_GRAM = 3, 4

Floats = NDArray[np.float64]
Signatures = NDArray[np.uint64]  # one row of WORDS words a text


class _Letters(dict[int, str]):
    """What becomes of each letter, worked out when it first comes."""

    def __missing__(self, code: int) -> str:
        self[code] = kept = _kept(chr(code))
        return kept


_KEPT = _Letters()

# Letters that Arabic-script languages write in several ways, and the tatweel, which only stretches.
_LETTERS = str.maketrans({"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": None})


def normalised(text: str) -> str:
    """Return the text as lower-case words without marks, in one spelling of each letter and digit."""
    decomposed = unicodedata.normalize("NFKD", text[: 2 * LONGEST]).casefold().translate(_LETTERS)
    return " ".join(decomposed.translate(_KEPT).split())[:LONGEST]


def _kept(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] == "L":
        return letter
    if category[0] == "N":
        return str(unicodedata.digit(letter, letter))
    return "" if category in {"Mn", "Me", "Cf"} else " "


def code_of(text: str) -> int:
    """Return 63 bits that equal texts share; 0 for an empty one."""
    if not text:
        return 0
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1 or 1


@dataclass(frozen=True)
class Words:
    """A text as fusion sees it: its signature and a code that equal texts share (0 when empty)."""

    code: int
    bits: bytes = field(repr=False)  # BITS // 8 of them

    @cached_property
    def count(self) -> int:
        """How many bits are set."""
        return int.from_bytes(self.bits, "big").bit_count()


NO_WORDS = Words(0, bytes(BITS // 8))


def words_of(text: str | None) -> Words:
    """Return what is compared of a text."""
    plain = normalised(text or "")
    return Words(code_of(plain), _signature(plain)) if plain else NO_WORDS


def names_of(text: str | None) -> tuple[int, ...]:
    """Return the codes of the longest words of a place name, at most NAMES."""
    words = {word for word in normalised(text or "").split() if len(word) >= SHORTEST_NAME}
    return tuple(sorted(map(code_of, sorted(words, key=lambda word: (-len(word), word))[:NAMES])))


def numbers_of(text: str | None) -> int:
    """Return a code of the numbers in a place name, which make it an address; 0 where it has none."""
    return code_of(" ".join(sorted(word for word in normalised(text or "").split() if word.isdigit())))


def similarity(a: Signatures, counts_a: Floats, b: Signatures, counts_b: Floats) -> Floats:
    """Return for each row how alike two texts are: 0 no more than by chance, 1 the same n-grams."""
    shared = np.bitwise_count(a & b).sum(axis=-1, dtype=np.int64).astype(np.float64)
    by_chance = counts_a * counts_b / BITS
    most = np.sqrt(counts_a * counts_b)
    room = np.maximum(most - by_chance, 1e-9)
    return np.asarray(np.clip((shared - by_chance) / room, 0.0, 1.0) * (most > 0))


def likeness(one: Words, other: Words) -> float:
    """Return how alike two texts are, as `similarity` does for many."""
    a, b = (np.frombuffer(words.bits, dtype=np.uint64).reshape(1, WORDS) for words in (one, other))
    return float(similarity(a, np.array([float(one.count)]), b, np.array([float(other.count)]))[0])


def _signature(plain: str) -> bytes:
    letters = np.frombuffer(f" {plain} ".encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    bits = np.zeros(BITS, dtype=bool)
    for length in range(SHORTEST_GRAM, LONGEST_GRAM + 1):
        bits[_hashes(letters, length)] = True
    return np.packbits(bits).tobytes()


def _hashes(letters: Signatures, length: int) -> NDArray[np.intp]:
    """Hash every run of `length` letters (FNV-1a's step, then a multiply to spread the high bits)."""
    positions = len(letters) - length + 1
    hashed = np.full(max(positions, 0), 0xCBF29CE484222325 + length, dtype=np.uint64)
    for offset in range(length):
        hashed = (hashed ^ letters[offset : offset + len(hashed)]) * np.uint64(0x100000001B3)
    return ((hashed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(52)).astype(np.intp)
