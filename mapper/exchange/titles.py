"""Titles of incidents in the reader's language: from the vocabulary, never from a report's text."""

from __future__ import annotations

from flask_babel import gettext as _

from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.damage import CLASSES, UNKNOWN_LABEL
from mapper.vocabulary.sectors import SECTORS


def title_of(sector: str, asset: str | None, low: int | None, high: int | None) -> str:
    """Return what was damaged and how much, such as “Clinic: Heavy damage”."""
    return str(_("%(what)s: %(damage)s", what=_what(sector, asset), damage=damage_words(low, high)))


def damage_words(low: int | None, high: int | None) -> str:
    """Return an interval of damage in words."""
    if low is None or high is None:
        return str(_(UNKNOWN_LABEL))
    if low == high:
        return str(_(CLASSES[low]))
    return str(_("%(low)s to %(high)s", low=_(CLASSES[low]), high=_(CLASSES[high])))


def _what(sector: str, asset: str | None) -> str:
    if asset in ASSETS:
        return str(_(ASSETS[asset].label))
    return str(_(SECTORS[sector].label)) if sector in SECTORS and sector != "unknown" else str(_("Incident"))
