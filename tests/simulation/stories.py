"""Small stories for the tests of this room."""

import io
from datetime import UTC, datetime
from pathlib import Path

from mapper.simulation.service import into_file, invented_places
from mapper.simulation.story import HISTORY, Plan, Story

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)
BBOX = (54.0, -28.0, 57.0, -25.6)


def a_story(incidents=300, **changes):
    """A story on an invented island that is told whole unless said otherwise."""
    given = {
        "incidents": incidents,
        "reports_per_incident": 2.6,
        "seed": 1,
        "start": UNTIL - HISTORY,
        "until": UNTIL,
        "mode": "hazard",
        "timezone": "Indian/Reunion",
        "box": BBOX,
        "spoken": ("en", "uk", "ar"),
    }
    plan = Plan(**given | changes)
    return Story(plan, invented_places(plan.box, plan.seed))


def in_files(story, name="reports.csv"):
    """What a story's two files hold."""
    out, truth = io.BytesIO(), io.BytesIO()
    into_file(story, Path(name), out, truth)
    return out.getvalue(), truth.getvalue()
