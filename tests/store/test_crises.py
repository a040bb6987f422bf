"""Crises keep the rules of their policy."""

import pytest
from mapper.store.crises import CrisisError, crisis_by_slug, draft_of, set_crisis
from mapper.store.store import Store
from mapper.store.tables import Crisis

FIELDS = {
    "slug": "east",
    "name": "East",
    "bbox": (22, 44, 41, 53),
    "timezone": "Europe/Kyiv",
    "languages": ["en", "uk"],
    "mode": "conflict",
}


def test_conflict_mode_brings_its_embargo():
    assert draft_of(**FIELDS).embargo == 72
    assert draft_of(**FIELDS | {"mode": "hazard"}).embargo == 0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"embargo_hours": 23}, "24 hours"),
        ({"minimum_count": 1}, "minimum count"),
        ({"bbox": (41, 44, 22, 53)}, "west below east"),
        ({"bbox": (0, 0, float("nan"), 1)}, "bbox"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"slug": "East!"}, "slug"),
        ({"languages": []}, "languages"),
        ({"mode": "peace"}, "mode"),
    ],
)
def test_a_bad_option_is_named(changes, word):
    with pytest.raises(CrisisError, match=word):
        draft_of(**FIELDS | changes)


def test_adding_twice_and_setting(store, make_crisis):
    make_crisis(store, "east")
    with pytest.raises(CrisisError, match="already"):
        make_crisis(store, "east")
    with store.write() as session:
        crisis = crisis_by_slug(session, "east")
        set_crisis(session, crisis, {"mode": "conflict", "embargo_hours": 48}, store.clock())
    with store.read() as session:
        assert crisis_by_slug(session, "east").embargo_hours == 48
    with pytest.raises(CrisisError, match="24 hours"), store.write() as session:
        set_crisis(session, crisis_by_slug(session, "east"), {"embargo_hours": 1}, store.clock())
    with store.read() as session:
        assert crisis_by_slug(session, "east").embargo_hours == 48


def test_what_was_read_can_be_used_after_reading(store: Store, crisis: Crisis) -> None:
    with store.read() as session:
        found = crisis_by_slug(session, crisis.slug)
    assert found is not None
    assert found.name == crisis.name
