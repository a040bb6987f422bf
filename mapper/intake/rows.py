"""From a row of a stranger's table to a draft; what cannot be kept is refused with its reason."""

from __future__ import annotations

import hashlib
import html
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from mapper.files.columns import split_pair
from mapper.files.dates import parse_moment
from mapper.files.numbers import parse_degrees, parse_number
from mapper.intake.drafts import NotAccepted, ReportDraft
from mapper.store.tables import Crisis
from mapper.vocabulary.services import SERVICE_STATES

LONGEST_TEXT = 20_000
PLACEHOLDERS = {"", "n/a", "na", "null", "none", "-", "--", "?", "nan"}
CONSENTS = {"none", "internal", "partner", "public"}


@dataclass(frozen=True)
class Position:
    """Degrees as they are kept, or nothing and a flag that says why."""

    longitude: float | None = None
    latitude: float | None = None
    flag: str | None = None


@dataclass(frozen=True)
class RowReader:
    """How one file's rows are read: whose crisis, which order of day and month, whether axes are swapped."""

    crisis: Crisis
    day_first: bool
    axes_swapped: bool
    import_id: uuid.UUID

    def draft(
        self, fields: Mapping[str, str], raw: Mapping[str, Any], position: Position | None = None
    ) -> ReportDraft:
        """Return the draft of a row. `fields` are its values by report field, `raw` the row as it came.

        Raises NotAccepted with the field as pointer.
        """
        values = {field: value for field, text in fields.items() if (value := _clean(text)) is not None}
        text = _text(values)
        place = position or self._position(values)
        if not (text or values.get("category") or place.longitude is not None or values.get("location_text")):
            raise NotAccepted([("", "the row says nothing: no text, category or place")])
        low = _grade(values)
        identity = hashlib.sha256(
            orjson.dumps(raw, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        ).hexdigest()
        return ReportDraft(
            text=text,
            location_text=values.get("location_text"),
            source_url=_link(values),
            contact=values.get("contact"),
            raw=dict(raw),
            observed_at=self._moment(values.get("observed_at")),
            channel="import",
            longitude=place.longitude,
            latitude=place.latitude,
            position_flag=place.flag,
            position_accuracy_m=_positive(values, "position_accuracy_m"),
            category=values.get("category"),
            damage_low=low,
            damage_high=low,
            damage_scale=values.get("damage_scale"),
            damage_value=values.get("damage_value"),
            service_state=_service(values),
            needs=tuple(part.strip() for part in re.split(r"[;,|]", values.get("needs", "")) if part.strip()),
            people_affected=_whole(values, "people_affected"),
            language=_language(values),
            consent=values["consent"] if values.get("consent") in CONSENTS else "none",
            idempotency_key=f"row:{identity}",
            content_hash=identity,
            import_id=self.import_id,
        )

    def place(self, longitude: float, latitude: float) -> Position:
        """Return a position in degrees as it is kept: axes put right where the crisis' box tells."""
        if self.axes_swapped:
            longitude, latitude = latitude, longitude
        if abs(longitude) <= 180 and abs(latitude) <= 90 and (self._inside(longitude, latitude)):
            return Position(longitude, latitude, "swapped" if self.axes_swapped else None)
        if abs(latitude) <= 180 and abs(longitude) <= 90 and self._inside(latitude, longitude):
            return Position(latitude, longitude, "swapped")
        if abs(longitude) <= 180 and abs(latitude) <= 90:
            return Position(longitude, latitude)
        return Position(flag="unusable")

    def _position(self, values: Mapping[str, str]) -> Position:
        if pair := split_pair(values.get("position", "")):
            return self.place(pair[1], pair[0])  # geopoints put the latitude first
        longitude, latitude = (parse_degrees(values.get(name, "")) for name in ("longitude", "latitude"))
        if longitude is not None and latitude is not None:
            return self.place(longitude, latitude)
        given = any(values.get(name) for name in ("longitude", "latitude", "position"))
        return Position(flag="unusable" if given else None)

    def _inside(self, longitude: float, latitude: float) -> bool:
        crisis = self.crisis
        return crisis.west <= longitude <= crisis.east and crisis.south <= latitude <= crisis.north

    def _moment(self, text: str | None) -> Any:
        moment = parse_moment(text, ZoneInfo(self.crisis.timezone), self.day_first) if text else None
        return moment.astimezone(UTC) if moment else None


def _clean(text: str) -> str | None:
    value = html.unescape(text).replace("\0", "").strip()
    return None if value.casefold() in PLACEHOLDERS else value


def _text(values: Mapping[str, str]) -> str:
    parts = [values[name] for name in ("title", "text") if name in values]
    if len(parts) == 2 and parts[1].startswith(parts[0]):
        parts = parts[1:]
    text = "\n".join(parts)
    if len(text) > LONGEST_TEXT:
        raise NotAccepted([("text", f"is longer than {LONGEST_TEXT} characters")])
    return text


def _grade(values: Mapping[str, str]) -> int | None:
    if "damage_grade" not in values:
        return None
    number = parse_number(values["damage_grade"])
    if number is None or number != int(number) or not 0 <= number <= 5:
        raise NotAccepted([("damage_grade", "is a whole number from 0 to 5")])
    return int(number)


def _service(values: Mapping[str, str]) -> str | None:
    state = values.get("service_state", "").casefold()
    if state and state not in SERVICE_STATES:
        raise NotAccepted([("service_state", "is one of " + ", ".join(SERVICE_STATES))])
    return state or None


def _whole(values: Mapping[str, str], field: str) -> int | None:
    if field not in values:
        return None
    number = parse_number(values[field])
    if number is None or not 0 <= number <= 100_000_000:
        raise NotAccepted([(field, "is a number of people, 0 or more")])
    return int(number)


def _positive(values: Mapping[str, str], field: str) -> float | None:
    number = parse_number(values.get(field, ""))
    return number if number is not None and 0 < number <= 1_000_000 else None


def _language(values: Mapping[str, str]) -> str | None:
    code = values.get("language", "")
    return code if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", code) else None


def _link(values: Mapping[str, str]) -> str | None:
    link = values.get("source_url", "")
    return link if link.casefold().startswith(("http://", "https://")) else None
