"""What a worker does for the store: chain the ledgers of all crises."""

from sqlalchemy import select

from mapper.store import ledger
from mapper.store.store import Store
from mapper.store.tables import LedgerEntry


def work(store: Store) -> int:
    """Chain one batch in each crisis that has unsealed entries; return how many entries were chained."""
    with store.read() as session:
        waiting = session.scalars(
            select(LedgerEntry.crisis_id).where(LedgerEntry.seq.is_(None)).distinct()
        ).all()
    return sum(ledger.seal(store, crisis_id) for crisis_id in waiting)
