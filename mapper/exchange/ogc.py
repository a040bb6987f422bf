"""Words of the OGC API standards: conformance classes, coordinate systems, relations of links.

Sources: OGC 17-069r4 (Features 1), 18-058r1 (2), 19-079r2 (3), 21-065r2 (CQL2), 20-057 (Tiles).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

SPEC = "http://www.opengis.net/spec"
CONFORMANCE = [
    f"{SPEC}/ogcapi-common-1/1.0/conf/core",
    f"{SPEC}/ogcapi-common-2/1.0/conf/collections",
    f"{SPEC}/ogcapi-features-1/1.0/conf/core",
    f"{SPEC}/ogcapi-features-1/1.0/conf/oas30",
    f"{SPEC}/ogcapi-features-1/1.0/conf/geojson",
    f"{SPEC}/ogcapi-features-1/1.0/conf/html",
    f"{SPEC}/ogcapi-features-2/1.0/conf/crs",
    f"{SPEC}/ogcapi-features-3/1.0/conf/filter",
    f"{SPEC}/ogcapi-features-3/1.0/conf/features-filter",
    f"{SPEC}/ogcapi-features-3/1.0/conf/queryables",
    f"{SPEC}/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    f"{SPEC}/cql2/1.0/conf/cql2-text",
    f"{SPEC}/cql2/1.0/conf/cql2-json",
    f"{SPEC}/cql2/1.0/conf/basic-cql2",
    f"{SPEC}/cql2/1.0/conf/advanced-comparison-operators",
    f"{SPEC}/cql2/1.0/conf/case-insensitive-comparison",
    f"{SPEC}/cql2/1.0/conf/basic-spatial-functions",
    f"{SPEC}/ogcapi-tiles-1/1.0/conf/core",
    f"{SPEC}/ogcapi-tiles-1/1.0/conf/tileset",
    f"{SPEC}/ogcapi-tiles-1/1.0/conf/tilesets-list",
    f"{SPEC}/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    f"{SPEC}/ogcapi-tiles-1/1.0/conf/mvt",
]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
SYSTEMS = (CRS84, MERCATOR)
MATRIX_SET = "WebMercatorQuad"
MATRIX_SET_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
MVT = "application/vnd.mapbox-vector-tile"
RELATIONS = "http://www.opengis.net/def/rel/ogc/1.0"
QUERYABLES, SCHEMES, TILESETS = (
    f"{RELATIONS}/{name}" for name in ("queryables", "tiling-schemes", "tilesets-vector")
)


def link(relation: str, kind: str, title: str, endpoint: str, **values: Any) -> dict[str, Any]:
    """Return a link to one of this API's addresses."""
    address = url_for(f"ogc.{endpoint}", **values, _external=True)
    return {"rel": relation, "type": kind, "title": title, "href": address}


def two_links(endpoint: str, title: str, kind: str = JSON, **values: Any) -> list[dict[str, Any]]:
    """Return the links of an answer to itself and to the same for people."""
    return [
        link("self", kind, title, endpoint, **values),
        link("alternate", HTML, title, endpoint, **values, f="html"),
    ]


def extent(
    bounds: tuple[float, float, float, float], times: tuple[str | None, str | None]
) -> Mapping[str, Any]:
    """Return an extent in space, degrees west, south, east, north, and time."""
    return {
        "spatial": {"bbox": [list(bounds)], "crs": CRS84},
        "temporal": {"interval": [list(times)], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"},
    }
