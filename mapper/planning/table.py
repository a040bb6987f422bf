"""The plan as a table for other programs: every figure unrounded, with HXL tags on request."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from mapper.exchange.sheets import inert, rfc3339
from mapper.planning.service import Plan, PlannedArea

Cell = str | int | float | None
Read = Callable[[PlannedArea], Cell]

GRADES = range(6)


def _of_priority(read: Callable[[Any], Cell]) -> Read:
    """A figure of the priority; empty for an area that has none."""
    return lambda area: None if area.priority is None else read(area.priority)


def _state(area: PlannedArea) -> str:
    if area.priority:
        return "ranked"
    return "no_reports" if area.tally.is_silent else "not_verified"


# Name, HXL tag, and how an area says it. Factors are those of planning/priority.py.
COLUMNS: tuple[tuple[str, str, Read], ...] = (
    ("state", "#status+ranking", _state),
    ("rank", "#priority+rank", _of_priority(lambda p: p.rank)),
    ("rank_best", "#priority+rank+min", _of_priority(lambda p: p.best_rank)),
    ("rank_worst", "#priority+rank+max", _of_priority(lambda p: p.worst_rank)),
    ("priority", "#priority+num", _of_priority(lambda p: p.total.value)),
    ("priority_low", "#priority+num+min", _of_priority(lambda p: p.total.low)),
    ("priority_high", "#priority+num+max", _of_priority(lambda p: p.total.high)),
    ("S", "#priority+damage", _of_priority(lambda p: p.damage.value)),
    ("S_low", "#priority+damage+min", _of_priority(lambda p: p.damage.low)),
    ("S_high", "#priority+damage+max", _of_priority(lambda p: p.damage.high)),
    ("N", "#priority+people", _of_priority(lambda p: p.people.value)),
    ("N_low", "#priority+people+min", _of_priority(lambda p: p.people.low)),
    ("N_high", "#priority+people+max", _of_priority(lambda p: p.people.high)),
    ("G", "#priority+gap", _of_priority(lambda p: p.gap)),
    ("V", "#priority+vulnerability", _of_priority(lambda p: p.vulnerability)),
    ("verified", "#event+verified+num", lambda area: area.tally.verified),
    *(
        (
            f"verified_grade_{grade}",
            f"#event+verified+num+grade_{grade}",
            lambda area, at=grade: area.tally.grades[at],
        )
        for grade in GRADES
    ),
    ("verified_grade_unknown", "#event+verified+num+grade_unknown", lambda area: area.tally.unknown),
    ("not_verified", "#event+unverified+num", lambda area: area.tally.waiting),
    ("override", "#event+override+num", lambda area: area.tally.overridden),
    ("reports", "#indicator+reports+num", lambda area: area.tally.reports),
    ("population", "#population", lambda area: area.people),
    ("people_affected_low", "#affected+ind+min", lambda area: _said(area, area.tally.people_low)),
    ("people_affected_high", "#affected+ind+max", lambda area: _said(area, area.tally.people_high)),
    ("people_not_said", "#event+num+people_unknown", lambda area: area.tally.people_unknown),
    ("in_need", "#inneed+ind", lambda area: area.coverage.in_need),
    ("reached", "#reached+ind", lambda area: area.coverage.reached),
    ("organisations", "#org+num", lambda area: area.coverage.organisations),
    ("blocked_ways", "#access+blocked+num", lambda area: area.blocked),
    (
        "newest_verified_at",
        "#date+verified",
        lambda area: rfc3339(area.tally.newest) if area.tally.newest else None,
    ),
)


def as_csv(plan: Plan, name_of: Callable[[PlannedArea], str], *, hxl: bool = False) -> str:
    """Return the plan's areas in the order shown; with `hxl` the second row holds HXL tags (UTF-8 text).

    What is not known is empty. `name_of` names an area in the reader's language.
    """
    place = f"#adm{plan.level}"
    leading = (("level", "#meta+level"), ("area_code", f"{place}+code"), ("area_name", f"{place}+name"))
    around = (("sector", "#sector"), ("data_until", "#date+updated"), ("boundaries", "#meta+boundaries"))
    heads = [*leading, *((name, tag) for name, tag, _read in COLUMNS), *around]
    until = rfc3339(plan.data_until) if plan.data_until else None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([name for name, _tag in heads])
    if hxl:
        writer.writerow([tag for _name, tag in heads])
    for area in plan.everything:
        cells = [plan.level, area.code, name_of(area), *(read(area) for _n, _t, read in COLUMNS)]
        writer.writerow([_safe(cell) for cell in (*cells, plan.sector or "all", until, plan.boundaries)])
    return text.getvalue()


def _said(area: PlannedArea, people: int) -> int | None:
    """Return a sum of people; None where no incident says anything."""
    return people if area.tally.verified > area.tally.people_unknown else None


def _safe(cell: Cell) -> Cell:
    return inert(cell) if isinstance(cell, str) else cell
