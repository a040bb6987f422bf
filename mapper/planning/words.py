"""The words of the coordinators' pages: labels of the vocabulary, translated."""

from __future__ import annotations

from flask_babel import gettext as _

from mapper.exchange.titles import damage_words
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.damage import CLASSES
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.services import SERVICE_STATES
from mapper.vocabulary.states import STATES

__all__ = ["damage_words", "labels"]


def labels() -> dict[str, dict[str, str]]:
    """Return the labels of every code that the pages show."""
    return {
        "sector": {code: str(_(sector.label)) for code, sector in SECTORS.items()},
        "asset": {code: str(_(asset.label)) for code, asset in ASSETS.items()},
        "state": {state.value: str(_(entry.label)) for state, entry in STATES.items()},
        "service": {code: str(_(label)) for code, label in SERVICE_STATES.items()},
        "damage": {str(grade): str(_(label)) for grade, label in CLASSES.items()},
        "kind": {
            "verified": str(_("Verified incidents")),
            "waiting": str(_("Incidents that nobody has verified yet")),
            "override": str(_("Emergency overrides by one person")),
            "blocked": str(_("Verified roads, bridges, rails and ports that cannot be used")),
        },
    }
