"""What a channel hands to the door, and what it gets back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from mapper.files.exif import PhotoStamp


class NotAccepted(Exception):
    """A report cannot be taken as it is. `errors` are (pointer, detail) pairs for the sender."""

    def __init__(self, errors: list[tuple[str, str]], status: int = 422) -> None:
        super().__init__(
            "; ".join(f"{pointer}: {detail}" if pointer else detail for pointer, detail in errors)
        )
        self.errors = errors
        self.status = status


@dataclass(frozen=True)
class DraftMedium:
    """A photo, video or PDF that came with a report, as it arrived."""

    data: bytes
    content_type: str
    sha256: str
    stamp: PhotoStamp | None = None  # where and when it says it was taken


@dataclass(frozen=True)
class ReportDraft:
    """One report before it is accepted: checked, but not yet given an id.

    Positions are degrees, WGS 84. Without both `idempotency_key` and `source_id` nothing can be
    recognised as a repetition. `received_at` is for histories only; the door's clock is the rule.
    """

    text: str = ""
    location_text: str | None = None
    source_url: str | None = None
    contact: str | None = None
    raw: dict[str, Any] = field(default_factory=dict)
    observed_at: datetime | None = None
    observed_until: datetime | None = None
    channel: str = "api"
    source_id: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    position_flag: str | None = None
    position_accuracy_m: float | None = None
    category: str | None = None
    damage_low: int | None = None
    damage_high: int | None = None
    damage_scale: str | None = None
    damage_value: str | None = None
    service_state: str | None = None
    needs: tuple[str, ...] = ()
    people_affected: int | None = None
    language: str | None = None
    consent: str = "none"
    idempotency_key: str | None = None
    content_hash: str = ""
    import_id: uuid.UUID | None = None
    supersedes: uuid.UUID | None = None
    media: tuple[DraftMedium, ...] = ()
    received_at: datetime | None = None


@dataclass(frozen=True)
class Sender:
    """Whose report it is, and the account behind it.

    `keys` names the owner of its idempotency keys: the sender itself, unless it is said otherwise.
    """

    key: str
    user_id: int | None = None
    keys: str = ""

    @classmethod
    def of_user(cls, user_id: int | None) -> Sender:
        """Return the sender of a signed-in person, or the anonymous one."""
        return cls("anonymous") if user_id is None else cls(f"user:{user_id}", user_id)

    @classmethod
    def of_file(cls, name: str) -> Sender:
        """Return the sender of a file's rows.

        The ids that a sender gave its rows are its own; a row itself is known again whoever brings it.
        """
        return cls(f"import:{name.casefold()}", keys=IMPORT_SENDER.key) if name else IMPORT_SENDER

    @property
    def owner(self) -> str:
        """Who owns the idempotency keys."""
        return self.keys or self.key


IMPORT_SENDER = Sender("import")


class Fate(Enum):
    """What became of a draft at the door."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"  # the same content again: nothing was written
    CONFLICT = "conflict"  # the key was used for other content: nothing was written


@dataclass(frozen=True)
class Outcome:
    """The door's answer to one draft; id and receipt are those of the report already kept, if it was."""

    fate: Fate
    report_id: uuid.UUID
    receipt: str
