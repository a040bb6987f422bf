"""Explaining: why a report is in its incident, in numbers for programs and in words for people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
from flask_babel import gettext as _

from mapper.fusion.features import agreement, gap_hours
from mapper.fusion.linkage import Linkage
from mapper.fusion.traits import TraitTable
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.sectors import SECTORS

FIRST: dict[str, Any] = {"kind": "first"}
MOST_COMPARED = 24


def reason(
    table: TraitTable, ids: Sequence[uuid.UUID], row: int, others: Sequence[int], linkage: Linkage
) -> tuple[float, dict[str, Any]]:
    """Return the mean probability with the others of an incident, and how the likeliest of them agrees.

    `table` holds the reports of `ids`; `row` and `others` are rows of it.
    """
    j = np.array(others[:MOST_COMPARED], dtype=np.intp)
    probability = linkage.between(table, np.full(len(j), row, dtype=np.intp), j)
    best = int(np.argmax(probability))
    other = int(j[best])
    why = numbers(table, row, other) | {
        "kind": "joined",
        "with": str(ids[other]),
        "compared": len(j),
        "probability": round(float(probability[best]), 4),
    }
    return round(float(probability.mean()), 4), why


def numbers(table: TraitTable, row: int, other: int) -> dict[str, Any]:
    """Return how two reports agree. Distances are metres, accuracy is of both together; None: not known."""
    pair = agreement(table, np.array([row]), np.array([other]))
    distance = float(pair.distance_m[0])
    return {
        "distance_m": None if np.isnan(distance) else round(distance),
        "accuracy_m": round(float(pair.accuracy_m[0])),
        "hours": round(float(gap_hours(table, np.array([row]), np.array([other]))[0]), 1),
        "words": None if pair.is_wordless[0] else round(float(pair.words[0]), 2),
        "same_category": bool(pair.same_category[0]),
        "other_category": bool(pair.other_category[0]),
        "same_place": round(float(pair.place[0]), 2) if pair.both_placed[0] else None,
        "same_link": bool(pair.same_link[0]),
        "same_photo": bool(pair.same_photo[0]),
    }


def in_words(why: dict[str, Any], asset: str | None = None, sector: str | None = None) -> str:
    """Return a reason as one line in the reader's language; empty where there is nothing to tell.

    `asset` and `sector` are the report's own, to name what both agree on.
    """
    kind = why.get("kind")
    if kind == "first":
        return str(_("The first report of this incident"))
    if kind == "decision":
        return str(_("A person put it here"))
    if kind == "kept_apart":
        return str(_("A person keeps them apart"))
    if kind in {"follows", "followed_by"}:
        return ", ".join([_("another strike at the same place"), _apart(why)])
    if kind not in {"joined", "maybe_same"}:
        return ""
    return ", ".join([*_of_place_and_time(why), *_of_content(why, asset, sector)])


def _of_place_and_time(why: dict[str, Any]) -> list[str]:
    parts = []
    if why.get("distance_m") is not None:
        parts.append(_apart(why))
    else:
        parts.append(_("one of the two without a position"))
    parts.append(_("%(hours)s h between them", hours=f"{why['hours']:g}"))
    return parts


def _apart(why: dict[str, Any]) -> str:
    distance, accuracy = why["distance_m"], why["accuracy_m"]
    return str(_("%(distance)d m apart within ±%(accuracy)d m", distance=distance, accuracy=accuracy))


def _of_content(why: dict[str, Any], asset: str | None, sector: str | None) -> list[str]:
    parts = []
    if why.get("same_category"):
        parts.append(_("both %(category)s", category=_category(asset, sector)))
    elif why.get("other_category"):
        parts.append(_("different categories"))
    if why.get("words") is not None:
        parts.append(_("words %(likeness).2f", likeness=why["words"]))
    if why.get("same_place") is not None:
        parts.append(_("place names %(likeness).2f", likeness=why["same_place"]))
    if why.get("same_link"):
        parts.append(_("same link"))
    if why.get("same_photo"):
        parts.append(_("same photo"))
    return parts


def _category(asset: str | None, sector: str | None) -> str:
    if asset in ASSETS:
        return str(_(ASSETS[asset].label))
    return str(_(SECTORS[sector].label)) if sector in SECTORS else str(_("of one category"))
