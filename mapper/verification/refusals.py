"""Why a decision is refused: one class for each answer, with a sentence that screens translate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: its JSON pointer, and a sentence for people."""

    pointer: str
    message: str


class Refused(Exception):
    """A decision is not taken. `message` is a gettext id, `values` its named parts."""

    status = 409

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class DoesNotFit(Refused):
    """The state or the two-person rule does not allow it."""


class NoRight(Refused):
    """None of the person's roles gives the right."""

    status = 403


class NoSuchIncident(Refused):
    """The crisis has no incident of that id."""

    status = 404


class Stale(Refused):
    """The incident is not the version the person looked at."""

    status = 412


class Invalid(Refused):
    """Fields are missing or unusable."""

    status = 422

    def __init__(self, message: str, errors: Sequence[FieldError]) -> None:
        super().__init__(message)
        self.errors = list(errors)
