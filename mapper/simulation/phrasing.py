"""From meanings to texts, a hundred thousand at a time: tables of ready parts that are taken and joined.

Every sentence is written out once for each thing and each style; a text is then a handful of look-ups, done
by Arrow without a Python string being touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mapper.simulation.asides import ADVERTS, FORWARDED, OPENERS, TAILS
from mapper.simulation.chance import Flags, Numbers
from mapper.simulation.names import COUNT, SCRIPT_OF, SPELLINGS, spelled
from mapper.simulation.sentences import REPAIRED, SAID
from mapper.simulation.slips import PLAIN, ROMAN, STYLES, in_style
from mapper.simulation.voices import ASSETS, LANGUAGES, NOUNS, kind_of

SAYINGS = 7  # damage classes 0 to 5, and REPAIRED
HOUSES = 120  # house numbers in a street
SCRIPTS = np.array([SCRIPT_OF[language] for language in LANGUAGES])
HAS_ALPHABET = SCRIPTS > 0
_AGREEMENT = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")


@dataclass(frozen=True)
class Phrasebook:
    """Sentences as two parts around the place; `first` and `count` say where which are.

    The index is [language, asset, saying]; adverts are [language]. Each sentence has STYLES rows.
    """

    before: pa.Array
    after: pa.Array
    first: Numbers
    count: Numbers
    first_advert: Numbers


@dataclass(frozen=True)
class Wording:
    """How texts are worded, one number a text; indices into LANGUAGES, ASSETS and the tables of asides."""

    language: Numbers
    asset: Numbers
    saying: Numbers
    choice: Numbers  # which sentence: taken modulo their count
    style: Numbers
    opener: Numbers
    tail: Numbers
    is_forwarded: Flags
    is_advert: Flags


@cache
def phrasebook() -> Phrasebook:
    """Return every sentence in every style."""
    before: list[str] = []
    after: list[str] = []
    shape = (len(LANGUAGES), len(ASSETS), SAYINGS)
    first, count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for tongue, language in enumerate(LANGUAGES):
        for thing, asset in enumerate(ASSETS):
            for saying in range(SAYINGS):
                sentences = sentences_of(language, asset, saying)
                first[tongue, thing, saying], count[tongue, thing, saying] = len(before), len(sentences)
                _write_out(sentences, language, before, after)
    first_advert = np.zeros(len(LANGUAGES), dtype=np.int64)
    for tongue, language in enumerate(LANGUAGES):
        first_advert[tongue] = len(before)
        _write_out([advert + "{where}" for advert in ADVERTS[language]], language, before, after)
    return Phrasebook(pa.array(before), pa.array(after), first, count, first_advert)


def sentences_of(language: str, asset: str, saying: int) -> list[str]:
    """Return what is said of an asset at a damage class or when REPAIRED, with `{where}` left open."""
    by_damage = SAID[kind_of(asset)][language]
    told = max(grade for grade in by_damage if grade <= saying and (saying == REPAIRED or grade != REPAIRED))
    noun, gender = NOUNS[asset][language]
    return [
        _AGREEMENT.sub(lambda forms: forms.group(2 if gender == "f" else 1), sentence).replace("{what}", noun)
        for sentence in by_damage[told]
    ]


def _write_out(sentences: list[str], language: str, before: list[str], after: list[str]) -> None:
    for sentence in sentences:
        for style in range(STYLES):
            start, end = sentence.split("{where}")
            longer_first = len(start) >= len(end)
            other = style if style in (PLAIN, *range(ROMAN - 1, STYLES)) else PLAIN  # one slip is enough
            before.append(in_style(start, language, style if longer_first else other))
            after.append(in_style(end, language, other if longer_first else style))


def texts(wording: Wording, where: pa.Array) -> pa.Array:
    """Return what people write; adverts do not name the place."""
    book, styled = phrasebook(), wording.language * STYLES + wording.style
    of_advert = book.first_advert[wording.language] + wording.choice % len(ADVERTS["en"]) * STYLES
    at = (wording.language, wording.asset, wording.saying)
    of_damage = book.first[at] + wording.choice % book.count[at] * STYLES
    row = pa.array(np.where(wording.is_advert, of_advert, of_damage) + wording.style)
    return pc.binary_join_element_wise(
        _take(_forwarded(), styled * 2 + wording.is_forwarded),
        _take(_asides("opener"), styled * len(OPENERS["en"]) + wording.opener),
        book.before.take(row),
        pc.if_else(pa.array(wording.is_advert), "", where),
        book.after.take(row),
        _take(_asides("tail"), styled * len(TAILS["en"]) + wording.tail),
        "",
    )


def nouns(language: Numbers, asset: Numbers) -> pa.Array:
    """Return what people call things."""
    return _take(_nouns(), language * len(ASSETS) + asset)


def scripts(language: Numbers, style: Numbers) -> Numbers:
    """Return the script in which names are written: Latin when a text is."""
    return np.where(style == ROMAN, 0, SCRIPTS[language])


def spelled_names(name: Numbers, script: Numbers, variant: Numbers) -> pa.Array:
    """Return names as somebody spells them. `variant` 0 is right, up to VARIANTS - 1."""
    variants = _variant_counts()[script]
    return _take(spelled(), (_first_spelling()[script] + variant % variants) * COUNT + name % COUNT)


def addresses(streets: pa.Array, house: Numbers) -> pa.Array:
    """Return street and house number."""
    return pc.binary_join_element_wise(streets, _take(_houses(), house % HOUSES), " ")


def _take(table: pa.Array, index: Numbers) -> pa.Array:
    return table.take(pa.array(index))


@cache
def _asides(which: str) -> pa.Array:
    """Openers or tails by language and style; a tail brings its own full stop and space."""
    table = (
        OPENERS
        if which == "opener"
        else {
            language: tuple(f". {tail}" if tail else "" for tail in tails)
            for language, tails in TAILS.items()
        }
    )
    return pa.array(
        [
            in_style(text, language, style) if style in (ROMAN - 1, ROMAN) and text else text
            for language in LANGUAGES
            for style in range(STYLES)
            for text in table[language]
        ]
    )


@cache
def _forwarded() -> pa.Array:
    return pa.array(
        [text for language in LANGUAGES for _ in range(STYLES) for text in ("", FORWARDED[language])]
    )


@cache
def _nouns() -> pa.Array:
    return pa.array([NOUNS[asset][language][0] for language in LANGUAGES for asset in ASSETS])


@cache
def _houses() -> pa.Array:
    return pa.array([str(number + 1) for number in range(HOUSES)])


@cache
def _variant_counts() -> Numbers:
    return np.array([len(rules) for rules in SPELLINGS])


@cache
def _first_spelling() -> Numbers:
    counts = _variant_counts()
    return np.concatenate([[0], np.cumsum(counts)[:-1]])
