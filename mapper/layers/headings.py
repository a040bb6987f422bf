"""Which column of a layer's file holds what: by COD names, HXL tags, and the plain words in use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mapper.files.headings import plain_heading
from mapper.files.numbers import parse_count, parse_number, plain_digits
from mapper.geography.cod import AreaColumns, NoPcodes, recognise
from mapper.layers.joining import Join

CODE_TAG = re.compile(r"#adm(\d)\b.*\+(p?code)\b")
CODE_NAMES = ("pcode", "p-code", "p code", "area code", "code", "admin pcode")

# What a layer's rows hold -> names of its column, the plainest first. COD-PS files say T_TL for the total.
NAMES: dict[str, tuple[str, ...]] = {
    "people": (
        "t tl",
        "population",
        "population total",
        "total population",
        "pop total",
        "tot pop",
        "pop",
        "people",
        "persons",
        "individuals",
        "total",
        "населення",
        "سكان",
        "población",
        "nüfus",
    ),
    "sector": ("sector", "cluster", "sectors", "secteur", "кластер", "قطاع", "sektör"),
    "organisation": (
        "organisation",
        "organization",
        "org",
        "agency",
        "partner",
        "implementing partner",
        "organización",
        "організація",
        "منظمة",
    ),
    "status": ("status", "activity status", "statut", "estado", "статус", "حالة"),
    "reached": (
        "people reached",
        "reached",
        "beneficiaries reached",
        "beneficiaries",
        "bénéficiaires",
        "beneficiarios",
        "охоплено",
    ),
    "in_need": ("people in need", "in need", "pin", "need", "needs"),
    "name": ("name", "facility name", "site name", "title", "nom", "nombre", "назва", "اسم", "ad"),
    "category": (
        "category",
        "type",
        "amenity",
        "facility type",
        "type of site",
        "asset",
        "highway",
        "fclass",
        "class",
        "kind",
    ),
}
TAGS: dict[str, str] = {
    "population": "people",
    "sector": "sector",
    "org": "organisation",
    "status": "status",
    "reached": "reached",
    "beneficiary": "reached",
    "inneed": "in_need",
    "loc+name": "name",
    "loc+type": "category",
}


@dataclass(frozen=True)
class RowColumns:
    """The columns of a file: of codes by level, and of what else a row holds."""

    codes: Mapping[int, str]
    fields: Mapping[str, str]
    join: Join | None = None

    def codes_of(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return a row's P-codes by level as text, without those that are empty."""
        if self.join is not None:
            return self.join.codes_of(values)
        found = {str(level): text_of(values.get(column)) for level, column in sorted(self.codes.items())}
        return {level: code for level, code in found.items() if code}

    def text(self, values: Mapping[str, Any], field: str) -> str:
        """Return what a row says in a field; empty where it says nothing."""
        return text_of(values.get(self.fields.get(field, "")))

    def count(self, values: Mapping[str, Any], field: str) -> int | None:
        """Return a row's whole number of people; None where there is none that can be read."""
        return count_of(values.get(self.fields.get(field, "")))


def recognise_rows(columns: Iterable[str], tags: Mapping[str, str], level: int | None) -> RowColumns:
    """Return what the columns of a file hold; a plain column of codes counts as `level`, where given."""
    columns = list(columns)
    plain = {column: plain_heading(column) for column in columns}
    codes = _cod_columns(columns).codes | _tagged_codes(tags)
    named = _named(plain, CODE_NAMES)
    if named and level is not None:
        codes.setdefault(level, named[0])
    return RowColumns(codes, _by_tag(tags) | _by_name(plain))


def text_of(value: Any) -> str:
    """Return a cell as text without blanks around it."""
    return "" if value is None else str(value).strip()


def count_of(value: Any) -> int | None:
    """Return a cell as a whole number from 0; None where it is none. Decimals are rounded."""
    if isinstance(value, bool) or value is None:
        return None
    text = plain_digits(str(value)).strip()
    if text.startswith("-"):
        return None
    whole = parse_count(text)
    if whole is not None:
        return whole
    number = parse_number(text)
    return None if number is None else round(number)


def _cod_columns(columns: Iterable[str]) -> AreaColumns:
    try:
        return recognise(columns)
    except NoPcodes:
        return AreaColumns({})


def _tagged_codes(tags: Mapping[str, str]) -> dict[int, str]:
    found = ((CODE_TAG.match(tag.lower().replace(" ", "")), column) for column, tag in tags.items())
    return {int(match[1]): column for match, column in found if match}


def _by_tag(tags: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, tag in tags.items():
        plain = tag.lower().replace(" ", "").lstrip("#")
        field = TAGS.get(plain) or TAGS.get(plain.partition("+")[0])
        if field and (field not in found or plain in TAGS):  # `#population` before `#population+f`
            found[field] = column
    return found


def _by_name(plain: Mapping[str, str]) -> dict[str, str]:
    return {field: found[0] for field, names in NAMES.items() if (found := _named(plain, names))}


def _named(plain: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [column for name in names for column, heading in plain.items() if heading == name]
