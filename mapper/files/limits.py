"""How much a stranger's file may ask of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.vocabulary.text import N_


@dataclass(frozen=True)
class Limits:
    """Ceilings for one file; the defaults fit detailed national boundaries."""

    file_bytes: int = 1_000_000_000
    rows: int = 5_000_000  # records or features
    record_characters: int = 1_000_000  # one CSV record
    columns: int = 2_000
    feature_characters: int = 64_000_000  # one GeoJSON feature
    depth: int = 24  # of nested JSON
    vertices: int = 999_999  # of one geometry
    zip_members: int = 200
    zip_bytes: int = 2_000_000_000  # after expansion
    zip_ratio: int = 150  # expanded to packed; deflate itself reaches about 1030
    seconds: int = 120  # of processor time behind the fence
    memory_bytes: int = 3_000_000_000  # of address space behind the fence


DEFAULT_LIMITS = Limits()


def checked_file(path: Path, limits: Limits) -> Path:
    """Return `path` if it is a regular local file of allowed size; raises FileRefused or FileTooLarge.

    An address such as `https://...` or `/vsicurl/...` is no local file and is never fetched.
    """
    if not path.is_file():
        raise FileRefused(N_("There is no file %(path)s."), path=path)
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise FileTooLarge(
            N_("The file has %(size)d bytes; at most %(limit)d are read."), size=size, limit=limits.file_bytes
        )
    if size == 0:
        raise FileRefused(N_("The file is empty."))
    return path
