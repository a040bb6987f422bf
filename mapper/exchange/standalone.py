"""The stand-alone map: one HTML file that opens from a USB stick and asks nobody for anything.

folium composes the map and its layers from our own words alone. What people wrote, even names of areas,
stands in the file as JSON and becomes text in the browser by `textContent`; it never passes through
folium's templates, which do not make strangers' text safe (field-notes.md, section 6).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from flask import render_template
from flask_babel import gettext as _

from mapper.exchange.extract import Advance, Extract
from mapper.exchange.standalone_data import Drawn, drawn
from mapper.vocabulary.damage import CLASSES, UNKNOWN_LABEL
from mapper.web.assets import MANIFEST, STATIC, read_manifest
from mapper.web.locale import language, text_direction

OWN = STATIC / "exchange"


class NotBuilt(Exception):
    """The front-end assets that go into the file are missing; the message says what to run."""


def write_html(found: Extract, path: Path, advance: Advance) -> None:
    """Write the file; above what a browser draws easily, incidents are counted in squares, and it says so."""
    what = drawn(found)
    scripts = [_vendored("vendor/leaflet.js"), _folium_script(what), _text(OWN / "standalone.js")]
    page = render_template(
        "exchange/standalone.html",
        crisis=found.crisis,
        found=found,
        notices=what.notices,
        grades=[(grade, _(label)) for grade, label in CLASSES.items()],
        unknown=_(UNKNOWN_LABEL),
        language=language(),
        direction=text_direction(),
        style=_without_pictures(_vendored("vendor/leaflet.css")) + _text(OWN / "standalone.css"),
        scripts=scripts,
        policy=_policy(scripts),
        data=_as_script(what.data),
    )
    path.write_text(page, encoding="utf-8")
    advance(len(found.rows))


def _policy(scripts: list[str]) -> str:
    """Return a policy that runs these scripts and no other, and lets nothing be fetched."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {hashes}"


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _as_script(data: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the element it stands in."""
    return orjson.dumps(data).decode().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _vendored(name: str) -> str:
    built = read_manifest(MANIFEST).get(name)
    if built is None:
        raise NotBuilt(f"{name} is not built; run: make setup")
    return _text(STATIC / built)


def _text(path: Path) -> str:
    """Return a script or style as it goes between tags."""
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return re.sub(r"//# sourceMappingURL=.*", "", text).replace("</script", "<\\/script")


def _without_pictures(style: str) -> str:
    """Leave out Leaflet's pictures: the file has no folder beside it, and its own style draws them."""
    return re.sub(r"url\([^)]*\)", "none", style)


def _folium_script(what: Drawn) -> str:
    """Return folium's script for the map, one layer a group and the control to switch them."""
    import folium

    made = folium.Map(location=[0, 0], zoom_start=2, tiles=None, prefer_canvas=True)
    made._id = "crisis"
    for code, label in what.groups.items():
        group = folium.FeatureGroup(name=label)
        group._id = code
        group.add_to(made)
    control = folium.LayerControl(collapsed=True)
    control._id = "layers"
    control.add_to(made)
    figure = made.get_root()
    figure.render()
    script = "\n".join(child.render().strip() for child in figure.script._children.values())
    return f"\n{script}\n"
