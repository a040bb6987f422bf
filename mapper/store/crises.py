"""Crises: adding and changing one, with the rules its policy must keep."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from mapper.store import ledger
from mapper.store.lookup import Lookup
from mapper.store.tables import Crisis

CONFLICT_EMBARGO_HOURS = 72
SHORTEST_CONFLICT_EMBARGO_HOURS = 24
DEFAULT_MINIMUM_COUNT = 5
LOWEST_CONFLICT_MINIMUM_COUNT = 2
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class CrisisError(Exception):
    """A crisis cannot be added or set so; the message says which option and why."""


def _is_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name} is no time zone of the IANA list, such as Europe/Kyiv") from error
    return name


def _is_slug(slug: str) -> str:
    if not SLUG.fullmatch(slug):
        raise ValueError("a slug has lower-case letters, digits and inner hyphens, at most 64")
    return slug


def _is_language(code: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", code):
        raise ValueError(f"{code!r} is no language code such as en or pt-BR")
    return code


class CrisisDraft(BaseModel):
    """A crisis as an operator describes it. `bbox` is west, south, east, north in degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: Annotated[str, AfterValidator(_is_slug)]
    name: str = Field(min_length=1, max_length=200)
    bbox: tuple[float, float, float, float]
    timezone: Annotated[str, AfterValidator(_is_timezone)]
    languages: list[Annotated[str, AfterValidator(_is_language)]] = Field(min_length=1)
    mode: Literal["conflict", "hazard"]
    embargo_hours: int | None = Field(None, ge=0, le=24 * 366)
    minimum_count: int = Field(DEFAULT_MINIMUM_COUNT, ge=1, le=1000)
    public_level: int = Field(1, ge=0, le=4)

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        west, south, east, north = self.bbox
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(
                "bbox is west,south,east,north in degrees, west below east and south below north"
            )
        if self.mode == "conflict":
            if self.embargo < SHORTEST_CONFLICT_EMBARGO_HOURS:
                raise ValueError(
                    f"in conflict mode the embargo is at least {SHORTEST_CONFLICT_EMBARGO_HOURS} hours: "
                    "a fresher map helps an attacker aim"
                )
            if self.minimum_count < LOWEST_CONFLICT_MINIMUM_COUNT:
                raise ValueError(
                    f"in conflict mode the minimum count is at least {LOWEST_CONFLICT_MINIMUM_COUNT}: "
                    "a count of one is one building"
                )
        return self

    @property
    def embargo(self) -> int:
        """The embargo in hours, the mode's own where none was given."""
        if self.embargo_hours is not None:
            return self.embargo_hours
        return CONFLICT_EMBARGO_HOURS if self.mode == "conflict" else 0


def draft_of(**fields: Any) -> CrisisDraft:
    """Return a checked draft; raises CrisisError with one sentence for each wrong field."""
    try:
        return CrisisDraft(**fields)
    except ValidationError as error:
        raise CrisisError("; ".join(_sentence(item) for item in error.errors())) from error


_BY_SLUG = Lookup(select(*Crisis.__table__.c).where(Crisis.slug == bindparam("slug")))
_READ: dict[str, tuple[tuple[Any, ...], Crisis]] = {}  # slug -> its row as last read, and the copy


def add_crisis(session: Session, draft: CrisisDraft, at: datetime, *, is_demo: bool = False) -> Crisis:
    """Add a crisis; raises CrisisError where the slug is taken."""
    if crisis_by_slug(session, draft.slug) is not None:
        raise CrisisError(f"there is already a crisis {draft.slug}")
    crisis = Crisis(slug=draft.slug, created_at=at, is_demo=is_demo, **_columns(draft))
    session.add(crisis)
    session.flush()
    ledger.append(session, crisis.id, "policy", draft.slug, _policy(crisis), at)
    return crisis


def set_crisis(session: Session, crisis: Crisis, changes: dict[str, Any], at: datetime) -> None:
    """Change a crisis' options; raises CrisisError where the result would break a rule."""
    draft = draft_of(**(_as_fields(crisis) | changes))
    for name, value in _columns(draft).items():
        setattr(crisis, name, value)
    ledger.append(session, crisis.id, "policy", crisis.slug, _policy(crisis), at)


def crisis_by_slug(session: Session, slug: str) -> Crisis | None:
    """Return the crisis of that slug, if there is one."""
    return session.scalars(select(Crisis).where(Crisis.slug == slug)).first()


def read_crisis(connection: Connection, slug: str) -> Crisis | None:
    """Return the crisis of that slug for reading only: while its row stays the same, so does the copy."""
    rows = _BY_SLUG.raw(connection, slug=slug)
    if not rows:
        return None
    kept = _READ.get(slug)
    if kept is None or kept[0] != rows[0]:
        kept = _READ[slug] = (rows[0], Crisis(**_BY_SLUG.convert(connection, rows[0])))
    return kept[1]


def all_crises(session: Session) -> Sequence[Crisis]:
    """Return every crisis, the newest first."""
    return session.scalars(select(Crisis).order_by(Crisis.created_at.desc(), Crisis.id.desc())).all()


def _columns(draft: CrisisDraft) -> dict[str, Any]:
    west, south, east, north = draft.bbox
    return {
        "name": draft.name,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "timezone": draft.timezone,
        "languages": draft.languages,
        "mode": draft.mode,
        "embargo_hours": draft.embargo,
        "minimum_count": draft.minimum_count,
        "public_level": draft.public_level,
    }


def _as_fields(crisis: Crisis) -> dict[str, Any]:
    return {
        "slug": crisis.slug,
        "name": crisis.name,
        "bbox": (crisis.west, crisis.south, crisis.east, crisis.north),
        "timezone": crisis.timezone,
        "languages": crisis.languages,
        "mode": crisis.mode,
        "embargo_hours": crisis.embargo_hours,
        "minimum_count": crisis.minimum_count,
        "public_level": crisis.public_level,
    }


def _policy(crisis: Crisis) -> dict[str, Any]:
    return {
        "mode": crisis.mode,
        "embargo_hours": crisis.embargo_hours,
        "minimum_count": crisis.minimum_count,
        "public_level": crisis.public_level,
    }


def _sentence(item: Any) -> str:
    where = ".".join(str(part) for part in item["loc"])
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
