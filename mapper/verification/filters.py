"""What a queue is narrowed to, as it stands in an address and in a saved view."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.states import State
from mapper.vocabulary.text import N_
from mapper.vocabulary.urgency import HIGHEST

# Who may still do something about it.
WHOSE: Mapping[str, str] = {
    "": N_("Open to me"),
    "mine": N_("Claimed by me"),
    "all": N_("All, also where I wait for others"),
}
FLAGS: Mapping[str, str] = {
    "new_reports": N_("New reports since it was verified"),
    "conflict": N_("Its reports disagree"),
    "one_origin": N_("One origin only"),
    "no_position": N_("Without a position"),
    "outside": N_("Outside every area"),
}
ORDERS: Mapping[str, str] = {"": N_("Most urgent first"), "oldest": N_("Oldest first")}
LONGEST_AREA = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Filters:
    """Empty: the states that wait, every sector and area, what is open to the reader, by urgency."""

    state: str = ""
    sector: str = ""
    area: str = ""
    flag: str = ""
    whose: str = ""
    order: str = ""

    def values(self) -> dict[str, str]:
        """Return what is not empty, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    def query(self) -> str:
        """Return them as the query of an address."""
        return urlencode(self.values())


@dataclass(frozen=True)
class Cursor:
    """The last incident of a page: the next page begins behind it."""

    rank: int
    first_reported_at: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        micros = (self.first_reported_at - _EPOCH) // timedelta(microseconds=1)
        return f"{self.rank}.{micros}.{self.id.hex}"


def read_filters(values: Mapping[str, str]) -> Filters:
    """Return filters from query values; what is no known code is left out."""
    return Filters(
        state=_known(values.get("state", ""), {item.value for item in State}),
        sector=_known(values.get("sector", ""), SECTORS),
        area=values.get("area", "").replace("\0", "").strip()[:LONGEST_AREA],
        flag=_known(values.get("flag", ""), FLAGS),
        whose=_known(values.get("whose", ""), WHOSE),
        order=_known(values.get("order", ""), ORDERS),
    )


def read_query(text: str) -> Filters:
    """Return the filters that a `Filters.query` holds."""
    return read_filters(dict(parse_qsl(text)))


def read_cursor(text: str) -> Cursor | None:
    """Return the cursor of that text; None, the queue's beginning, where it is none."""
    try:
        rank, micros, hexadecimal = text.split(".")
        moment = _EPOCH + timedelta(microseconds=int(micros))
        return Cursor(min(HIGHEST, max(0, int(rank))), moment, uuid.UUID(hexadecimal))
    except (ValueError, OverflowError):
        return None


def _known(value: str, codes: Mapping[str, object] | set[str]) -> str:
    return value if value in codes else ""
