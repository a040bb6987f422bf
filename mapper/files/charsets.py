"""Which character encoding a text file is in, decided from its bytes.

Order of trust: a byte order mark; the NUL pattern of UTF-16; UTF-8 over the whole file; then the
likeliest of the 8-bit code pages in use where this project works.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

CHUNK = 1 << 20
HEAD = 4096
ESCAPED = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a byte that is not UTF-8
SAMPLE = 1 << 16
CODE_PAGES = ["cp1252", "cp1251", "cp1256", "cp1254", "koi8_u", "cp866", "latin_1"]
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's mark, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Charset:
    """A codec's name, and what to do with bytes that do not fit it ("strict" or "replace")."""

    name: str
    errors: str = "strict"


def charset_of(path: Path) -> Charset:
    """Return the encoding of a text file; reads the file once, in flat memory."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Charset(name, "replace")
    wide = _wide_without_mark(head)
    if wide:
        return Charset(wide, "replace")
    if _is_utf8(path):
        return Charset("utf-8")
    broken, fitting, sample = _beyond_ascii(path)
    # A few stray bytes in a file of many good UTF-8 sequences: the stray bytes are the fault.
    if fitting > 4 * broken:
        return Charset("utf-8", "replace")
    return Charset(_code_page(sample), "replace")


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark: mostly ASCII text has a NUL in every second place, and only there."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    pairs = len(head) // 2
    if pairs < 4:
        return None
    if odd > 0.3 * pairs and even < 0.02 * pairs:
        return "utf-16-le"
    if even > 0.3 * pairs and odd < 0.02 * pairs:
        return "utf-16-be"
    return None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _beyond_ascii(path: Path) -> tuple[int, int, bytes]:
    """Return how many bytes do not fit UTF-8, how many characters beyond ASCII do, and a sample of the
    lines that hold such bytes."""
    broken = fitting = 0
    sample = bytearray()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            escaped = len(ESCAPED.findall(text))
            broken += escaped
            fitting += len(text) - len(text.encode("ascii", "ignore")) - escaped
            if len(sample) < SAMPLE:
                sample += b"\n".join(line for line in chunk.splitlines() if not line.isascii())[:SAMPLE]
    return broken, fitting, bytes(sample)


def _code_page(sample: bytes) -> str:
    best = from_bytes(sample, cp_isolation=CODE_PAGES).best()
    return best.encoding if best else "latin_1"
