"""What a file is, by its first bytes. Names and extensions are what a stranger says, so they do not count."""

from __future__ import annotations

import re

HEAD_BYTES = 4096
MARKS = (
    (b"SQLite format 3\0", "gpkg"),
    (b"fgb\x03", "flatgeobuf"),
    (b"PK\x03\x04", "zip"),
    (b"PAR1", "geoparquet"),
    (b"\xd0\xcf\x11\xe0", "workbook"),
    (b"\x00\x00\x27\x0a", "bare shapefile"),
)
JSON = re.compile(rb"\{|\[\s*[\[{]")
MARKUP = re.compile(rb"<(?:\w+:)?(kml|gpx)[\s>]")
BLANKS = b"\xef\xbb\xbf\xff\xfe\x1e \t\r\n"  # byte order marks, record separators and white space


def kind_of(head: bytes) -> str | None:
    """Return geojson (for any JSON), gpkg, flatgeobuf, geoparquet, workbook (before XLSX), zip, kml, gpx or
    "bare shapefile"; None for the rest."""
    for mark, kind in MARKS:
        if head.startswith(mark):
            return kind
    text = head.replace(b"\0", b"").lstrip(BLANKS)
    if JSON.match(text):
        return "geojson"
    if text.startswith(b"<"):
        found = MARKUP.search(text)
        return found[1].decode() if found else None
    return None
