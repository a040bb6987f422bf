"""Where the rows of a batch say they are: degrees as given, many rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mapper.files.batches import Batch
from mapper.files.columns import Guess
from mapper.intake.places import degrees_of

Degrees = NDArray[np.float64]
PLAIN = set("0123456789+-.eE ")  # of numbers that float() reads as `parse_number` does


def degrees_in(batch: Batch, columns: Mapping[str, Guess]) -> tuple[Degrees, Degrees]:
    """Return longitudes and latitudes as given, on Earth or not: a row's geometry, else its columns.

    NaN where a row has none that can be read.
    """
    longitude, latitude = _by_columns(batch, columns)
    if batch.geometries is not None:
        known = np.isfinite(batch.geometries.longitude) & np.isfinite(batch.geometries.latitude)
        longitude = np.where(known, batch.geometries.longitude, longitude)
        latitude = np.where(known, batch.geometries.latitude, latitude)
    return longitude, latitude


def _by_columns(batch: Batch, columns: Mapping[str, Guess]) -> tuple[Degrees, Degrees]:
    names = {name: columns[name].column for name in ("position", "latitude", "longitude") if name in columns}
    if not names:
        return np.full(len(batch), np.nan), np.full(len(batch), np.nan)
    texts = {name: batch.texts(column) for name, column in names.items()}
    if "position" not in texts and len(texts) == 2:
        longitude, latitude = _plain_numbers(texts["longitude"]), _plain_numbers(texts["latitude"])
        if longitude is not None and latitude is not None:
            whole = np.isfinite(longitude) & np.isfinite(latitude)
            return np.where(whole, longitude, np.nan), np.where(whole, latitude, np.nan)
    rows = (dict(zip(texts, row, strict=True)) for row in zip(*texts.values(), strict=True))
    found = [degrees_of(row) or (np.nan, np.nan) for row in rows]
    pairs = np.array(found, dtype=np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _plain_numbers(texts: Sequence[str]) -> Degrees | None:
    """Return decimal numbers, NaN for empty cells; None where any is written in another way."""
    if not PLAIN.issuperset("".join(texts)):
        return None
    try:
        return np.array([float(text) if text else np.nan for text in texts], dtype=np.float64)
    except ValueError:
        return None
