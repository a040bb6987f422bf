"""The words of the map page: labels of the vocabulary and the scripts' sentences, in one language."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from mapper.maps.shell import Words
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.damage import CLASSES
from mapper.vocabulary.sectors import MULTIPLE, MULTIPLE_LABEL, SECTORS
from mapper.vocabulary.services import SERVICE_STATES
from mapper.vocabulary.states import STATES, TABLE


def texts() -> dict[str, Any]:
    """Return everything the map's scripts say, translated."""
    return {
        "sectors": {code: _(sector.label) for code, sector in SECTORS.items()}
        | {MULTIPLE: _(MULTIPLE_LABEL)},
        "assets": {code: _(asset.label) for code, asset in ASSETS.items()},
        "grades": {str(grade): _(label) for grade, label in CLASSES.items()},
        "services": {code: _(label) for code, label in SERVICE_STATES.items()},
        "states": {str(state): _(entry.label) for state, entry in STATES.items()},
        "decisions": {str(kind): _(rule.label) for kind, rule in TABLE.items()},
        "words": _sentences(),
    }


def control_words() -> Words:
    """Return the words on the map's own controls, translated."""
    return Words(
        incidents=_("Incidents"),
        coloured=_("Areas coloured by incidents"),
        outlines=_("Borders and names of areas"),
        ground=_("Base map"),
        zoom_in=_("Zoom in"),
        zoom_out=_("Zoom out"),
    )


def _sentences() -> dict[str, str]:
    return (
        _figures()
        | _tools()
        | {
            "places_found": _("Places found: %(count)s. Choose with the arrow keys."),
            "no_place": _(
                "Nothing found. Try another spelling, a P-code, or a position such as 50.45, 30.52."
            ),
            "layers": _("Layers of the map"),
            "ground_credit": _("Natural Earth, borders unofficial"),
            "ground_failed": _("The base map “%(name)s” does not answer."),
            "not_loaded": _("This could not be loaded."),
            "unknown_damage": _("Damage not known"),
            "incident": _("Incident"),
            "photos": _("Photos and documents"),
            "hidden_assessments": _("Others' assessments are hidden until you have given yours."),
            "several_here": _("Incidents at this place: %(count)s"),
            "reports": _("Reports"),
            "history": _("What was decided"),
            "sector": _("Sector"),
            "asset": _("What it is"),
            "service": _("Service"),
            "happened": _("Happened"),
            "first_reported": _("First reported"),
            "verified_at": _("Verified"),
            "counts": _("Based on"),
            "needs": _("Needs"),
            "people": _("People affected"),
            "accuracy": _("Position accurate to"),
            "area": _("Areas"),
            "why": _("Joined because: %(words)s"),
            "open_case": _("Open the case"),
        }
    )


def _figures() -> dict[str, str]:
    return {
        "from_to": _("%(low)s to %(high)s"),
        "measure_count": _("Incidents in an area"),
        "measure_per_people": _("Incidents per 10,000 people"),
        "measure_per_km2": _("Incidents per square kilometre"),
        "people_unknown": _("Areas whose population is not known: %(count)s"),
        "organisations": _("Organisations: %(count)s"),
        "altogether": _("Altogether"),
        "nameless": _("Without a name"),
        "not_known": _("Not known"),
        "metres": _("%(count)s m"),
        "count_incidents": _("Incidents: %(count)s"),
        "count_reports": _("Reports: %(count)s"),
        "in_sight": _("In sight: %(count)s"),
        "without_position": _("Without a position, so in neither map nor list: %(count)s"),
        "filters_active": _("%(count)s active"),
        "verified_in_areas": _("Verified incidents: %(count)s · areas: %(areas)s"),
        "three_counts": _("Reports: %(reports)s · sources: %(sources)s · independent origins: %(origins)s"),
    }


def _tools() -> dict[str, str]:
    return {
        "sketch_hint": _("Click or tap the corners; Finish or a double click ends, Escape gives up."),
        "sketch_crosses": _("The sides of this area cross each other. Draw it again."),
        "length": _("Length: %(km)s km"),
        "surface": _("Area: %(km2)s km²"),
        "link_copied": _("Link to what is shown"),
        "no_picture": _("The browser cannot make a picture of this map."),
        "no_position": _("Line %(line)s is not a position such as 50.45, 30.52."),
        "all_sectors": _("All"),
        "borders": _(
            "Borders and names are not official and imply no opinion on the status of any territory."
        ),
    }
