"""What a decision carries: one pydantic model a kind, and one sentence a field for what it must be.

Fields that a kind does not know are ignored: nobody sets a status or a role by posting one.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from mapper.store.redaction import PARTS, Part
from mapper.verification.refusals import FieldError, Invalid
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.states import Kind
from mapper.vocabulary.text import N_

LONGEST_REASON = 4_000
DAY_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST_NOTE = 500
LARGEST_ACCURACY_M = 1_000_000.0  # beyond a country a position says nothing


def _no_truth_values(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a truth value is no number")
    return value


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _no_number(value: Any) -> Any:
    if (isinstance(value, str) and not DAY_FIRST.match(value)) or not isinstance(value, str | datetime):
        raise ValueError("a time is text, not a count of seconds")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first or last hours that a calendar of four digits can name
        raise ValueError("is too far from the present") from error


def _has_no_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("PostgreSQL keeps no NUL in a text")
    return text


def _check_interval(low: int | None, high: int | None) -> None:
    if (low is None) != (high is None) or (low is not None and high is not None and low > high):
        raise ValueError("interval")


def _is_asset(code: str) -> str:
    if code not in ASSETS:
        raise ValueError("no such asset")
    return code


def _sorted_once(items: list[Any]) -> list[Any]:
    return sorted(set(items))


Damage = Annotated[int, Field(strict=True, ge=0, le=5)]
Metres = Annotated[float, BeforeValidator(_no_truth_values), Field(strict=True, gt=0, le=LARGEST_ACCURACY_M)]
Degrees = Annotated[float, BeforeValidator(_no_truth_values), Field(strict=True)]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_REASON),
    AfterValidator(_has_no_nul),
]
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE),
    AfterValidator(_has_no_nul),
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_has_no_nul)]
SourceGrade = Literal["A", "B", "C", "D", "E", "F"]
Precision = Annotated[Literal[1, 2, 3], BeforeValidator(_no_truth_values)]
InformationGrade = Annotated[Literal["1", "2", "3", "4", "5", "6"], BeforeValidator(_as_text)]
ReportIds = Annotated[list[uuid.UUID], Field(min_length=1, max_length=10_000), AfterValidator(_sorted_once)]


class DecisionBody(BaseModel):
    """What every decision carries. Kinds without fields of their own carry nothing else."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    reason: Reason

    def content(self) -> dict[str, Any]:
        """Return the kind's own fields without the reason, normalised: equal orders are equal here."""
        return self.model_dump(mode="json", exclude={"reason"})


class _WithDamage(DecisionBody):
    damage_low: Damage | None
    damage_high: Damage | None

    @model_validator(mode="after")
    def _is_interval(self) -> Self:
        _check_interval(self.damage_low, self.damage_high)
        return self


class Verify(_WithDamage):
    """An assessment: the damage interval, Admiralty grades and how well the place is known.

    The rest may be left open. Precision of place and time are ACLED's codes: 1 exact, 2 near, 3 wide.
    """

    source_grade: SourceGrade
    information_grade: InformationGrade
    position_accuracy_m: Metres
    service_state: Literal["working", "partial", "out"] | None = None
    place_precision: Precision | None = None
    time_precision: Precision | None = None
    imagery: Literal[True] | None = None  # a picture from above or from before was compared
    weather: Note | None = None
    no_conflict: Literal[True] | None = None  # said that they have no stake in it
    own_organisation: Literal[True] | None = None  # said that their own organisation reported it
    supersedes: Annotated[int, Field(strict=True, ge=1)] | None = None  # number of one's own assessment

    def content(self) -> dict[str, Any]:
        """See DecisionBody; what was left open is absent."""
        every = super().content()
        required = ("damage_low", "damage_high")
        return {name: value for name, value in every.items() if name in required or value not in (None, "")}


class Override(DecisionBody):
    """Taken as true by one person in an emergency."""

    own_organisation: Literal[True] | None = None

    def content(self) -> dict[str, Any]:
        """See DecisionBody; what was left open is absent."""
        return {"own_organisation": True} if self.own_organisation else {}


class Regrade(_WithDamage):
    """Another damage interval."""


class Move(DecisionBody):
    """Another position (degrees, WGS 84) and its accuracy."""

    longitude: Annotated[Degrees, Field(ge=-180, le=180)]
    latitude: Annotated[Degrees, Field(ge=-90, le=90)]
    position_accuracy_m: Metres

    def content(self) -> dict[str, Any]:
        """See DecisionBody; degrees are rounded to what the store keeps, 1e-7."""
        both = {"longitude": round(self.longitude, 7), "latitude": round(self.latitude, 7)}
        return super().content() | both


class Merge(DecisionBody):
    """The incident that is the same damage, and stays."""

    into: uuid.UUID


class Split(DecisionBody):
    """The reports that speak of other damage."""

    reports: ReportIds


class ClaimBody(BaseModel):
    """What a report says of one place, in its own words and as a person reads them."""

    model_config = DecisionBody.model_config
    words: Words
    asset: Annotated[str, AfterValidator(_is_asset)] | None = None
    damage_low: Damage | None = None
    damage_high: Damage | None = None
    longitude: Annotated[Degrees, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    position_accuracy_m: Metres | None = None
    observed_at: Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_in_utc)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        _check_interval(self.damage_low, self.damage_high)
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("position")
        return self


class Divide(DecisionBody):
    """A report that tells of several places, and what it claims of each; the first stays in the incident."""

    report: uuid.UUID
    claims: Annotated[list[ClaimBody], Field(min_length=2, max_length=8)]


class Rejoin(DecisionBody):
    """A divided report that is to stand as a whole again."""

    report: uuid.UUID


class KeepApart(DecisionBody):
    """The incident that is other damage, though fusion holds that it may be the same."""

    other: uuid.UUID


class Repair(DecisionBody):
    """A service state, a time of repair, or both."""

    service_state: Literal["working", "partial", "out"] | None = None
    repaired_at: Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_in_utc)] | None = None

    def content(self) -> dict[str, Any]:
        """See DecisionBody; what was not said is absent, so that it changes nothing."""
        return {name: value for name, value in super().content().items() if value is not None}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.service_state is None and self.repaired_at is None:
            raise ValueError("repair")
        return self


class Redact(DecisionBody):
    """Which parts of which reports are withheld from every reader; all of them unless named."""

    reports: ReportIds | None = None
    parts: Annotated[list[Part], Field(min_length=1), AfterValidator(_sorted_once)] = Field(
        default_factory=lambda: list(PARTS)
    )


BODIES: Mapping[Kind, type[DecisionBody]] = {
    Kind.VERIFY: Verify,
    Kind.REGRADE: Regrade,
    Kind.MOVE: Move,
    Kind.MERGE: Merge,
    Kind.SPLIT: Split,
    Kind.DIVIDE: Divide,
    Kind.REJOIN: Rejoin,
    Kind.KEEP_APART: KeepApart,
    Kind.REPAIR: Repair,
    Kind.REDACT: Redact,
    Kind.OVERRIDE: Override,
}

WRONG_INPUT = N_("The decision is incomplete.")
_WRONG_INTERVAL = FieldError(
    "/damage_low",
    N_("Give both ends of the damage, the lower one first, or neither where it cannot be told."),
)
_EXPECTED: Mapping[str, str] = {
    "kind": N_("Choose one of the decisions that exist."),
    "reason": N_("Say in at most 4000 characters why you decide so."),
    "damage_low": N_("Give the least damage, a whole number from 0 to 5, or null where it cannot be told."),
    "damage_high": N_("Give the most damage, a whole number from 0 to 5, or null where it cannot be told."),
    "source_grade": N_("Grade the source from A (completely reliable) to F (cannot be judged)."),
    "information_grade": N_("Grade the information from 1 (confirmed) to 6 (cannot be judged)."),
    "position_accuracy_m": N_("Say how exact the position is, in metres, more than 0."),
    "longitude": N_("Give the longitude in degrees, from -180 to 180."),
    "latitude": N_("Give the latitude in degrees, from -90 to 90."),
    "into": N_("Give the id of the incident that is the same damage."),
    "other": N_("Give the id of the incident that is other damage."),
    "reports": N_("Give the ids of at least one report of this incident."),
    "report": N_("Give the id of one report of this incident."),
    "claims": N_(
        "Give two to eight claims: words of the report, both ends of the damage or neither, "
        "longitude and latitude or neither."
    ),
    "parts": N_("Give at least one of text, location_text, source_url, media."),
    "service_state": N_("Give working, partial or out."),
    "place_precision": N_("Give 1 (exact), 2 (near) or 3 (wide) for the place."),
    "time_precision": N_("Give 1 (the day), 2 (the week) or 3 (the month) for the time."),
    "imagery": N_("Say true where imagery was compared, or leave it out."),
    "weather": N_("Say in at most 500 characters what the weather tells."),
    "no_conflict": N_("Say true where you have no stake in it, or leave it out."),
    "own_organisation": N_("Say true where your own organisation reported it, or leave it out."),
    "supersedes": N_("Give the number of your own assessment that this one corrects."),
    "repaired_at": N_("Give a time with its offset, such as 2026-03-01T12:00:00Z."),
}
_REPAIR_EMPTY = FieldError("/service_state", N_("Say how the service works now, or when it was repaired."))
_WHOLE: Mapping[str, FieldError] = {"interval": _WRONG_INTERVAL, "repair": _REPAIR_EMPTY}


@dataclass(frozen=True)
class Order:
    """A decision as somebody asks for it, checked and normalised."""

    kind: Kind
    content: dict[str, Any]
    reason: str


def kind_of(word: object) -> Kind:
    """Return the kind of that name; raises Invalid."""
    try:
        return Kind(str(word))
    except ValueError:
        raise Invalid(WRONG_INPUT, [FieldError("/kind", _EXPECTED["kind"])]) from None


def read_order(kind: Kind, fields: Mapping[str, Any], reason: object) -> Order:
    """Return the order that the fields and the reason make; raises Invalid with every wrong field."""
    model = BODIES.get(kind, DecisionBody)
    try:
        body = model.model_validate({**fields, "reason": reason})
    except ValidationError as error:
        raise Invalid(WRONG_INPUT, _field_errors(error)) from error
    return Order(kind, body.content(), body.reason)


def ignored_fields(kind: Kind, fields: Mapping[str, Any]) -> list[str]:
    """Return the names of fields the kind does not know, for the log."""
    return sorted(set(fields) - set(BODIES.get(kind, DecisionBody).model_fields) - {"kind"})


def _field_errors(error: ValidationError) -> list[FieldError]:
    found: dict[str, FieldError] = {}
    for item in error.errors():
        name = str(item["loc"][0]) if item["loc"] else ""
        made = FieldError(f"/{name}", _EXPECTED[name]) if name else _whole(str(item["msg"]))
        found.setdefault(made.pointer, made)
    return list(found.values())


def _whole(message: str) -> FieldError:
    return _WHOLE[message.removeprefix("Value error, ")]
