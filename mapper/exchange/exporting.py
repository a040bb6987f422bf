"""Writing an export: aside, synced, and renamed, so that nobody ever finds half a file."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.formats import FORMATS
from mapper.store.blobs import sync_folder


class ExportRefused(Exception):
    """A file cannot be written so; the message says why."""


def export(found: Extract, format_name: str, path: Path, advance: Advance, *, hxl: bool = False) -> None:
    """Write an extract; a file that was there before is replaced whole or not at all.

    Raises ExportRefused, and what the format's writer raises.
    """
    chosen = FORMATS[format_name]
    write = chosen.with_hxl if hxl else chosen.write
    if write is None:
        raise ExportRefused("only csv, xlsx and hxl have a row of HXL tags")
    aside = path.with_name(f".{uuid.uuid4().hex[:12]}{chosen.suffix}")
    try:
        write(found, aside, advance)
        _sync(aside)
        aside.replace(path)
    except OSError as error:
        raise ExportRefused(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        for left in path.parent.glob(f"{aside.name}*"):  # a GeoPackage has a journal beside it
            left.unlink()
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
