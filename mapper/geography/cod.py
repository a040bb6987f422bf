"""COD-AB columns: which fields of a boundary file hold codes and names, in both layouts in use.

Older files say `ADM0_PCODE, ADM1_EN, ADM1_PCODE … date, validOn`, with the language in the name; newer
ones `adm1_name, adm1_name1, adm1_pcode` (interop notes, section 3). Letter case does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

COLUMN = re.compile(r"^adm(\d)_?(pcode|name(\d*)|([a-z]{2,3}))$", re.IGNORECASE)
VERSION_COLUMNS = ("version", "cod_version", "validon", "valid_on", "date")
NO_LANGUAGE = "und"  # ISO 639-2: undetermined


class NoPcodes(Exception):
    """The file has no column of P-codes such as ADM2_PCODE or adm2_pcode."""


@dataclass(frozen=True)
class AreaColumns:
    """The columns of a boundary file: of codes by level, of names by level and language, of the version."""

    codes: dict[int, str]
    names: dict[int, dict[str, str]] = field(default_factory=dict)
    version: str | None = None

    @property
    def deepest(self) -> int:
        """The level of the file's own areas."""
        return max(self.codes)

    def code(self, properties: Mapping[str, Any], level: int) -> str | None:
        """Return an area's code at a level, without blanks around it; None where it is empty."""
        return _text(properties.get(self.codes.get(level, "")))

    def names_of(self, properties: Mapping[str, Any], level: int) -> dict[str, str]:
        """Return an area's names at a level by language; `und` where the file does not say which."""
        found = {
            language: _text(properties.get(column)) for language, column in self.names.get(level, {}).items()
        }
        return {language: name for language, name in found.items() if name}

    def parents(self, properties: Mapping[str, Any], level: int) -> dict[str, str]:
        """Return the codes of the areas above, by level as text."""
        found = {str(upper): self.code(properties, upper) for upper in self.codes if upper < level}
        return {upper: code for upper, code in found.items() if code}


def recognise(columns: Iterable[str]) -> AreaColumns:
    """Return what a boundary file's columns hold; raises NoPcodes."""
    codes: dict[int, str] = {}
    names: dict[int, dict[str, str]] = {}
    version: dict[str, str] = {}
    for column in columns:
        if found := COLUMN.match(column):
            level, what = int(found[1]), found[2].lower()
            if what == "pcode":
                codes[level] = column
            else:
                names.setdefault(level, {})[_language(what, found[3])] = column
        elif column.lower() in VERSION_COLUMNS:
            version[column.lower()] = column
    if not codes:
        raise NoPcodes("no column of P-codes such as ADM2_PCODE or adm2_pcode")
    return AreaColumns(
        codes, names, next((version[name] for name in VERSION_COLUMNS if name in version), None)
    )


def _language(what: str, number: str | None) -> str:
    if not what.startswith("name"):
        return what
    return NO_LANGUAGE if not number else f"{NO_LANGUAGE}-{number}"


def _text(value: Any) -> str | None:
    text = "" if value is None else str(value).strip()
    return text or None
