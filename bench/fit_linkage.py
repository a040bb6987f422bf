"""Fit the weights of `mapper/fusion/linkage.py` and say how good they are, out of fold.

    .venv/bin/python bench/fit_linkage.py ../shared/data/fusion-benchmark-ukraine-dev [--write]

Out of fold: incidents are dealt into five folds; a pair is judged by a model that saw no pair of either
report's fold; all reports are then grouped together from those probabilities. What people leave out or
get wrong elsewhere is played through on seeded copies of the data, so that the model does not lean on
one field: positions rounded, blurred, snapped to a town's point or missing, texts, categories and
places missing or mistaken.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
from mapper.config import Levels
from mapper.fusion.candidates import COPY_WINDOW_HOURS, WINDOW_HOURS
from mapper.fusion.features import FEATURES, agreement, distances_m, features, hours_between
from mapper.fusion.linkage import WEIGHTS, Linkage
from mapper.fusion.metrics import compare
from mapper.fusion.partition import likely_pairs, located_table, partition
from mapper.fusion.scoring import read_reports
from mapper.fusion.traits import Indices, Traits, TraitTable
from mapper.fusion.words import NO_WORDS, Floats

FOLDS = 5
LEARNT_WITHIN_M = 2_000.0  # farther than candidates reach, so that far is learnt to be far
COPIES = 4
STRENGTH = 0.01  # sklearn's C on standardised features: strong, so that no feature runs away
LEVELS = Levels()
TRIED = (0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # levels whose precision is measured
# No pair of the data shares a link, a photo or an address with numbers: odds of 20 or 30 to 1. Of n
# different texts in a crowd any two belong together n times less often. The rest is fitted around them.
BY_HAND = {"same_address": 3.0, "other_address": -2.0, "same_link": 3.5, "same_photo": 3.5, "crowd": -1.0}


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Pairs of one copy of the data: rows, features, and whether both are of one incident."""

    i: Indices
    j: Indices
    x: Floats
    y: np.ndarray[Any, np.dtype[np.bool_]]


def pairs_of(reports: Sequence[Traits], incident: np.ndarray[Any, Any]) -> Pairs:
    """Return the pairs to learn from: near, or without a position, within the window of time."""
    table = located_table(reports)
    i, j = np.triu_indices(len(table), 1)
    hours = hours_between(table, i, j)
    same_text = (table.text[i] == table.text[j]) & (table.text[i] != 0)
    keep = hours <= np.where(same_text, COPY_WINDOW_HOURS, WINDOW_HOURS)
    i, j = i[keep], j[keep]
    metres = distances_m(table.lon[i], table.lat[i], table.lon[j], table.lat[j])
    keep = np.isnan(metres) | (metres <= LEARNT_WITHIN_M + table.accuracy_m[i] + table.accuracy_m[j])
    i, j = i[keep], j[keep]
    return Pairs(i, j, features(agreement(table, i, j)), incident[i] == incident[j])


def marred(reports: Sequence[Traits], seed: int) -> list[Traits]:
    """Return a copy in which fields are missing or wrong as they are in other crises."""
    random = np.random.default_rng(seed)
    kinds = [(t.kind, t.sector) for t in reports if t.kind or t.sector]
    places = [t.place for t in reports if t.place.code]
    result = []
    for t in reports:
        change: dict[str, Any] = _marred_position(t, random)
        if random.random() < 0.10:
            change["words"] = NO_WORDS
        dice = random.random()
        if dice < 0.19:
            kind, sector = (0, 0) if dice < 0.15 else kinds[random.integers(len(kinds))]
            change |= {"kind": kind, "sector": sector}
        dice = random.random()
        if dice < 0.19:
            change["place"] = NO_WORDS if dice < 0.15 else places[random.integers(len(places))]
        result.append(dataclasses.replace(t, **change))
    return result


def _marred_position(t: Traits, random: np.random.Generator) -> dict[str, Any]:
    dice = random.random()
    if not t.is_located or dice > 0.26:
        return {}
    if dice < 0.08:
        return {"lon": round(t.lon, 2), "lat": round(t.lat, 2)}
    if dice < 0.16:
        sigma = float(random.choice([500.0, 1000.0, 2000.0]))
        north, east = random.normal(size=2) * sigma / 111_195
        return {"lon": t.lon + east / np.cos(np.radians(t.lat)), "lat": t.lat + north, "accuracy_m": sigma}
    if dice < 0.20:
        return {"lon": round(t.lon / 0.04) * 0.04 + 1e-5, "lat": round(t.lat / 0.03) * 0.03 + 1e-5}
    return {"lon": nan, "lat": nan}


def fitted(parts: Sequence[Pairs], allowed: Sequence[np.ndarray[Any, Any]]) -> Linkage:
    """Fit on the allowed pairs of each copy; every copy weighs the same."""
    x = np.vstack([part.x[keep] for part, keep in zip(parts, allowed, strict=True)])
    y = np.concatenate([part.y[keep] for part, keep in zip(parts, allowed, strict=True)])
    learnt = np.array([name not in BY_HAND for name in FEATURES])
    weights = np.array([BY_HAND.get(name, 0.0) for name in FEATURES])
    mean, spread = x[:, learnt].mean(axis=0), x[:, learnt].std(axis=0) + 1e-6
    intercept, scaled = ridge((x[:, learnt] - mean) / spread, y, x @ weights, 1 / len(parts))
    weights[learnt] = scaled / spread
    return Linkage(weights, float(intercept - weights[learnt] @ mean), LEVELS)


def ridge(
    x: Floats, y: np.ndarray[Any, np.dtype[np.bool_]], offset: Floats, weight: float
) -> tuple[float, Floats]:
    """Return intercept and weights of a logistic model with ridge 1/STRENGTH, by Newton's method.

    `offset` is what the features set by hand contribute; the intercept is not shrunk.
    """
    design = np.column_stack([np.ones(len(x)), x])
    penalty = np.diag([0.0] + [1 / STRENGTH] * x.shape[1])
    solution = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(design @ solution + offset)))
        slope = weight * design.T @ (y - p) - penalty @ solution
        curve = weight * (design.T * (p * (1 - p))) @ design + penalty
        move = np.linalg.solve(curve, slope)
        solution += move
        if np.abs(move).max() < 1e-8:
            break
    return float(solution[0]), solution[1:]


@dataclasses.dataclass(frozen=True)
class FoldedLinkage(Linkage):
    """Judges each pair by the model that saw neither report's fold."""

    fold: Indices = dataclasses.field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    models: dict[tuple[int, int], Linkage] = dataclasses.field(default_factory=dict)

    def between(self, table: TraitTable, i: Indices, j: Indices) -> Floats:
        """See Linkage."""
        a, b = self.fold[table.number[i]], self.fold[table.number[j]]
        low, high = np.minimum(a, b), np.maximum(a, b)
        result = np.zeros(len(i))
        for folds, model in self.models.items():
            mine = (low == folds[0]) & (high == folds[1])
            result[mine] = model.between(table, i[mine], j[mine])
        return result


def out_of_fold(parts: Sequence[Pairs], fold: Indices) -> FoldedLinkage:
    """Fit one model for each two folds, on what neither holds."""
    models = {}
    for a in range(FOLDS):
        for b in range(a, FOLDS):
            seen = [~np.isin(fold[part.i], (a, b)) & ~np.isin(fold[part.j], (a, b)) for part in parts]
            models[a, b] = fitted(parts, seen)
    return FoldedLinkage(np.zeros(0), 0.0, LEVELS, fold, models)


def figures(reports: Sequence[Traits], rows: Sequence[dict[str, str]], model: Linkage) -> dict[str, Any]:
    """Return the figures of all rows, of hard negatives and of texts that no sibling shares."""
    found = np.zeros(len(reports), dtype=int)
    for number, members in enumerate(partition(reports, model)):
        found[members] = number
    truth = [row["incident_id"] for row in rows]
    result: dict[str, Any] = {}
    for name, column, value in (
        ("all", None, None),
        ("text_shared_with_sibling=0", "text_shared_with_sibling", "0"),
        ("hard_negative=1", "hard_negative", "1"),
    ):
        counted = None if column is None else [row[column] == value for row in rows]
        right = compare(found.tolist(), truth, counted)
        result[name] = {
            "bcubed_precision": round(right.bcubed_precision, 4),
            "bcubed_recall": round(right.bcubed_recall, 4),
            "bcubed_f": round(right.bcubed_f, 4),
        }
        if column is None:
            result[name] |= {
                "pair_precision": round(right.pair_precision, 4),
                "pair_recall": round(right.pair_recall, 4),
            }
    return result


def measured(
    reports: Sequence[Traits], rows: Sequence[dict[str, str]], model: FoldedLinkage
) -> list[dict[str, Any]]:
    """Return for each level tried how precise it is: joined by itself, and proposed to a person.

    `proposed_precision` is the share of groups in doubt between that level and the usual one for joining
    whose likeliest two reports are of one incident.
    """
    incident = [row["incident_id"] for row in rows]
    table = located_table(reports)
    edges = likely_pairs(table, model.at(Levels(min(TRIED), min(TRIED))))
    group_of = np.zeros(len(reports), dtype=int)
    for number, members in enumerate(partition(reports, model)):
        group_of[members] = number
    best: dict[tuple[int, int], tuple[float, bool]] = {}
    for i, j, value in zip(edges.i.tolist(), edges.j.tolist(), edges.probability.tolist(), strict=True):
        pair = int(min(group_of[i], group_of[j])), int(max(group_of[i], group_of[j]))
        if pair[0] != pair[1]:
            best[pair] = max(best.get(pair, (0.0, False)), (value, incident[i] == incident[j]))
    found = []
    for level in TRIED:
        right = figures(reports, rows, model.at(Levels(level, level)))["all"]
        asked = [is_same for value, is_same in best.values() if value >= level]
        found.append(
            {"level": level}
            | {name: right[name] for name in ("pair_precision", "pair_recall", "bcubed_f")}
            | {"proposed": len(asked), "proposed_precision": round(sum(asked) / max(1, len(asked)), 4)}
        )
    return found


def main() -> None:
    """Fit, print the figures as JSON, and write the weights where asked."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--write", action="store_true")
    asked = arguments.parse_args()
    reports = sorted(read_reports(asked.folder / "reports.csv").reports, key=lambda t: (t.at, str(t.report)))
    with (asked.folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["report_id"]: row for row in csv.DictReader(file)}
    rows = [truth[str(t.report)] for t in reports]
    incident = np.array([row["incident_id"] for row in rows])
    fold = np.array([zlib.crc32(name.encode()) % FOLDS for name in incident])
    parts = [
        pairs_of(copy, incident) for copy in [list(reports), *(marred(reports, s) for s in range(COPIES))]
    ]
    folded = out_of_fold(parts, fold)
    judged = figures(reports, rows, folded)
    final = fitted(parts, [np.ones(len(part.y), dtype=bool) for part in parts])
    shipped = figures(reports, rows, final)
    print(json.dumps({"out_of_fold": judged, "in_sample": shipped}, indent=1))
    if asked.write:
        written = document(final, judged, measured(reports, rows, folded), asked.folder, len(reports))
        WEIGHTS.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


def document(
    model: Linkage, judged: dict[str, Any], tried: list[dict[str, Any]], folder: Path, reports: int
) -> dict[str, Any]:
    """Return the file of weights with how they came about."""
    return {
        "about": "Log odds that two reports speak of the same damage; see features.py for each name.",
        "fitted_by": "bench/fit_linkage.py",
        "fitted_on": f"{folder.name} ({reports} reports; positions and some times there are synthetic)",
        "fitted_at": datetime.now(UTC).date().isoformat(),
        "method": f"logistic regression, ridge C={STRENGTH} on standardised features, the data and {COPIES} "
        "marred copies",
        "set_by_hand": BY_HAND,
        "out_of_fold": judged,
        "levels": tried,
        "intercept": round(model.intercept, 4),
        "weights": {name: round(float(w), 4) for name, w in zip(FEATURES, model.weights, strict=True)},
    }


if __name__ == "__main__":
    main()
