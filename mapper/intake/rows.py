"""From a row of a stranger's table to a draft; what cannot be kept is refused with its reason.

A column that carries the contract's own name, or that a person chose, is held to the contract: a wrong value
refuses the row. In a column that was only guessed a value that does not fit is left out and counted; the raw
row keeps it either way.
"""

from __future__ import annotations

import hashlib
import html
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from mapper.files.dates import parse_moment
from mapper.files.numbers import accuracy_of, parse_count, parse_number
from mapper.intake.drafts import NotAccepted, ReportDraft
from mapper.intake.places import UNUSABLE, Degrees, Position, degrees_of, is_given, place
from mapper.intake.schemas import FUTURE_TOLERANCE
from mapper.store.tables import Crisis
from mapper.vocabulary.services import SERVICE_STATES
from mapper.vocabulary.text import N_

LONGEST = {"text": 20_000, "location_text": 2_000, "category": 2_000, "contact": 500, "source_id": 200}
LONGEST |= {"damage_value": 200, "damage_scale": 32, "source_url": 2_000}
MOST_PEOPLE = 100_000_000
MOST_ACCURACY_M = 1_000_000
# What people and programs write into a cell to say that it holds nothing.
PLACEHOLDERS = {
    "", "n/a", "na", "n.a.", "nd", "n.d.", "s/d", "null", "none", "nil", "nan", "-", "--", "---", "–", "—",
    "?", "??", "???", "...", "…", "xx", "xxx", "tbd", "tba", "(blank)", "(null)", "<null>", "#n/a", "#ref!",
    "#value!", "#name?", "#div/0!", "#null!", "н/д", "немає", "sin datos", "sin dato", "لا يوجد", "yok",
}  # fmt: skip
CONSENTS = {"internal", "partner", "public"}
CHANNEL = re.compile(r"[A-Za-z0-9_.:-]{1,32}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?")


@dataclass(frozen=True)
class RowReader:
    """How one file's rows are read.

    `day_first` and `axes_swapped` hold for the whole file; `strict` are the fields held to the contract;
    `damage_scale` is the scale of a file that has grades and names none; `is_utc` says that
    its times without an offset are in UTC and not in the crisis' zone.
    """

    crisis: Crisis
    now: datetime
    import_id: uuid.UUID
    day_first: bool = True
    axes_swapped: bool = False
    strict: frozenset[str] = frozenset()
    damage_scale: str | None = None
    is_utc: bool = False

    def read(
        self,
        given: Mapping[str, str],
        raw: Mapping[str, Any],
        degrees: Degrees | None = None,
        has_geometry: bool = False,
    ) -> ReadRow:
        """Return the draft of a row and the fields that could not be read.

        `given` are its values by report field, `raw` the row as it came, `degrees` those of its geometry.
        Raises NotAccepted with the field as pointer.
        """
        values = {name: value for name, text in given.items() if (value := _clean(text)) is not None}
        if "position_accuracy_m" not in values and (metres := accuracy_of(values.get("position", ""))):
            values["position_accuracy_m"] = metres
        fields = Fields(values, self.strict)
        text = _text(values)
        position = self.position(values, degrees, has_geometry)
        if not (text or position.is_known or values.keys() & {"category", "location_text"}):
            raise NotAccepted([("", N_("the row says nothing: no text, category or place"))])
        identity = identity_of(raw)
        grade = fields.whole("damage_grade", 5)
        scale = values.get("damage_scale") or (self.damage_scale if "damage_value" in values else None)
        draft = ReportDraft(
            text=text,
            location_text=values.get("location_text"),
            source_url=fields.link(),
            contact=values.get("contact"),
            raw=dict(raw),
            observed_at=self._moment(fields, "observed_at"),
            observed_until=self._moment(fields, "observed_until"),
            channel=fields.fitting("channel", CHANNEL) or "import",
            source_id=values.get("source_id"),
            longitude=position.longitude,
            latitude=position.latitude,
            position_flag=position.flag,
            position_accuracy_m=fields.metres(),
            category=values.get("category"),
            damage_low=grade,
            damage_high=grade,
            damage_scale=scale,
            damage_value=values.get("damage_value"),
            service_state=fields.state(),
            needs=needs_in(values.get("needs", "")),
            people_affected=fields.whole("people_affected", MOST_PEOPLE),
            language=fields.fitting("language", LANGUAGE),
            consent=values["consent"] if values.get("consent") in CONSENTS else "none",
            idempotency_key=f"row:{identity}",
            content_hash=identity,
            import_id=self.import_id,
        )
        return ReadRow(draft, fields.unread)

    def position(self, values: Mapping[str, str], degrees: Degrees | None, has_geometry: bool) -> Position:
        """Return the geometry's position, else the columns'."""
        found = place(self.crisis, degrees, self.axes_swapped) if degrees else Position()
        if found.is_known or not (has_geometry or is_given(values)):
            return found
        by_columns = (
            place(self.crisis, degrees_of(values), self.axes_swapped) if is_given(values) else UNUSABLE
        )
        return by_columns if by_columns.is_known or found.flag is None else found

    @property
    def _zone(self) -> tzinfo:
        return UTC if self.is_utc else ZoneInfo(self.crisis.timezone)

    def _moment(self, fields: Fields, name: str) -> datetime | None:
        if name not in fields.values:
            return None
        moment = self.moment_of(fields.values[name])
        if moment is None:
            fields.unread.append(name)
        return moment

    def moment_of(self, text: str) -> datetime | None:
        """Return the moment that a cell names; None where it names none, or one that is to come."""
        moment = parse_moment(text, self._zone, self.day_first)
        return None if moment is None or moment > self.now + FUTURE_TOLERANCE else moment


@dataclass(frozen=True)
class ReadRow:
    """A row's draft, and the fields whose values say something that could not be read."""

    draft: ReportDraft
    unread: list[str]


@dataclass
class Fields:
    """A row's cleaned values by field, read one by one. `checked` says that their lengths were."""

    values: Mapping[str, str]
    strict: frozenset[str]
    unread: list[str] = field(default_factory=list)
    checked: bool = False

    def __post_init__(self) -> None:
        if self.checked:
            return
        for name, most in LONGEST.items():
            if len(self.values.get(name, "")) > most:
                raise NotAccepted([(name, f"is longer than {most} characters")])

    def whole(self, name: str, most: int) -> int | None:
        """Return a whole number from 0 to `most`."""
        if name not in self.values:
            return None
        count = parse_count(self.values[name])
        if count is None or count > most:
            self._refuse(name, f"is a whole number from 0 to {most}")
            return None
        return count

    def metres(self) -> float | None:
        """Return the position's accuracy; 0 says that the device knew none."""
        if "position_accuracy_m" not in self.values:
            return None
        number = parse_number(self.values["position_accuracy_m"].removesuffix("m"))
        if number is None or not 0 <= number <= MOST_ACCURACY_M:
            self._refuse("position_accuracy_m", N_("is a number of metres, 0 or more"))
            return None
        return number or None

    def state(self) -> str | None:
        """Return the service state."""
        state = self.values.get("service_state", "").casefold()
        if state and state not in SERVICE_STATES:
            self._refuse("service_state", "is one of " + ", ".join(SERVICE_STATES))
            return None
        return state or None

    def link(self) -> str | None:
        """Return the source's address; anything but http and https could run in a reader's browser."""
        address = self.values.get("source_url", "")
        if address and not address.casefold().startswith(("http://", "https://")):
            self._refuse("source_url", N_("starts with http:// or https://"))
            return None
        return address or None

    def fitting(self, name: str, form: re.Pattern[str]) -> str | None:
        """Return a value that has the form of a code."""
        value = self.values.get(name)
        if value is not None and not form.fullmatch(value):
            self.unread.append(name)
            return None
        return value

    def _refuse(self, name: str, detail: str) -> None:
        """Refuse the row in a strict field; leave the value out in any other."""
        if name in self.strict:
            raise NotAccepted([(name, detail)])
        self.unread.append(name)


def needs_in(text: str) -> tuple[str, ...]:
    """Return the needs that a cell lists."""
    return tuple(part.strip() for part in re.split(r"[;,|]", text) if part.strip())


def identity_of(raw: Mapping[str, Any]) -> str:
    """Return the hash by which a row is known again.

    The file's encoding, delimiter, order of columns, line endings and empty cells make no difference.
    """
    content = {name: _one_ending(value) for name, value in raw.items() if value not in ("", None)}
    canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def _one_ending(value: Any) -> Any:
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _clean(text: str) -> str | None:
    value = html.unescape(text).replace("\0", "").strip()
    return None if value.casefold() in PLACEHOLDERS else value


def _text(values: Mapping[str, str]) -> str:
    """Return title and text, the title first; a title that only repeats the text's beginning adds nothing."""
    title, text = values.get("title", ""), values.get("text", "")
    joined = text if text.startswith(title) else f"{title}\n{text}".strip()
    if len(joined) > LONGEST["text"]:
        raise NotAccepted([("text", f"is longer than {LONGEST['text']} characters")])
    return joined
