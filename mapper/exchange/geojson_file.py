"""GeoJSON (RFC 7946), feature by feature; the same features that lists answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from mapper.exchange.extract import BATCH, Advance, Extract
from mapper.exchange.features import incident_features, outlines_of, public_features


def write_geojson(found: Extract, path: Path, advance: Advance) -> None:
    """Write a FeatureCollection, one feature a line."""
    head = orjson.dumps({"type": "FeatureCollection"} | about(found))[:-1]
    with path.open("wb") as file:
        file.write(head + b',"features":[')
        separator = b"\n"
        for features in _features(found):
            lines = b",\n".join(orjson.dumps(feature) for feature in features)
            file.write(separator + lines)
            separator = b",\n"
            advance(len(features))
        file.write(b"\n]}\n")


def about(found: Extract) -> dict[str, Any]:
    """Return what a file says of itself."""
    until = found.data_until
    said: dict[str, Any] = {"name": found.name, "crisis": found.crisis.slug, "audience": found.seen.audience}
    if found.seen.is_public:
        policy = found.seen.snapshot.policy if found.seen.snapshot else {}
        return said | {"as_of": policy.get("as_of"), "rules": policy.get("rules", [])}
    return said | {"data_until": until.isoformat() if until else None}


def _features(found: Extract) -> Iterator[list[dict[str, Any]]]:
    for rows in _parts(found.rows):
        if found.seen.is_public and found.seen.snapshot:
            outlines = outlines_of(found.store.snapshots, found.seen.snapshot.path)
            yield public_features(found.seen.rows, rows, outlines)
        else:
            yield incident_features(found.seen.rows, rows)


def _parts(rows: Any) -> Iterable[Any]:
    return (np.asarray(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH))
