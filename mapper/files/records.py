"""JSON records: an array of flat objects, as HXL services give tables (keys are headings or HXL tags)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from mapper.files.limits import DEFAULT_LIMITS, Limits, checked_file
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.vocabulary.text import N_

MOST_BYTES = 64_000_000  # the whole text is held in memory
BLANKS = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True)
class Records:
    """The keys of all objects in the order in which they appear, and the objects."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]


def is_records(head: bytes) -> bool:
    """Whether a text begins like an array of objects that are no GeoJSON."""
    text = head.lstrip(BLANKS)
    if not text.startswith(b"["):
        return False
    return text[1:].lstrip(BLANKS).startswith(b"{") and b'"coordinates"' not in text


def read_records(path: Path, limits: Limits = DEFAULT_LIMITS) -> Records:
    """Read an array of flat objects. Raises FileRefused or FileTooLarge."""
    data = checked_file(path, replace(limits, file_bytes=min(limits.file_bytes, MOST_BYTES))).read_bytes()
    try:
        rows = orjson.loads(data.lstrip(BLANKS))
    except orjson.JSONDecodeError as error:
        raise FileRefused(N_("This is not JSON.")) from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise FileRefused(N_("This is JSON, but not a list of records."))
    if len(rows) > limits.rows:
        raise FileTooLarge(N_("The file has more than %(limit)d rows."), limit=limits.rows)
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    if len(columns) > limits.columns:
        raise FileTooLarge(N_("The file has more than %(limit)d columns."), limit=limits.columns)
    if any(isinstance(value, dict | list) for row in rows for value in row.values()):
        raise FileRefused(N_("The records hold other records; only flat ones are read."))
    return Records(columns, rows)
