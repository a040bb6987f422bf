"""Finding known words in what a stranger typed, whatever its case, accents and endings.

A phrase is words in a row, `power line`. A word that ends in `*` stands for every word that begins so; any
other also for its plural in -s or -es. Where several phrases fit, the longest says the most.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Meaning = TypeVar("Meaning")

# Letters that people write in two ways: Arabic alif, ta marbuta and alif maqsura; Turkish dotless i; the
# typographic apostrophes, one of which counts as a letter.
_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ı": "i", "ʼ": " ", "_": " "})
_ARTICLES = ("وال", "بال", "ال", "لل")  # the, with the words that are written together with it
_SHORTEST_WITHOUT_ARTICLE = 2


def fold(text: str) -> list[str]:
    """Return the words of a text: lower case, no accents, no Arabic article."""
    plain = text.translate(_SAME).casefold()  # before the accents go: they would take the hamza along
    spread = "".join(
        letter for letter in unicodedata.normalize("NFKD", plain) if unicodedata.category(letter) != "Mn"
    )
    return [_without_article(word) for word in re.findall(r"[^\W_]+", spread.translate(_SAME))]


@dataclass(frozen=True)
class _Phrase(Generic[Meaning]):
    words: tuple[tuple[str, bool], ...]  # and whether every ending fits
    meaning: Meaning
    weight: int

    def begins(self, words: list[str], at: int) -> bool:
        """Whether the phrase stands in the text at that word."""
        if at + len(self.words) > len(words):
            return False
        return all(
            _fits(word, stem, any_ending=any_ending)
            for word, (stem, any_ending) in zip(words[at:], self.words, strict=False)
        )


class Phrasebook(Generic[Meaning]):
    """Phrases with what they mean: for each meaning a text of phrases between commas."""

    def __init__(self, entries: Iterable[tuple[str, Meaning]]) -> None:
        self._by_letter: dict[str, list[_Phrase[Meaning]]] = {}
        for phrases, meaning in entries:
            for text in phrases.split(","):
                phrase = _phrase(text, meaning)
                self._by_letter.setdefault(phrase.words[0][0][0], []).append(phrase)

    def find(self, text: str) -> list[Meaning]:
        """Return the meanings that occur in a text, the longest phrase first."""
        words = fold(text)
        found = [
            phrase
            for at, word in enumerate(words)
            for phrase in self._by_letter.get(word[0], ())
            if phrase.begins(words, at)
        ]
        return [phrase.meaning for phrase in sorted(found, key=lambda phrase: -phrase.weight)]


def entries_of(table: Mapping[Meaning, str]) -> Iterable[tuple[str, Meaning]]:
    """Return a table of meaning to phrases as a phrasebook takes it."""
    return ((phrases, meaning) for meaning, phrases in table.items())


def _phrase(text: str, meaning: Meaning) -> _Phrase[Meaning]:
    words = []
    for part in text.split():
        folded = fold(part)
        words += [(word, False) for word in folded[:-1]]
        words.append((folded[-1], part.endswith("*")))
    return _Phrase(tuple(words), meaning, sum(len(word) for word, _ in words))


def _fits(word: str, stem: str, *, any_ending: bool) -> bool:
    if any_ending:
        return word.startswith(stem)
    return word in (stem, f"{stem}s", f"{stem}es")


def _without_article(word: str) -> str:
    for article in _ARTICLES:
        if word.startswith(article) and len(word) - len(article) >= _SHORTEST_WITHOUT_ARTICLE:
            return word[len(article) :]
    return word
