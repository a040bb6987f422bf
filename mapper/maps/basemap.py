"""The operator's base map: one PMTiles file, served in ranges, drawn by the browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HEADER_BYTES = 127
KIND_AT, MIN_ZOOM_AT, MAX_ZOOM_AT = 99, 100, 101
VECTOR, PICTURES = 1, {2: "png", 3: "jpeg", 4: "webp", 5: "avif"}


class UnusableBasemap(Exception):
    """MAPPER_BASEMAP names no usable file; the message says why."""


@dataclass(frozen=True)
class Basemap:
    """What a browser needs to know before it reads the file."""

    path: Path
    kind: Literal["vector", "raster"]
    max_zoom: int


def open_basemap(path: Path) -> Basemap:
    """Read a PMTiles file's header; raises UnusableBasemap.

    Source: github.com/protomaps/PMTiles, spec version 3, section 3.
    """
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
    except OSError as error:
        raise UnusableBasemap(f"{path} cannot be read: {error.strerror}") from error
    if len(header) < HEADER_BYTES or header[:8] != b"PMTiles\x03":
        raise UnusableBasemap(f"{path} is no PMTiles file of version 3")
    kind = header[KIND_AT]
    if kind != VECTOR and kind not in PICTURES:
        raise UnusableBasemap(f"{path} holds tiles of a kind that no browser draws ({kind})")
    return Basemap(path.resolve(), "vector" if kind == VECTOR else "raster", header[MAX_ZOOM_AT])
