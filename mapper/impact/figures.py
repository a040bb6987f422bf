"""Figures of the public release: by week, by area, by sector, each with what it is a share of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from mapper.maps.release_tiles import AreaSum, sums_by_area
from mapper.maps.summary import release_bars
from mapper.publication.selection import PublicSelection, select_public_rows
from mapper.store.snapshot_format import WHOLE_CRISIS_LEVEL


@dataclass(frozen=True)
class Share:
    """A part of the whole: a code, its count, and the share of the total (0 to 1)."""

    code: str
    count: int
    share: float


@dataclass(frozen=True)
class Figures:
    """What a selection of the release says. `areas_known` is how many areas the release tells apart."""

    total: int
    weeks: Sequence[Mapping[str, Any]]  # gapless; a week without a row has count 0
    areas: Sequence[tuple[AreaSum, float]]  # with the share, the largest first
    sectors: Sequence[Share]
    rows: Sequence[Mapping[str, Any]]
    areas_known: int
    areas_counted: int

    @property
    def weeks_counted(self) -> int:
        """How many weeks have a row."""
        return sum(1 for week in self.weeks if week["count"])


def figures_of(rows: pa.Table, areas: pa.Table, selection: PublicSelection) -> Figures:
    """Return the figures of a selection of `PUBLIC_ROWS`; `areas` are the release's `PUBLIC_AREAS`."""
    chosen = rows.take(select_public_rows(rows, selection))
    sums = sums_by_area(chosen)
    total = sum(area.count for area in sums)
    by_week, by_sector = (_counts(chosen, name) for name in ("week", "sector"))
    levels = [level for level in areas["area_level"].to_pylist() if level != WHOLE_CRISIS_LEVEL]
    finest = max(levels, default=WHOLE_CRISIS_LEVEL)
    return Figures(
        total=total,
        weeks=release_bars(by_week),
        areas=[
            (area, area.count / total) for area in sorted(sums, key=lambda area: (-area.count, area.code))
        ],
        sectors=[
            Share(code, count, count / total)
            for code, count in sorted(by_sector.items(), key=lambda item: (-item[1], item[0]))
        ],
        rows=sorted(chosen.to_pylist(), key=lambda row: (row["week"], row["area_code"], row["sector"])),
        areas_known=levels.count(finest),
        areas_counted=sum(1 for area in sums if area.level == finest),
    )


def _counts(rows: pa.Table, name: str) -> dict[str, int]:
    summed = rows.group_by(name).aggregate([("count", "sum")]).to_pydict()
    return dict(zip(summed[name], summed["count_sum"], strict=True))
