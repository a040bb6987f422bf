"""Joining a table to the areas that are loaded: by a column of their codes, or else of their names.

Tables of districts come with codes of whatever system (C-JAN-17, 524 2 04 17) under whatever heading, or
with names alone. What the values are decides: the column that most rows agree in with loaded areas.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.tables import Area, Layer

ENOUGH = 0.5  # the share of rows that have to name a loaded area
CODE, NAME = "code", "name"
KINDS_OF_AREAS = re.compile(r"\b(district|province|municipality|department|county|region|oblast|raion)\b")


@dataclass(frozen=True)
class KnownArea:
    """One loaded area: its level, code, names in whatever language, and the areas above it by level."""

    level: int
    code: str
    names: tuple[str, ...]
    parents: Mapping[str, str]


@dataclass(frozen=True)
class Join:
    """The column by which rows name areas of a level, and whose area each plain value is."""

    column: str
    by: str  # CODE or NAME
    level: int
    areas: Mapping[str, KnownArea]

    def codes_of(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return a row's P-codes by level as text, those of the areas above too; empty for no area."""
        area = self.areas.get(_PLAIN[self.by](values.get(self.column)))
        return {} if area is None else {**area.parents, str(area.level): area.code}


def known_areas(session: Session, crisis_id: int) -> list[KnownArea]:
    """Return the areas in force of all levels."""
    layer = (Layer.crisis_id == Area.crisis_id) & (Layer.id == Area.layer_id)
    query = select(Area.level, Area.code, Area.names, Area.parents).join(Layer, layer)
    query = query.where(Area.crisis_id == crisis_id, Layer.kind == "areas", Layer.replaced_at.is_(None))
    return [
        KnownArea(level, code, tuple(names.values()), parents)
        for level, code, names, parents in session.execute(query)
    ]


def find_join(
    columns: Sequence[str], rows: Sequence[Mapping[str, Any]], areas: Sequence[KnownArea]
) -> Join | None:
    """Return the best column to join by: codes before names, then most rows, then the finest level."""
    best: tuple[tuple[bool, int, int], Join] | None = None
    for by in (CODE, NAME):
        for level, known in _by_value(areas, by).items():
            for column in columns:
                values = [value for row in rows if (value := _PLAIN[by](row.get(column)))]
                found = sum(value in known for value in values)
                rank = (by == CODE, found, level)
                if found >= ENOUGH * len(rows) and found and (best is None or rank > best[0]):
                    best = rank, Join(column, by, level, known)
    return best[1] if best else None


def _by_value(areas: Iterable[KnownArea], by: str) -> dict[int, dict[str, KnownArea]]:
    """Return level -> plain value -> area; a name that two areas of a level have tells nothing."""
    found: dict[int, dict[str, KnownArea]] = {}
    seen: Counter[tuple[int, str]] = Counter()
    for area in areas:
        values = {area.code} if by == CODE else set(area.names)
        for value in {_PLAIN[by](one) for one in values} - {""}:
            seen[area.level, value] += 1
            found.setdefault(area.level, {})[value] = area
    return {
        level: {value: area for value, area in known.items() if seen[level, value] == 1}
        for level, known in found.items()
    }


def _plain_code(value: Any) -> str:
    return "" if value is None else " ".join(str(value).casefold().split())


def _plain_name(value: Any) -> str:
    """Return a name without case, accents, signs and the word for its kind of area."""
    text = "" if value is None else unicodedata.normalize("NFKD", str(value)).casefold()
    text = "".join(sign if sign.isalnum() else " " for sign in text if not unicodedata.combining(sign))
    return " ".join(KINDS_OF_AREAS.sub(" ", text).split())


_PLAIN: Mapping[str, Callable[[Any], str]] = {CODE: _plain_code, NAME: _plain_name}
