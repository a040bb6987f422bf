"""Why a file is not read. A refusal's message is one sentence for the person who brought the file."""

from __future__ import annotations

from typing import Any

from mapper.vocabulary.text import N_


class FileRefused(Exception):
    """The file cannot be read as it is.

    `message` is a gettext key with `%(name)s` places and `values` fills them; `str()` gives English.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel whole from one process to another."""
        return _again, (type(self), self.message, self.values)


def _again(kind: type[FileRefused], message: str, values: dict[str, object]) -> FileRefused:
    made = kind.__new__(kind)
    FileRefused.__init__(made, message, **values)
    return made


class FileTooLarge(FileRefused):
    """The file, or something in it, is larger than the limits allow (HTTP 413)."""


class SeveralLayers(FileRefused):
    """The file has several layers and one has to be named; `layers` are their names."""

    def __init__(self, layers: list[str]) -> None:
        super().__init__(
            N_("The file has several layers; name one of these: %(layers)s"), layers=", ".join(layers)
        )
        self.layers = layers
