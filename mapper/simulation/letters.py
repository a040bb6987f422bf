"""From what is told to what is sent: words, names, categories and contacts of many reports at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mapper.simulation.asides import TAIL_NEEDS
from mapper.simulation.chance import Bits, Chance, Flags, Floats, Numbers
from mapper.simulation.names import COUNT, VARIANTS
from mapper.simulation.phrasing import Wording, addresses, nouns, scripts, spelled_names, texts
from mapper.simulation.sentences import REPAIRED
from mapper.simulation.slips import STYLE_WEIGHTS
from mapper.simulation.sources import SOURCES
from mapper.simulation.telling import MOST_REPORTS, Tellings
from mapper.simulation.voices import ASSETS, LANGUAGES
from mapper.simulation.world import STREETS, World

FOREIGN_SHARE = 0.04  # relatives abroad, passers-by: reports in a language the crisis does not list
OPENER_WEIGHTS = (0.74, 0.10, 0.09, 0.07)
TAIL_WEIGHTS = (0.58, 0.06, 0.05, 0.03, 0.05, 0.03, 0.06, 0.06, 0.04, 0.04)
FORWARDED_SHARE = 0.4  # of the reposts say that they are
SPELLING_WEIGHTS = (0.72, 0.12, 0.09, 0.07)
PLACE_WEIGHTS = (0.55, 0.25, 0.20)  # address and town, only the town, nothing
OWN_WORD_SHARE, NO_CATEGORY_SHARE = 0.40, 0.06
GRADED_SHARE, COUNTED_SHARE, DATED_SHARE = 0.8, 0.5, 0.7
SAME_WRITER_SHARE = 0.15  # of the later reports are by whoever wrote first
MINUTE_S = 60


@dataclass(frozen=True)
class Letters:
    """Reports as they are sent, one row each; `told` holds what is behind them.

    Arrow arrays are strings, null where nothing is given; numbers are -1 where nothing is given.
    """

    told: Tellings
    report_id: pa.Array
    text: pa.Array
    location_text: pa.Array
    category: pa.Array
    language: pa.Array
    channel: pa.Array
    contact: pa.Array
    grade: Numbers
    service: Numbers  # index into truth.SERVICE; 0 where nothing is said
    people: Numbers
    observed: Numbers  # seconds since the start
    need: Numbers  # index into TAIL_NEEDS
    is_wrong_category: Flags

    def __len__(self) -> int:
        return len(self.told)


class Scribe:
    """Puts into words what is told; `spoken` are the crisis' languages."""

    def __init__(self, world: World, chance: Chance, spoken: Sequence[str]) -> None:
        self._world, self._chance = world, chance
        known = [language in spoken for language in LANGUAGES]
        shares = np.where(
            known, (1 - FOREIGN_SHARE) / max(1, sum(known)), FOREIGN_SHARE / max(1, known.count(False))
        )
        self._languages = shares if any(known) else np.eye(len(LANGUAGES))[0]

    def write(self, told: Tellings) -> Letters:
        """Return the reports as they are sent."""
        chance, first, incident = self._chance, told.first_hand, told.incident
        theme = np.where(told.is_spam, incident.number, first)  # a campaign says one thing in one language
        language = chance.choose("language", theme, self._languages)
        wrong = chance.uniform("damage off", first) < _column("wrong_damage")[told.teller]
        guess = np.clip(
            incident.damage + wrong * np.where(chance.happens("damage side", first, 0.5), 1, -1), 0, 5
        )
        wording = self._wording(told, theme, language, guess)
        script = scripts(language, wording.style)
        category, is_wrong = self._categories(told, language)
        return Letters(
            told=told,
            report_id=report_ids(chance, told.number),
            text=texts(wording, self._where(told, script)),
            location_text=self._locations(told, script),
            category=category,
            language=_languages().take(pa.array(language)),
            channel=_channels().take(pa.array(told.source)),
            contact=self._contacts(told),
            grade=self._grades(told, guess),
            service=np.where(told.is_repair, 1, np.where(told.is_repost | told.is_spam, 0, incident.service)),
            people=self._counted(told),
            observed=self._observed(told),
            need=np.where(incident.is_advert, 0, wording.tail),
            is_wrong_category=is_wrong,
        )

    def _wording(self, told: Tellings, theme: Numbers, language: Numbers, guess: Numbers) -> Wording:
        chance, first = self._chance, told.first_hand
        is_advert = told.incident.is_advert
        return Wording(
            language=language,
            asset=told.incident.asset,
            saying=np.where(told.is_repair, REPAIRED, guess),
            choice=(chance.bits("sentence", theme) >> np.uint64(8)).astype(np.int64),
            style=chance.choose("style", first, STYLE_WEIGHTS),
            opener=chance.choose("opener", first, OPENER_WEIGHTS),
            tail=np.where(told.is_repair | is_advert, 0, chance.choose("tail", first, TAIL_WEIGHTS)),
            is_forwarded=told.is_repost & chance.happens("forwarded", told.number, FORWARDED_SHARE),
            is_advert=is_advert,
        )

    def _where(self, told: Tellings, script: Numbers) -> pa.Array:
        """Return the address in the words of whoever wrote first."""
        return self._address(told, script, told.first_hand)

    def _address(self, told: Tellings, script: Numbers, writer: Numbers) -> pa.Array:
        street = told.incident.town * STREETS + told.incident.street
        name = self._chance.below("street name", street, COUNT)
        variant = self._chance.choose("spelling", writer, SPELLING_WEIGHTS[:VARIANTS])
        return addresses(spelled_names(name, script, variant), told.incident.house)

    def _locations(self, told: Tellings, script: Numbers) -> pa.Array:
        """Return what stands in the field for the place; whoever sends no position says more."""
        kind = self._chance.choose("place", told.number, PLACE_WEIGHTS)
        kind = np.where(told.is_repost & (kind == 0), 1, kind)
        kind = np.where(np.isnan(told.longitude) & (kind == 2), 0, kind)
        kind = np.where(told.incident.is_advert, 2, kind)
        variant = self._chance.choose("town spelling", told.number, SPELLING_WEIGHTS[:VARIANTS])
        town = spelled_names(self._world.name[told.incident.town], script, variant)
        full = pc.binary_join_element_wise(self._address(told, script, told.number), town, ", ")
        return pc.if_else(pa.array(kind == 2), None, pc.if_else(pa.array(kind == 0), full, town))

    def _categories(self, told: Tellings, language: Numbers) -> tuple[pa.Array, Flags]:
        chance, writer = self._chance, told.number
        wrong = chance.happens("wrong category", writer, _column("wrong_category")[told.source])
        other = (told.incident.asset + 1 + chance.below("other asset", writer, len(ASSETS) - 1)) % len(ASSETS)
        asset = np.where(wrong, other, told.incident.asset)
        own = pa.array(chance.happens("own word", writer, OWN_WORD_SHARE))
        word = pc.if_else(own, nouns(language, asset), _assets().take(pa.array(asset)))
        none = chance.happens("no category", writer, NO_CATEGORY_SHARE) | told.incident.is_advert
        return pc.if_else(pa.array(none), None, word), wrong & ~none

    def _contacts(self, told: Tellings) -> pa.Array:
        """Return telephone numbers under +999, which no country has."""
        number = told.number
        again = self._chance.happens("same writer", number, SAME_WRITER_SHARE)
        writer = np.where(again, number - number % MOST_REPORTS, number)
        source = np.where(again, self._chance.choose("source", writer, _column("share")), told.source)
        given = self._chance.happens("contact", writer, _column("contact")[source])
        digits = self._chance.below("telephone", writer, 90_000_000)
        high, low = pa.array(digits // 10_000), pa.array(digits % 10_000)
        calls = pc.binary_join_element_wise(_leading().take(high), _four_digits().take(low), "")
        return pc.if_else(pa.array(given), calls, None)

    def _grades(self, told: Tellings, guess: Numbers) -> Numbers:
        given = self._chance.happens("graded", told.number, GRADED_SHARE)
        given &= ~(told.is_repost | told.is_repair | told.incident.is_advert)
        return np.where(given, guess, -1)

    def _counted(self, told: Tellings) -> Numbers:
        given = self._chance.happens("counted", told.number, COUNTED_SHARE) & ~told.is_spam & ~told.is_repair
        near = np.round(told.incident.people * np.exp(0.25 * self._chance.normal("people", told.number)))
        return np.where(given & (told.incident.people > 0), np.maximum(1, near), -1).astype(np.int64)

    def _observed(self, told: Tellings) -> Numbers:
        """Return when the sender saw it happen, to the minute; of a repair and of spam nothing is said."""
        given = self._chance.happens("dated", told.number, DATED_SHARE)
        given &= ~(told.is_repost | told.is_repair | told.is_spam)
        return np.where(given, told.incident.happened // MINUTE_S * MINUTE_S, -1)


def report_ids(chance: Chance, numbers: Numbers) -> pa.Array:
    """Return R and 16 hexadecimal digits that tell nothing; different numbers, different ids."""
    bits: Bits = chance.bits("report id", numbers)
    parts = [
        _hexadecimal().take(pa.array((bits >> np.uint64(shift)) & np.uint64(0xFFFF)))
        for shift in (48, 32, 16, 0)
    ]
    return pc.binary_join_element_wise("R", *parts, "")


def _column(name: str) -> Floats:
    return np.array([getattr(source, name) for source in SOURCES], dtype=np.float64)


@cache
def _hexadecimal() -> pa.Array:
    return pa.array([f"{number:04x}" for number in range(0x10000)])


@cache
def _four_digits() -> pa.Array:
    return pa.array([f"{number:04d}" for number in range(10_000)])


@cache
def _leading() -> pa.Array:
    return pa.array([f"+999 {number + 1_000}" for number in range(9_000)])


@cache
def _languages() -> pa.Array:
    return pa.array(LANGUAGES)


@cache
def _channels() -> pa.Array:
    return pa.array([source.code for source in SOURCES])


@cache
def _assets() -> pa.Array:
    return pa.array(ASSETS)


NEEDS_TOLD = tuple((need,) if need else () for need in TAIL_NEEDS)
