"""The front door for files of features: chooses the reader by what the bytes say.

for feature in read_features(path): feature.properties, feature.geometry
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mapper.files.geojson import Feature, read_geojson
from mapper.files.limits import DEFAULT_LIMITS, Limits, checked_file
from mapper.files.refusals import FileRefused
from mapper.vocabulary.text import N_

__all__ = ["Feature", "Features", "read_features"]

HEAD = 4096


@dataclass(frozen=True)
class Features:
    """A readable file of features; each iteration reads it anew."""

    path: Path
    format: str
    limits: Limits

    def __iter__(self) -> Iterator[Feature]:
        return read_geojson(self.path, self.limits)


def read_features(path: Path, limits: Limits = DEFAULT_LIMITS) -> Features:
    """Recognise a file of features; raises FileRefused for what is none of the kinds that are read."""
    with checked_file(path, limits).open("rb") as file:
        kind = _format_of(file.read(HEAD))
    if kind is None:
        raise FileRefused(N_("This is no file of features that can be read: GeoJSON is."))
    return Features(path, kind, limits)


def _format_of(head: bytes) -> str | None:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\x1e \t\r\n")
    if text.startswith(b"{"):
        return "geojson"
    return None
