"""Who says what of an incident: every report as a function of its number.

A report's number is its incident's times MOST_REPORTS plus its place among the incident's reports. What a
repost repeats is found by number too, so that no report need be kept to tell another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mapper.simulation.chance import Chance, Flags, Floats, Numbers
from mapper.simulation.rhythm import HOUR
from mapper.simulation.sources import LONGEST_DELAY_HOURS, SOURCES
from mapper.simulation.truth import Incidents, Truth
from mapper.simulation.world import moved

MOST_REPORTS = 1_024
REPOST_SHARE = 0.12  # of the later reports: somebody passes on what another said
REPOST_DEPTH = 4  # reposts of reposts that are followed back
MEDIAN_REPOST_HOURS = 5.0
REPAIR_TOLD_SHARE = 0.6  # of the repairs are reported
MEDIAN_FLOOD_MINUTES, MEAN_FLOOD = 90.0, 18
RECYCLED_SHARE = 0.05  # of the photos are of something else
MODELS = ("measured", "rounded", "town", "named")
ROUNDED, TOWN, NAMED = 1, 2, 3
TOWN_ACCURACY_M = 2_500.0
DISPERSION = 2.0  # of the negative binomial number of reports: a few incidents are told of by very many


@dataclass(frozen=True)
class Tellings:
    """Reports by column, one row each; positions in degrees and NaN where none is given."""

    number: Numbers
    incident: Incidents
    said: Numbers  # seconds since the start
    first_hand: Numbers  # the number of the report whose words these are: its own, or the reposted one's
    source: Numbers  # index into SOURCES
    teller: Numbers  # the source whose words these are, likewise
    model: Numbers  # how the place is given: index into MODELS
    longitude: Floats
    latitude: Floats
    accuracy_m: Floats  # NaN: not given
    is_repair: Flags
    is_repost: Flags
    is_spam: Flags
    photo: Numbers  # the number of the picture, -1 for none
    is_recycled: Flags

    def __len__(self) -> int:
        return len(self.number)


class Tellers:
    """All who report in one story. `mean` is how many reports an incident has on average."""

    def __init__(
        self, truth: Truth, chance: Chance, mean: float, box: tuple[float, float, float, float]
    ) -> None:
        self.truth, self.chance, self._box = truth, chance, box
        self._mean = mean

    def counts(self, numbers: Numbers) -> Numbers:
        """Return how many reports each incident or campaign has; the last may be of its repair."""
        return self._of_damage(numbers) + self._tells_repair(numbers)

    def said(self, reports: Numbers) -> Numbers:
        """Return when each report is sent, in seconds since the start."""
        return self._said(reports, self.first_hand(reports))

    def first_hand(self, reports: Numbers) -> Numbers:
        """Return the report whose words each one carries."""
        first = reports
        for _ in range(REPOST_DEPTH):
            place = first % MOST_REPORTS
            is_repost = self.chance.happens("repost", first, REPOST_SHARE) & (place > 0)
            is_repost &= first // MOST_REPORTS < self.truth.incidents
            is_repost &= place < self._of_damage(first // MOST_REPORTS)
            if not is_repost.any():
                break
            first = np.where(
                is_repost, first - place + self.chance.below("of", first, np.maximum(1, place)), first
            )
        return first

    def tell(self, reports: Numbers) -> Tellings:
        """Return everything about some reports but their words."""
        numbers = reports // MOST_REPORTS
        incident = self.truth.tell(numbers)
        first = self.first_hand(reports)
        source = self.chance.choose("source", reports, _column("share"))
        is_repost = first != reports
        model = np.where(is_repost | incident.is_advert, TOWN, _MODEL_OF[source])
        longitude, latitude, accuracy = self._placed(reports, incident, source, model)
        teller = self.chance.choose("source", first, _column("share"))
        photo, is_recycled = self._photos(first, incident, teller)
        return Tellings(
            number=reports,
            incident=incident,
            said=self._said(reports, first),
            first_hand=first,
            source=source,
            teller=teller,
            model=model,
            longitude=longitude,
            latitude=latitude,
            accuracy_m=accuracy,
            is_repair=self._is_repair(reports),
            is_repost=is_repost,
            is_spam=numbers >= self.truth.incidents,
            photo=photo,
            is_recycled=is_recycled,
        )

    @cached_property
    def _reached(self) -> Floats:
        """Chances of having at most 0, 1, 2 … reports after the first (negative binomial)."""
        mean = self._mean - 1
        miss = mean / (mean + DISPERSION)
        chance, chances = (1 - miss) ** DISPERSION, []
        for count in range(MOST_REPORTS // 2):
            chances.append(chance)
            chance *= miss * (count + DISPERSION) / (count + 1)
        return np.cumsum(chances)

    def _of_damage(self, numbers: Numbers) -> Numbers:
        more = np.searchsorted(self._reached, self.chance.uniform("reports", numbers), side="right")
        flood = 3 - np.log1p(-self.chance.uniform("reports", numbers)) * (MEAN_FLOOD - 3)
        own = 1 + np.minimum(more, MOST_REPORTS // 2)
        return np.where(
            numbers < self.truth.incidents, own, np.minimum(flood, MOST_REPORTS // 2).astype(np.int64)
        )

    def _tells_repair(self, numbers: Numbers) -> Flags:
        return self.chance.happens("tells repair", numbers, REPAIR_TOLD_SHARE) & (
            self.truth.repaired(numbers) >= 0
        )

    def _is_repair(self, reports: Numbers) -> Flags:
        return np.asarray(reports % MOST_REPORTS == self._of_damage(reports // MOST_REPORTS))

    def _said(self, reports: Numbers, first: Numbers) -> Numbers:
        """Own words come after what happened, a repost after what it repeats, and nothing after the end."""
        numbers = reports // MOST_REPORTS
        happened = self.truth.happened(numbers)
        since = np.where(
            self._is_repair(reports), np.maximum(self.truth.repaired(numbers), happened), happened
        )
        said = self._later(since, self._delay_s(first, numbers), "squeezed", first)
        lag = np.exp(1.1 * self.chance.normal("lag", reports)) * MEDIAN_REPOST_HOURS * HOUR
        reposted = self._later(said, np.minimum(lag, 96 * HOUR) + 60, "squeezed repost", reports)
        return np.where(first == reports, said, reposted)

    def _later(self, since: Numbers, delay_s: Floats, draw: str, reports: Numbers) -> Numbers:
        """Return moments after others; what would lie after the story's end lies somewhere before it."""
        room = np.maximum(0, self.truth.horizon_s - 1 - since)
        squeezed = room * self.chance.uniform(draw, reports)
        return since + np.where(delay_s <= room, delay_s, squeezed).astype(np.int64)

    def _delay_s(self, reports: Numbers, numbers: Numbers) -> Floats:
        source = self.chance.choose("source", reports, _column("share"))
        spread = np.exp(_column("spread")[source] * self.chance.normal("delay", reports))
        hours = np.minimum(_column("median_hours")[source] * spread, LONGEST_DELAY_HOURS)
        flood = -np.log1p(-self.chance.uniform("flood", reports)) * MEDIAN_FLOOD_MINUTES / 60 / np.log(2)
        return np.where(numbers < self.truth.incidents, hours, flood) * HOUR

    def _placed(
        self, reports: Numbers, incident: Incidents, source: Numbers, model: Numbers
    ) -> tuple[Floats, Floats, Floats]:
        """Return where a report says it was, never outside the crisis, and the accuracy it sends."""
        world, town = self.truth.world, incident.town
        error = _column("error_m")[source]
        east, north = (error * self.chance.normal(draw, reports) for draw in ("east", "north"))
        x, y = moved(incident.longitude, incident.latitude, east, north)
        west, south, most_east, most_north = self._box
        x = np.clip(_blurred(model, x, world.longitude[town]), west, most_east)
        y = np.clip(_blurred(model, y, world.latitude[town]), south, most_north)
        accuracy = np.where(model == TOWN, TOWN_ACCURACY_M, _column("accuracy_m")[source])
        return x, y, np.where(model == NAMED, np.nan, accuracy)

    def _photos(self, first: Numbers, incident: Incidents, teller: Numbers) -> tuple[Numbers, Flags]:
        """Return pictures: own ones, or some earlier incident's that is shown as if it were this one's."""
        has = self.chance.happens("photo", first, _column("photo")[teller]) & ~incident.is_advert
        other = self.chance.below(
            "other", first, np.maximum(1, np.minimum(incident.number, self.truth.incidents))
        )
        recycled = has & (incident.is_rumour | self.chance.happens("recycled", first, RECYCLED_SHARE))
        return np.where(has, np.where(recycled, other * MOST_REPORTS, first), -1), recycled


def _blurred(model: Numbers, degrees: Floats, of_town: Floats) -> Floats:
    """Return degrees as a source's model gives them; NaN where it names the place in words only."""
    ways = [np.round(of_town, 4), np.round(degrees, 2), np.full(len(degrees), np.nan)]
    return np.select([model == TOWN, model == ROUNDED, model == NAMED], ways, np.round(degrees, 6))


_NAMES = ("share", "error_m", "accuracy_m", "median_hours", "spread", "photo")
_COLUMNS = {
    name: np.array([getattr(source, name) for source in SOURCES], dtype=np.float64) for name in _NAMES
}
_MODEL_OF = np.array([MODELS.index(source.model) for source in SOURCES])


def _column(name: str) -> Floats:
    return _COLUMNS[name]
