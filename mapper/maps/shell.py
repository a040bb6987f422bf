"""The page's shell: map, layer control, zoom and scale, composed with folium once per worker.

folium's page is taken apart here: its links, its element and its script are put into our own page, the
script with the nonce of the answer. Only our own words and addresses go in. What anybody reported never
does: folium's templates do not make strangers' text safe (`docs/decisions`, field-notes.md 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_ZOOM = 19


@dataclass(frozen=True)
class Words:
    """The translated words on the map's own controls."""

    incidents: str
    coloured: str
    outlines: str
    ground: str
    zoom_in: str
    zoom_out: str


@dataclass(frozen=True)
class Shell:
    """Parts of a page: links for its head, the script files, the map's element and the script behind it."""

    styles: str
    scripts: str
    html: str
    script: str


@lru_cache(maxsize=64)
def compose(words: Words, assets: tuple[str, str], *, rightwards: bool, with_incidents: bool) -> Shell:
    """Return the shell in one language. `assets` are the addresses of Leaflet's script and style sheet.

    With `rightwards` the controls stand at the right, the end side of a page that is read to the right.
    """
    import folium  # takes two seconds, so it is loaded with the first map and not at start

    side = "right" if rightwards else "left"
    made = _map_class(assets)(
        location=[0, 0], tiles=None, zoom_start=2, zoom_control=False, prefer_canvas=True
    )
    made._id = "crisis"
    made.options["max_zoom"] = MAX_ZOOM
    for name, words_for_it, shown in _groups(words, with_incidents):
        group = folium.FeatureGroup(name=words_for_it, show=shown)
        group._id = name
        group.add_to(made)
    for name, control in _controls(words, side).items():
        control._id = name
        control.add_to(made)
    return _parts(made)


def _groups(words: Words, with_incidents: bool) -> list[tuple[str, str, bool]]:
    groups = [
        ("ground", words.ground, True),
        ("outlines", words.outlines, True),
        ("coloured", words.coloured, not with_incidents),
    ]
    return [*groups, ("incidents", words.incidents, True)] if with_incidents else groups


def _map_class(assets: tuple[str, str]) -> Any:
    """folium's map with our copies of Leaflet and nothing else: no jQuery, no Bootstrap, no other host."""
    import folium

    class LocalMap(folium.Map):  # type: ignore[misc, unused-ignore]
        default_js = [("leaflet", assets[0])]  # noqa: RUF012 - as folium declares it
        default_css = [("leaflet_css", assets[1])]  # noqa: RUF012

    return LocalMap


def _controls(words: Words, side: str) -> Mapping[str, Any]:
    import folium

    titles = {"zoomInTitle": words.zoom_in, "zoomOutTitle": words.zoom_out}
    return {
        "zoom": _control("zoom", {"position": f"top{side}"} | titles),
        "layers": folium.LayerControl(position=f"top{side}", collapsed=True),
        "scale": _control("scale", {"position": f"bottom{side}", "imperial": False}),
    }


def _control(kind: str, options: Mapping[str, Any]) -> Any:
    """One of Leaflet's own controls, `L.control.KIND(options)`."""
    from folium.elements import MacroElement
    from folium.template import Template

    control = MacroElement()
    control._name, control.kind, control.options = f"{kind}_control", kind, dict(options)
    control._template = Template(
        """
        {% macro script(this, kwargs) %}
            L.control.{{ this.kind }}({{ this.options|tojson }}).addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )
    return control


def _parts(made: Any) -> Shell:
    """Take folium's page apart. Its own head (styles, a viewport that forbids zooming) is left behind."""
    from branca.element import CssLink, JavascriptLink

    figure = made.get_root()
    figure.render()
    head = figure.header._children.values()
    return Shell(
        styles="\n".join(link.render() for link in head if isinstance(link, CssLink)),
        scripts="\n".join(link.render() for link in head if isinstance(link, JavascriptLink)),
        html=_rendered(figure.html),
        script=_rendered(figure.script),
    )


def _rendered(part: Any) -> str:
    return "\n".join(child.render().strip() for child in part._children.values())
