"""Cuts GeoJSON text into features without ever holding the whole of it.

Handles one FeatureCollection, one Feature or bare geometry, and sequences of them (newline-delimited,
or RFC 8142 with record separators). Only brackets and strings are looked at here; what is cut out is
parsed by `geojson`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge
from mapper.vocabulary.text import N_

CHUNK = 1 << 16
# Possessive, so that a long string costs no backtracking; a lone quote is a string not yet complete.
TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\]]', re.DOTALL)
BETWEEN = " \t\r\n\x1e,"  # between values; RFC 8142 puts a record separator before each text
FEATURES_KEY = '"features"'


@dataclass(frozen=True)
class Piece:
    """A cut-out JSON object and the line it starts on. `is_envelope`: a collection without its features."""

    line: int
    text: str
    is_envelope: bool = False


def split_features(file: TextIO, limits: Limits) -> Iterator[Piece]:
    """Yield the features of a GeoJSON text, and each collection's envelope after its features.

    Raises FileRefused where something else stands between the features or the text ends in the middle,
    and FileTooLarge beyond the limits on depth and on the size of one feature. Whether brackets of the
    right kind match is left to whoever parses the pieces.
    """
    cutter = _Cutter(limits)
    # What is pending doubles at least, so that a long string is scanned few times.
    while chunk := file.read(max(CHUNK, cutter.pending)):
        yield from cutter.feed(chunk)
    cutter.finish()


class _Cutter:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._text = ""
        self._at = 0  # scanned up to here
        self._start = 0  # of the present piece, or of the gap between two
        self._line = 1  # of _start
        self._depth = 0
        self._base = 0  # the depth at which pieces begin: 0, or 2 inside a collection's features
        self._head = ""  # the collection's own text up to its features
        self._head_line = 1
        self._last_string = ""

    @property
    def pending(self) -> int:
        """How many characters wait for the end of their piece."""
        return len(self._text) - self._start

    def feed(self, chunk: str) -> Iterator[Piece]:
        """Yield the pieces that `chunk` completes."""
        self._text, self._at, self._start = self._text[self._start :] + chunk, self._at - self._start, 0
        for match in TOKEN.finditer(self._text, self._at):
            mark = match.group()
            if mark == "{" or mark == "[":
                self._open(mark, match.start(), match.end())
            elif mark == "}" or mark == "]":
                yield from self._close(match.start(), match.end())
            elif mark == '"':  # a string that goes on in the next chunk
                self._at = match.start()
                break
            elif self._depth == self._base:
                raise self._unexpected()
            elif self._depth == 1:
                self._last_string = mark
            self._at = match.end()
        self._check_size(self.pending)

    def finish(self) -> None:
        """Check that nothing is left open."""
        if self._depth:
            raise FileRefused(N_("The JSON ends in the middle: it is cut off or not well formed."))
        self._check_gap(len(self._text))

    def _open(self, mark: str, start: int, end: int) -> None:
        if self._depth == self._base:
            self._check_gap(start)
            if mark != "{":
                raise self._unexpected()
            self._move(start)
        self._depth += 1
        if self._depth > self._limits.depth:
            raise FileTooLarge(
                N_("The JSON is nested deeper than %(limit)d levels."), limit=self._limits.depth
            )
        if self._depth == 2 and not self._base and mark == "[" and self._last_string == FEATURES_KEY:
            self._head, self._head_line = self._text[self._start : end], self._line
            self._base = 2
            self._move(end)

    def _close(self, start: int, end: int) -> Iterator[Piece]:
        if self._depth == self._base:  # the end of a collection's features, or one bracket too many
            self._check_gap(start)
            if not self._base:
                raise self._unexpected()
            self._base, self._last_string = 0, ""
            self._move(start)
        self._depth -= 1
        if self._depth == self._base:
            yield self._piece(end)

    def _piece(self, end: int) -> Piece:
        self._check_size(end - self._start)
        text, line, is_envelope = self._text[self._start : end], self._line, False
        if not self._base and self._head:
            text, line, is_envelope = self._head + text, self._head_line, True
            self._head = ""
        self._move(end)
        self._last_string = self._last_string if self._base else ""
        return Piece(line, text, is_envelope)

    def _move(self, position: int) -> None:
        self._line += self._text.count("\n", self._start, position)
        self._start = position

    def _check_gap(self, end: int) -> None:
        if self._text[self._start : end].strip(BETWEEN):
            raise self._unexpected()

    def _check_size(self, size: int) -> None:
        if size > self._limits.feature_characters:
            raise FileTooLarge(
                N_("Line %(line)d: one feature has more than %(limit)d characters."),
                line=self._line,
                limit=self._limits.feature_characters,
            )

    def _unexpected(self) -> FileRefused:
        return FileRefused(N_("Line %(line)d: a GeoJSON object is expected here."), line=self._line)
