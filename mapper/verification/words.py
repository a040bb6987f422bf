"""The labels of every code that the desk's pages show, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.damage import CLASSES
from mapper.vocabulary.grades import INFORMATION_GRADES, SOURCE_GRADES
from mapper.vocabulary.sectors import SECTORS
from mapper.vocabulary.services import SERVICE_STATES
from mapper.vocabulary.states import STATES, TABLE


def page_words() -> dict[str, dict[str, str]]:
    """Return kind of code -> code -> label."""
    return {
        "state": {state.value: str(_(entry.label)) for state, entry in STATES.items()},
        "meaning": {state.value: str(_(entry.meaning)) for state, entry in STATES.items()},
        "kind": {kind.value: str(_(rule.label)) for kind, rule in TABLE.items()},
        "sector": {code: str(_(sector.label)) for code, sector in SECTORS.items()},
        "asset": {code: str(_(asset.label)) for code, asset in ASSETS.items()},
        "service": {code: str(_(label)) for code, label in SERVICE_STATES.items()},
        "damage": {str(grade): str(_(label)) for grade, label in CLASSES.items()},
        "source": {code: str(_(label)) for code, label in SOURCE_GRADES.items()},
        "information": {code: str(_(label)) for code, label in INFORMATION_GRADES.items()},
    }
