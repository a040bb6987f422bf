"""What a worker does here: working copies of photos that have none."""

from sqlalchemy import select, update

from mapper.store.blobs import BlobMissing
from mapper.store.store import Store
from mapper.store.tables import Medium, ReportKey
from mapper.verification.evidence import process

BATCH = 4


def work(store: Store) -> int:
    """Process a few waiting photos; return how many."""
    with store.read() as session:
        waiting = session.execute(
            select(Medium, ReportKey.wrapped)
            .join(
                ReportKey,
                (ReportKey.crisis_id == Medium.crisis_id) & (ReportKey.report_id == Medium.report_id),
            )
            .where(Medium.processed_at.is_(None), Medium.blob.is_not(None))
            .limit(BATCH)
        ).all()
    for medium, wrapped in waiting:
        try:
            columns = process(store, medium, wrapped)
        except BlobMissing:
            columns = {"problem": "the original is missing from the blob store"}
        _keep(store, medium, columns)
    return len(waiting)


def _keep(store: Store, medium: Medium, columns: dict[str, str | None]) -> None:
    """Name the copies, unless the report was erased meanwhile: then they are forgotten again."""
    mine = (Medium.crisis_id == medium.crisis_id, Medium.id == medium.id, Medium.blob.is_not(None))
    with store.write() as session:
        kept = session.execute(update(Medium).where(*mine).values(processed_at=store.clock(), **columns))
    if not kept.rowcount:  # type: ignore[attr-defined]
        for name in (columns.get("copy_blob"), columns.get("thumbnail_blob")):
            if name:
                store.blobs.delete(name)
