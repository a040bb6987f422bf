"""The search box: a position in any notation, the crisis' own areas, and places of the gazetteer."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import shapely
from flask_babel import gettext as _
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from mapper.geography.notation import read_position
from mapper.maps.boundaries import area_shapes, levels, release_shapes
from mapper.maps.gazetteer import CREDIT, Box, find, gazetteer_file
from mapper.maps.seen import Seen, release_areas
from mapper.store.store import Store
from mapper.store.tables import Crisis

MOST = 12
LONGEST = 120  # letters of a question


class Named(NamedTuple):
    """An area: its P-code, level, names by language and box in degrees."""

    code: str
    level: int
    names: tuple[tuple[str, str], ...]
    bounds: Box


def places(store: Store, crisis: Crisis, found: Seen, text: str, languages: Sequence[str]) -> dict[str, Any]:
    """Return what `text` may mean, best first, as GeoJSON points; areas and the crisis' own places lead."""
    asked = text.strip()[:LONGEST]
    features = _positions(asked)
    if not features and len(asked) >= 2:
        features = [_area(area, languages) for area in _areas(_all_areas(store, crisis, found), asked)]
        box = (crisis.west, crisis.south, crisis.east, crisis.north)
        populated = find(gazetteer_file(store.snapshots), asked, box, MOST - min(6, len(features)))
        features = features[: MOST - min(6, len(populated))] + [_place(place) for place in populated]
    return {"type": "FeatureCollection", "features": features[:MOST], "attribution": CREDIT}


def _positions(asked: str) -> list[dict[str, Any]]:
    found = read_position(asked)
    if not found:
        return []
    name = f"{found.latitude:.5f}, {found.longitude:.5f}"
    return [_feature("position", name, _("Position"), found.longitude, found.latitude)]


def _area(area: Named, languages: Sequence[str]) -> dict[str, Any]:
    west, south, east, north = area.bounds
    names = dict(area.names)
    name = next((names[language] for language in languages if names.get(language)), "") or next(
        iter(names.values()), area.code
    )
    detail = _("Area %(code)s", code=area.code)
    return _feature("area", name, detail, (west + east) / 2, (south + north) / 2) | {
        "bbox": list(area.bounds),
        "id": area.code,
    }


def _place(place: Any) -> dict[str, Any]:
    detail = " · ".join(filter(None, (place.other, place.country)))
    return _feature("place", place.name, detail, place.longitude, place.latitude)


def _feature(kind: str, name: str, detail: str, longitude: float, latitude: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]},
        "properties": {"kind": kind, "name": name, "detail": detail},
    }


def _areas(areas: Sequence[Named], asked: str) -> list[Named]:
    """Areas whose code or a name begins with what is asked, or has a word that does; coarser first."""
    wanted = _plain(asked)
    ranked = [(rank, area) for area in areas if (rank := _fit(area, wanted)) is not None]
    return [area for _rank, area in sorted(ranked, key=lambda pair: (pair[0], pair[1].level, pair[1].code))][
        :MOST
    ]


def _fit(area: Named, wanted: str) -> int | None:
    words = [area.code.casefold(), *(_plain(name) for _language, name in area.names)]
    if wanted in words:
        return 0
    if any(word.startswith(wanted) for word in words):
        return 1
    return 2 if any(f" {wanted}" in word.replace("-", " ") for word in words) else None


def _plain(text: str) -> str:
    """Letters without marks and case, so that `Leogane` finds Léogâne."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def _all_areas(store: Store, crisis: Crisis, found: Seen) -> tuple[Named, ...]:
    """The areas the asker may see: every loaded one, or for the public the release's own."""
    if found.is_public:
        return tuple(_named(shape) for shape in release_shapes(release_areas(store, found)))
    return _loaded(_Key(store.engine, crisis.id, crisis.areas_version))


class _Key(NamedTuple):
    engine: Engine
    crisis_id: int
    version: int


@lru_cache(maxsize=4)
def _loaded(key: _Key) -> tuple[Named, ...]:
    with Session(key.engine) as session:
        shapes = [
            shape
            for level in levels(session, key.crisis_id)
            for shape in area_shapes(session, key.crisis_id, level)
        ]
    return tuple(_named(shape) for shape in shapes)


def _named(shape: Any) -> Named:
    box = tuple(float(value) for value in shapely.from_wkb(shape.geometry).bounds)
    return Named(shape.code, shape.level, tuple(shape.names.items()), box)  # type: ignore[arg-type]
