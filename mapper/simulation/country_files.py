"""The invented country as files that other software reads, and as layers of the crisis."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mapper.layers.background import add_rows
from mapper.layers.service import add_areas, layers_of
from mapper.simulation.country import as_boundaries
from mapper.simulation.relief import activities, funding, stock
from mapper.simulation.service import INVENTED_CODES, districts_of
from mapper.simulation.story import Story
from mapper.simulation.voices import ASSETS
from mapper.store.store import Store
from mapper.store.tables import Crisis

EMPTY = 60  # bytes of a collection without features, or of no table at all
MAIN_TOWNS = 10  # their roads are primary ones
LAYERS = {
    "population": "population.csv",
    "facilities": "facilities.geojson",
    "roads": "roads.geojson",
    "activities": "activities.csv",
}


def write_country(story: Story, folder: Path) -> None:
    """Write areas (where they are invented), towns, roads, facilities, population, 3W, stock and funding."""
    folder.mkdir(parents=True, exist_ok=True)
    if story.world.places[0].code.startswith(INVENTED_CODES):
        districts = districts_of(story.plan.box, story.plan.seed)
        for level in (1, 2):
            _write_json(folder / f"areas_adm{level}.geojson", as_boundaries(districts, level))
    _write_table(folder / "towns.csv", _towns(story))
    _write_table(folder / "population.csv", _population(story))
    _write_json(folder / "roads.geojson", _collection(_roads(story)))
    _write_json(folder / "facilities.geojson", _collection(_facilities(story)))
    for name, rows in (("activities", activities), ("stock", stock), ("funding", funding)):
        _write_table(folder / f"{name}.csv", rows(story))


def load_country(store: Store, crisis: Crisis, folder: Path) -> None:
    """Load the files as layers of the crisis; areas only where it has none."""
    with store.read() as session:
        has_areas = bool(layers_of(session, crisis.id))
    if not has_areas:
        for level in (1, 2):
            add_areas(store, crisis, folder / f"areas_adm{level}.geojson", level)
    for kind, name in LAYERS.items():
        if (folder / name).stat().st_size > EMPTY:
            add_rows(store, crisis, kind, folder / name)


def _towns(story: Story) -> Iterator[dict[str, Any]]:
    world = story.world
    for town, (x, y) in enumerate(zip(world.longitude.tolist(), world.latitude.tolist(), strict=True)):
        place = int(world.place[town])
        yield {
            "name": world.town_name(town),
            "latitude": round(y, 6),
            "longitude": round(x, 6),
            "population": int(world.population[town]),
            "pcode": world.places[place].code if place >= 0 else "",
        }


def _population(story: Story) -> Iterator[dict[str, Any]]:
    """People of each area: those of its towns, and a tenth more in the country around."""
    world = story.world
    people = np.bincount(world.place + 1, weights=world.population, minlength=len(world.places) + 1)[1:]
    for place, many in zip(world.places, people.tolist(), strict=True):
        yield {
            f"ADM{place.level}_EN": place.name,
            f"ADM{place.level}_PCODE": place.code,
            "population": round(many * 1.1) + 100,
        }


def _roads(story: Story) -> Iterator[dict[str, Any]]:
    world = story.world
    for a, b in world.roads.tolist():
        line = [
            [round(float(world.longitude[end]), 6), round(float(world.latitude[end]), 6)] for end in (a, b)
        ]
        name = f"{world.town_name(a)} - {world.town_name(b)}"
        highway = "primary" if min(a, b) < MAIN_TOWNS else "secondary"
        yield _feature("LineString", line, {"name": name, "highway": highway})


def _facilities(story: Story) -> Iterator[dict[str, Any]]:
    listed = story.world.facilities
    for number in range(len(listed.town)):
        asset, town = ASSETS[int(listed.asset[number])], story.world.town_name(int(listed.town[number]))
        point = [float(listed.longitude[number]), float(listed.latitude[number])]
        nth = number - int(listed.first[listed.asset[number], listed.town[number]]) + 1
        name = f"{town} {asset.replace('_', ' ')} {nth}"
        yield _feature("Point", point, {"name": name, "type": asset})


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _write_table(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        if rows:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
