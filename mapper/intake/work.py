"""What a worker does for the door: forget idempotency keys after 30 days."""

from datetime import timedelta

from sqlalchemy import delete, select, tuple_

from mapper.intake.drafts import IMPORT_SENDER
from mapper.store.store import Store
from mapper.store.tables import IdempotencyKey

KEPT = timedelta(days=30)
BATCH = 1_000


def work(store: Store) -> int:
    """Delete one batch of expired keys; rows of imported files keep theirs, so that a file stays known."""
    table = IdempotencyKey
    columns = (table.crisis_id, table.sender_key, table.key)
    expired = (
        select(*columns)
        .where(table.created_at < store.clock() - KEPT, table.sender_key != IMPORT_SENDER.key)
        .limit(BATCH)
    )
    with store.read() as session:
        names = [tuple(row) for row in session.execute(expired)]
    for start in range(0, len(names), 250):
        with store.write() as session:
            session.execute(delete(table).where(tuple_(*columns).in_(names[start : start + 250])))
    return len(names)
