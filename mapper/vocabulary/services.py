"""Service state: whether it works, an axis of its own beside damage. Unknown is absent, never a code."""

from __future__ import annotations

from mapper.vocabulary.text import N_

# Codes of the project's contract; the function axis of the field notes, section 3.
SERVICE_STATES: dict[str, str] = {
    "working": N_("Working"),
    "partial": N_("Partly working"),
    "out": N_("Out of service"),
}
