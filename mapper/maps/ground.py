"""The base maps to choose from: what an operator configured, described for browsers and served as tiles."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from mapper.config import BasemapSource, Settings
from mapper.maps.basemap import UnusableBasemap
from mapper.maps.ground_cache import TileCache
from mapper.maps.ground_fetch import MOST_BYTES, Upstream, UpstreamFailed
from mapper.maps.ground_files import FileFacts, facts_of, file_tile

MVT = "application/vnd.mapbox-vector-tile"
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
GZIP = b"\x1f\x8b"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ground:
    """One usable base map."""

    source: BasemapSource
    facts: FileFacts


@dataclass(frozen=True)
class GroundTile:
    """A tile ready to send; `is_old` where the upstream failed and an outdated one stands in."""

    body: bytes
    content_type: str
    is_old: bool = False


def grounds(settings: Settings, *, signed_in: bool) -> list[Ground]:
    """Return the base maps somebody may use, in the order of the settings; unusable files are left out."""
    found = (_ground(source) for source in settings.basemaps if signed_in or source.public)
    return [ground for ground in found if ground is not None]


def described(found: Sequence[Ground], template: str) -> list[dict[str, Any]]:
    """Return what a browser needs of each; `template` is the tiles' address with {name} in it."""
    return [
        {
            "name": ground.source.name,
            "title": ground.source.title,
            "kind": "vector" if ground.facts.is_vector else "raster",
            "maxZoom": ground.facts.max_zoom,
            "attribution": ground.source.attribution or ground.facts.attribution[:200],
            "tiles": template.replace("{name}", ground.source.name),
        }
        for ground in found
    ]


def tile_of(settings: Settings, ground: Ground, z: int, x: int, y: int) -> GroundTile | None:
    """Return one tile; None where there is none. Raises UpstreamFailed or UnusableBasemap."""
    if z > ground.facts.max_zoom:
        return None
    if not ground.source.is_remote:
        return _sendable(file_tile(Path(ground.source.address), z, x, y), ground)
    cache = _cache(settings.data / "basemaps", settings.basemap_cache_bytes)
    key = f"{ground.source.name}/{_version(ground.source)}/{z}/{x}/{y}"
    kept = cache.get(key, ground.source.keep_days)
    if kept is not None:
        return _sendable(kept, ground)
    try:
        body = _upstream(ground.source).fetch(z, x, y)
        made = _sendable(body, ground)
    except UpstreamFailed as error:
        log.warning("base map %s: %s", ground.source.name, error)
        old = _sendable(cache.stale(key), ground)
        if old is None:
            raise
        return GroundTile(old.body, old.content_type, is_old=True)
    if ground.source.keep_days:
        cache.put(key, body or b"")
    return made


def _sendable(body: bytes | None, ground: Ground) -> GroundTile | None:
    """Judge a tile by its bytes: only pictures and vector tiles leave, never a page or a script."""
    if not body:
        return None
    if ground.facts.is_vector:
        return GroundTile(_unpacked(body), MVT)
    kind = next((kind for head, kind in PICTURES.items() if body.startswith(head)), None)
    if kind is None and body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        kind = "image/webp"
    if kind is None:
        raise UpstreamFailed("what came is no picture")
    return GroundTile(body, kind)


def _unpacked(body: bytes) -> bytes:
    """Undo gzip, to no more than a tile may hold: a small file can unpack to gigabytes."""
    if not body.startswith(GZIP):
        return body
    try:
        plain = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, 4 * MOST_BYTES)
    except zlib.error as error:
        raise UpstreamFailed("what came cannot be unpacked") from error
    if len(plain) == 4 * MOST_BYTES:
        raise UpstreamFailed("what came is larger than a tile may be")
    return plain


def packed(tile: GroundTile) -> bytes:
    """Return a tile's bytes gzipped, the same from every process."""
    return gzip.compress(tile.body, compresslevel=6, mtime=0)


@lru_cache(maxsize=64)
def _ground(source: BasemapSource) -> Ground | None:
    if source.is_remote:
        return Ground(source, FileFacts(source.kind == "vector", source.max_zoom))
    try:
        return Ground(source, facts_of(Path(source.address)))
    except UnusableBasemap as error:
        log.warning("the base map %s cannot be used: %s", source.name, error)
        return None


@lru_cache(maxsize=64)
def _upstream(source: BasemapSource) -> Upstream:
    return Upstream(source)


@lru_cache(maxsize=4)
def _cache(folder: Path, most_bytes: int) -> TileCache:
    return TileCache(folder, most_bytes)


def _version(source: BasemapSource) -> str:
    """Tiles of another address are other tiles."""
    return f"{zlib.crc32(source.address.encode()):08x}"
