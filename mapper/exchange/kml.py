"""KML 2.2, a folder a sector, written as a stream: GDAL's own writer holds the whole file in memory.

Source: OGC 12-007r2. Texts are escaped; descriptions hold none, because viewers render them as HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from flask_babel import gettext as _

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.flat import GEOMETRY, batches, schema_of
from mapper.exchange.sheets import rfc3339
from mapper.vocabulary.sectors import MULTIPLE, MULTIPLE_LABEL, SECTORS

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
TAIL = "</Document></kml>\n"


def write_kml(found: Extract, path: Path, advance: Advance) -> None:
    """Write the folders of those sectors that occur, in the vocabulary's order."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEAD}<name>{_text(found.crisis.name)}</name>\n{_schema(schema_of(found))}")
        for sector, rows in _sectors(found):
            _write_folder(file, sector, replace(found, rows=rows), advance)
        file.write(TAIL)


def _sectors(found: Extract) -> Iterator[tuple[str, Any]]:
    named = found.seen.rows["sector"].cast(pa.string()).take(found.rows)
    for sector in (*SECTORS, MULTIPLE):
        chosen = found.rows[pc.equal(named, sector).to_numpy()]
        if len(chosen):
            yield sector, chosen


def _schema(schema: pa.Schema) -> str:
    fields = "".join(
        f'<SimpleField name="{field.name}" type="{_kind(field.type)}"/>'
        for field in schema
        if field.name != GEOMETRY
    )
    return f'<Schema id="damage" name="damage">{fields}</Schema>\n'


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "int"
    if pa.types.is_floating(kind):
        return "double"
    return "bool" if pa.types.is_boolean(kind) else "string"


def _write_folder(file: IO[str], sector: str, found: Extract, advance: Advance) -> None:
    label = MULTIPLE_LABEL if sector == MULTIPLE else SECTORS[sector].label
    file.write(f"<Folder><name>{_text(_(label))}</name>\n")
    for batch in batches(found):
        names = [name for name in batch.schema.names if name != GEOMETRY]
        shapes = shapely.from_wkb(batch[GEOMETRY].to_numpy(zero_copy_only=False))
        for row, shape in zip(batch.select(names).to_pylist(), shapes, strict=True):
            file.write(_placemark(row, shape))
        advance(batch.num_rows)
    file.write("</Folder>\n")


def _placemark(row: Mapping[str, Any], shape: Any) -> str:
    name = row.get("title") or row.get("area_name") or ""
    data = "".join(
        f"<SimpleData name={quoteattr(key)}>{_value(value)}</SimpleData>"
        for key, value in row.items()
        if value is not None
    )
    identity = f" id={quoteattr(row['id'])}" if "id" in row else ""
    return (
        f"<Placemark{identity}><name>{_text(name)}</name>{_span(row)}<ExtendedData>"
        f'<SchemaData schemaUrl="#damage">{data}</SchemaData></ExtendedData>{_geometry(shape)}</Placemark>\n'
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return _text(rfc3339(value) if hasattr(value, "isoformat") else str(value))


def _text(value: str) -> str:
    """Return a text for XML, without the control characters that XML cannot hold."""
    return escape("".join(letter for letter in value if letter >= " " or letter in "\t\n"))


def _span(row: Mapping[str, Any]) -> str:
    start, end = row.get("happened_from"), row.get("happened_to")
    if start is None:
        return ""
    return f"<TimeSpan><begin>{rfc3339(start)}</begin><end>{rfc3339(end or start)}</end></TimeSpan>"


def _geometry(shape: Any) -> str:
    if shape is None or shape.is_empty:
        return ""
    if shape.geom_type == "Point":
        return f"<Point><coordinates>{_coordinates([shape.coords[0]])}</coordinates></Point>"
    polygons = "".join(_polygon(part) for part in shapely.get_parts(shape))
    return f"<MultiGeometry>{polygons}</MultiGeometry>"


def _polygon(shape: Any) -> str:
    rings = [
        _ring("outerBoundaryIs", shape.exterior),
        *(_ring("innerBoundaryIs", r) for r in shape.interiors),
    ]
    return f"<Polygon>{''.join(rings)}</Polygon>"


def _ring(name: str, ring: Any) -> str:
    return (
        f"<{name}><LinearRing><coordinates>{_coordinates(np.asarray(ring.coords).tolist())}</coordinates>"
        f"</LinearRing></{name}>"
    )


def _coordinates(positions: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{longitude!r},{latitude!r}" for longitude, latitude in positions)
