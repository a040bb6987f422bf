"""Tilesets of the OGC API: the map's own tiles, described as OGC 20-057 and 17-083r4 ask."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import unquote

from flask import url_for
from flask_babel import gettext as _

from mapper.exchange.ogc import JSON, MATRIX_SET, MATRIX_SET_URI, MERCATOR, MVT, SCHEMES, link
from mapper.exchange.ogc_collections import Collection
from mapper.exchange.projecting import HALF_M
from mapper.maps.tiles import MAX_ZOOM

TILE_PIXELS = 256
PIXEL_M = 0.00028  # the standardised rendering pixel of OGC 17-083r4


def tileset(collection: Collection) -> dict[str, Any]:
    """Return the description of a collection's only tileset."""
    template = unquote(
        url_for(
            "ogc.tile",
            collection_id=collection.id,
            matrix="{tileMatrix}",
            row="{tileRow}",
            column="{tileCol}",
            _external=True,
        )
    )
    return {
        "title": collection.title,
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "links": [
            link("self", JSON, collection.title, "tileset", collection_id=collection.id),
            link(SCHEMES.removesuffix("s"), JSON, MATRIX_SET, "matrix_set"),
            {"rel": "item", "type": MVT, "title": _("Tiles"), "templated": True, "href": template},
        ],
    }


def matrix_set() -> dict[str, Any]:
    """Return the definition of the usual Web-Mercator pyramid."""
    return {
        "id": MATRIX_SET,
        "uri": MATRIX_SET_URI,
        "title": "Google Maps Compatible for the World",
        "crs": MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(MAX_ZOOM + 1)],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    across = 2**zoom
    cell_size = 2 * math.pi * 6_378_137.0 / (TILE_PIXELS * across)
    return {
        "id": str(zoom),
        "scaleDenominator": cell_size / PIXEL_M,
        "cellSize": cell_size,
        "pointOfOrigin": [-HALF_M, HALF_M],
        "tileWidth": TILE_PIXELS,
        "tileHeight": TILE_PIXELS,
        "matrixWidth": across,
        "matrixHeight": across,
    }
