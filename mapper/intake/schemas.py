"""What a report looks like when it arrives as JSON: a GeoJSON Feature (RFC 7946) with our properties."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StringConstraints,
    ValidationError,
    model_validator,
)

from mapper.intake.drafts import NotAccepted
from mapper.vocabulary.services import SERVICE_STATES

FUTURE_TOLERANCE = timedelta(hours=24)  # phones' clocks and zones are often wrong by hours
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)  # what is older is a slip, and stretches every time line
OWN_SCALE = "damage_grade"
DEEPEST = 100  # brackets within brackets in a payload; past 254 it could not be written out again
DAY_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")  # pydantic also reads a count of seconds
MARK = b"\xef\xbb\xbf"  # some senders begin their JSON with a byte order mark

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,32}$")]


def _is_link(address: str) -> str:
    if not address.lower().startswith(("http://", "https://")):
        raise ValueError("a link starts with http:// or https://")
    return address


def _is_service_state(code: str) -> str:
    if code not in SERVICE_STATES:
        raise ValueError("is one of " + ", ".join(SERVICE_STATES))
    return code


def _is_text_time(value: Any) -> Any:
    if not (isinstance(value, str) and DAY_FIRST.match(value)):
        raise ValueError("is a time such as 2026-03-01T12:00:00+01:00")
    return value


def _is_within_utc(moment: datetime) -> datetime:
    try:
        is_known = moment.astimezone(UTC) >= EARLIEST
    except OverflowError:  # the first or last hours that a calendar of four digits can name
        is_known = False
    if not is_known:
        raise ValueError("is too far from the present")
    return moment


def _is_on_earth(position: list[float]) -> list[float]:
    longitude, latitude = position[:2]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError("is longitude (-180 to 180) and latitude (-90 to 90), in this order")
    return position


def _nothing_is_none(needs: Any) -> Any:
    return [] if needs is None else needs


def _nothing_is_no_consent(consent: Any) -> Any:
    return "none" if consent is None else consent


Consent = Literal["none", "internal", "partner", "public"]
Moment = Annotated[AwareDatetime, BeforeValidator(_is_text_time), AfterValidator(_is_within_utc)]
Number = StrictFloat | StrictInt


class Properties(BaseModel):
    """The report properties of the contract; what else is sent is kept in the raw payload only."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    text: Text | None = None
    observed_at: Moment | None = None
    observed_until: Moment | None = None
    category: Word | None = None
    damage_grade: Annotated[StrictInt, Field(ge=0, le=5)] | None = None
    damage_scale: Annotated[str, StringConstraints(strip_whitespace=True, max_length=32)] | None = None
    damage_value: Annotated[str, StringConstraints(max_length=200)] | StrictInt | StrictFloat | None = None
    service_state: Annotated[str, AfterValidator(_is_service_state)] | None = None
    needs: Annotated[list[Word], BeforeValidator(_nothing_is_none)] = Field(
        default_factory=list, max_length=50
    )
    people_affected: Annotated[StrictInt, Field(ge=0, le=100_000_000)] | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None
    position_accuracy_m: Annotated[Number, Field(ge=0, le=1_000_000)] | None = None
    location_text: ShortText | None = None
    channel: Code | None = None
    source_id: Word | None = None
    source_url: Annotated[Word, AfterValidator(_is_link)] | None = None
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None
    consent: Annotated[Consent, BeforeValidator(_nothing_is_no_consent)] = "none"

    @model_validator(mode="after")
    def _times_are_in_order(self) -> Self:
        if self.observed_at and self.observed_until and self.observed_until < self.observed_at:
            raise ValueError("observed_until lies before observed_at")
        return self


class Point(BaseModel):
    """A GeoJSON Point: longitude, latitude and perhaps an altitude."""

    model_config = ConfigDict(allow_inf_nan=False)

    type: Literal["Point"]
    coordinates: Annotated[list[Number], Field(min_length=2, max_length=3), AfterValidator(_is_on_earth)]


class Feature(BaseModel):
    """A report as a GeoJSON Feature. `geometry` null means: the place is not known yet."""

    type: Literal["Feature"]
    geometry: Point | None
    properties: Properties


def read_feature(document: Any, now: datetime, media: int = 0) -> Feature:
    """Return the checked feature; raises NotAccepted naming each wrong field by its JSON pointer."""
    try:
        feature = Feature.model_validate(document)
    except ValidationError as error:
        raise NotAccepted(_errors(error)) from error
    _check(feature, now, media)
    return feature


def parse_json(body: bytes) -> Any:
    """Return parsed JSON; raises NotAccepted 400 for what is no JSON.

    NaN and Infinity pass as floats, so that the field that holds one is named later.
    """
    body = body.removeprefix(MARK)
    document = _parse(body)
    if body.count(b"[") + body.count(b"{") > DEEPEST and _is_deep(document):
        raise NotAccepted([("", f"the body nests more than {DEEPEST} levels deep")], status=400)
    return document


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            raise NotAccepted([("", f"the body is not JSON: {error}")], status=400) from error
        if _has_non_finite(document):
            return document
        raise NotAccepted([("", f"the body is not JSON that can be kept: {error}")], status=400) from error


def _is_deep(document: Any) -> bool:
    level = [document]
    for _ in range(DEEPEST):
        level = [item for outer in level for item in _held(outer) if isinstance(item, dict | list)]
        if not level:
            return False
    return True


def _held(outer: Any) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()


def _has_non_finite(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(_has_non_finite(item) for item in value.values())
    return isinstance(value, list) and any(_has_non_finite(item) for item in value)


def _check(feature: Feature, now: datetime, media: int) -> None:
    given = feature.properties
    for name, moment in (("observed_at", given.observed_at), ("observed_until", given.observed_until)):
        if moment and moment > now + FUTURE_TOLERANCE:
            raise NotAccepted([(f"/properties/{name}", "lies in the future")])
    if not (given.text or given.category or given.location_text or feature.geometry or media):
        raise NotAccepted([("/properties", "says nothing: give a text, a category, a position or a photo")])


def _errors(error: ValidationError) -> list[tuple[str, str]]:
    """One entry a place: where a field may be of several types, the first complaint is enough."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path = [part for part in item["loc"] if not _is_type_name(part)]
        pointer = "".join(f"/{part}" for part in path)
        found.setdefault(pointer, str(item["msg"]).removeprefix("Value error, "))
    return list(found.items())


def _is_type_name(part: Any) -> bool:
    """Whether pydantic put the name of a union's member into the path."""
    return isinstance(part, str) and ("[" in part or part in {"int", "float", "str", "constrained-str"})
