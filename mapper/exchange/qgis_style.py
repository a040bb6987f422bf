"""A QGIS style (QML) for exported damage: the house's ramp, and hatching grey where nothing is known."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from mapper.vocabulary.damage import CLASSES, UNKNOWN_LABEL

# As in static/web/tokens.css, --damage-0 to --damage-5.
RAMP = ("242,234,208", "246,207,131", "238,157,84", "210,88,63", "154,43,87", "77,26,86")
UNKNOWN_COLOUR = "138,148,158"
OUTLINE = "28,38,48,255"


def qml(areas: bool) -> str:
    """Return the style: markers by `damage_high` for incidents, filled outlines for areas."""
    kinds = [
        *((str(grade), CLASSES[grade], RAMP[grade]) for grade in CLASSES),
        ("", UNKNOWN_LABEL, UNKNOWN_COLOUR),
    ]
    categories = "".join(
        f'<category value="{value}" symbol="{place}" label={quoteattr(label)} render="true"/>'
        for place, (value, label, _) in enumerate(kinds)
    )
    symbols = "".join(_symbol(place, colour, areas) for place, (_, _, colour) in enumerate(kinds))
    return (
        '<!DOCTYPE qgis><qgis version="3.22.0" styleCategories="Symbology">'
        '<renderer-v2 type="categorizedSymbol" attr="damage_high" enableorderby="0" forceraster="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def _symbol(place: int, colour: str, areas: bool) -> str:
    is_unknown = colour == UNKNOWN_COLOUR
    if areas:
        kind, layer = "fill", "SimpleFill"
        drawn = {"color": f"{colour},160", "style": "b_diagonal" if is_unknown else "solid"}
    else:
        kind, layer = "marker", "SimpleMarker"
        drawn = {"color": f"{colour},255", "name": "square" if is_unknown else "circle", "size": "2.6"}
    drawn |= {"outline_color": OUTLINE, "outline_width": "0.3", "outline_style": "solid"}
    options = "".join(f'<prop k="{name}" v="{value}"/>' for name, value in drawn.items())
    return (
        f'<symbol type="{kind}" name="{place}" alpha="1" clip_to_extent="1">'
        f'<layer class="{layer}" enabled="1" pass="0" locked="0">{options}</layer></symbol>'
    )
