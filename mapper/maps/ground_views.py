"""Addresses of the base maps that an operator configured: tiles from files and through the proxy."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_babel import gettext as _

from mapper.accounts.access import EVERYONE, allow, principal
from mapper.maps.basemap import UnusableBasemap
from mapper.maps.ground import Ground, grounds, packed, tile_of
from mapper.maps.ground_fetch import UpstreamBusy, UpstreamFailed
from mapper.web.context import current_settings
from mapper.web.errors import PROBLEMS, Problem

blueprint = Blueprint("grounds", __name__)

DEEPEST = 22
KEPT_SECONDS, OLD_SECONDS = 86_400, 60
PROBLEMS[UpstreamFailed] = (502, "The base map's server does not answer")
PROBLEMS[UpstreamBusy] = (503, "The base map's server is left alone for a moment")
PROBLEMS[UnusableBasemap] = (503, "The base map's file cannot be read")


@blueprint.get("/basemaps/<name>/<int:z>/<int:x>/<int:y>")
@allow(EVERYONE)
def ground_tile(name: str, z: int, x: int, y: int) -> Response:
    """One tile of a configured base map: a picture or a vector tile; 204 where it has none."""
    if z > DEEPEST or x >= 1 << z or y >= 1 << z:
        raise Problem(400, detail=_("There is no such tile: x and y are below 2 to the power of z, z to 22."))
    found = tile_of(current_settings(), _named(name), z, x, y)
    if found is None:
        return _kept(Response(status=204), KEPT_SECONDS)
    response = Response(found.body, content_type=found.content_type)
    if not found.content_type.startswith("image/"):
        response.set_data(packed(found))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return _kept(response, OLD_SECONDS if found.is_old else KEPT_SECONDS)


def _named(name: str) -> Ground:
    signed_in = principal().is_signed_in
    for ground in grounds(current_settings(), signed_in=signed_in):
        if ground.source.name == name:
            return ground
    raise Problem(404)


def _kept(response: Response, seconds: int) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response
