"""Marks texts for translation in rooms that know no web request."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name for a deferred text
    """Return the message unchanged; the extractor collects it and screens translate it at display."""
    return message
