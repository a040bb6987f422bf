"""A look-up on the driver gives what the object mapper gives, on both engines."""

from __future__ import annotations

from mapper.store.crises import crisis_by_slug, read_crisis
from mapper.store.store import Store
from mapper.store.tables import Crisis


def test_a_crisis_read_is_the_crisis_kept(store: Store, crisis: Crisis) -> None:
    with store.engine.connect() as connection, store.read() as session:
        read, kept = read_crisis(connection, "coast"), crisis_by_slug(session, "coast")
        assert read is not None
        for column in Crisis.__table__.columns:
            assert getattr(read, column.key) == getattr(kept, column.key), column.key
        assert read_crisis(connection, "nowhere") is None


def test_a_change_is_read_at_once(store: Store, crisis: Crisis) -> None:
    with store.engine.connect() as connection:
        before = read_crisis(connection, "coast")
        assert read_crisis(connection, "coast") is before
    with store.write() as session:
        kept = crisis_by_slug(session, "coast")
        assert kept is not None
        kept.blanked_at = store.clock()
    with store.engine.connect() as connection:
        after = read_crisis(connection, "coast")
    assert after is not None
    assert after.blanked_at == store.clock()
