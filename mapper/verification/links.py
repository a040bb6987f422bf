"""Archiving a report's link: a verifier asks for it, a worker fetches it, it is sealed like a photo."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mapper.store import custody
from mapper.store.contents import open_contents
from mapper.store.custody import Act
from mapper.store.keys import seal
from mapper.store.originals import secret_of
from mapper.store.redaction import redacted_parts
from mapper.store.store import Store
from mapper.store.tables import LinkArchive, Medium, Report
from mapper.verification.addresses import PUBLIC, AddressRefused, Gate
from mapper.verification.fetching import NotFetched, fetch
from mapper.verification.refusals import DoesNotFit, NoSuchIncident
from mapper.vocabulary.text import N_

WARC = "application/warc"
PENDING, ARCHIVED, FAILED = "pending", "archived", "failed"
LEASE = timedelta(minutes=5)  # for which a worker that fetches keeps others away; more than a fetch takes
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 360))  # before the next try
OFF = N_("Archiving is off here: the operator sets MAPPER_ARCHIVE_LINKS where there is a network.")


def ask_for_archive(store: Store, crisis_id: int, report_id: uuid.UUID, user_id: int, reason: str) -> None:
    """Note that a report's link is to be archived; a failed one is tried again. Raises Refused."""
    if not store.archives_links:
        raise DoesNotFit(OFF)
    with store.write() as session:
        if _link_of(store, session, crisis_id, report_id) is None:
            raise NoSuchIncident(N_("This report has no link."))
        row = session.get(LinkArchive, (crisis_id, report_id))
        if row is not None and row.state != FAILED:
            raise DoesNotFit(N_("Its link is archived already, or soon will be."))
        row = row or LinkArchive(crisis_id=crisis_id, report_id=report_id)
        row.state, row.author_user_id, row.reason = PENDING, user_id, reason
        row.asked_at = row.next_at = store.clock()
        row.attempts, row.problem = 0, None
        session.add(row)


def archives_of(
    session: Session, crisis_id: int, report_ids: Collection[uuid.UUID]
) -> dict[str, LinkArchive]:
    """Return how far the links of reports are, by report."""
    query = select(LinkArchive).where(
        LinkArchive.crisis_id == crisis_id, LinkArchive.report_id.in_(report_ids)
    )
    return {str(row.report_id): row for row in session.scalars(query)} if report_ids else {}


def work(store: Store, gate: Gate = PUBLIC) -> int:
    """Fetch one link that waits; return how many were tried. Does nothing where archiving is off."""
    if not store.archives_links:
        return 0
    taken = _take(store)
    if taken is None:
        return 0
    row, url = taken
    if url is None:
        _fail(store, row, N_("The report's link is not there any more."), is_final=True)
        return 1
    try:
        fetched = fetch(url, gate)
    except AddressRefused as refusal:
        _fail(store, row, refusal.message, is_final=True)
    except NotFetched as failure:
        _fail(store, row, failure.message, is_final=failure.is_final)
    else:
        _keep(store, row, fetched.warc, {"status": fetched.status, "hops": fetched.hops})
    return 1


def _take(store: Store) -> tuple[LinkArchive, str | None] | None:
    """Lease the link that waits longest and open it: two workers never fetch the same one."""
    now = store.clock()
    query = select(LinkArchive).where(LinkArchive.state == PENDING, LinkArchive.next_at <= now)
    with store.write() as session:
        row = session.scalars(
            query.order_by(LinkArchive.next_at).limit(1).with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.attempts += 1
        row.next_at = now + LEASE
        return row, _link_of(store, session, row.crisis_id, row.report_id)


def _link_of(store: Store, session: Session, crisis_id: int, report_id: uuid.UUID) -> str | None:
    """Return a report's link; None where it has none, it is withheld, or the report was erased."""
    report = session.get(Report, (crisis_id, report_id))
    if report is None or "source_url" in redacted_parts(session, crisis_id).get(report_id, ()):
        return None
    content = open_contents(session, store.keys, [report]).get(report_id)
    return (content.source_url or None) if content else None


def _fail(store: Store, row: LinkArchive, problem: str, *, is_final: bool) -> None:
    with store.write() as session:
        kept = session.get_one(LinkArchive, (row.crisis_id, row.report_id))
        kept.problem = problem
        if is_final or kept.attempts > len(WAITS):
            kept.state = FAILED
        else:
            kept.next_at = store.clock() + WAITS[kept.attempts - 1]


def _keep(store: Store, row: LinkArchive, warc: bytes, details: dict[str, int]) -> None:
    """Seal the WARC under the report's key and name it, unless the report was erased meanwhile."""
    with store.read() as session:
        secret = secret_of(store, session, row.crisis_id, row.report_id)
    if secret is None:
        return
    blob = store.blobs.put(seal(secret, warc, row.report_id))
    with store.write() as session:
        is_erased = secret_of(store, session, row.crisis_id, row.report_id) is None
        if not is_erased:
            medium = _medium(store, session, row, warc, blob)
            session.add(medium)
            custody.record(
                session, medium, Act.ARCHIVED, row.author_user_id, row.reason, store.clock(), **details
            )
            kept = session.get_one(LinkArchive, (row.crisis_id, row.report_id))
            kept.state, kept.problem, kept.medium_id = ARCHIVED, None, medium.id
    if is_erased:
        store.blobs.delete(blob)


def _medium(store: Store, session: Session, row: LinkArchive, warc: bytes, blob: str) -> Medium:
    last = session.scalar(
        select(func.max(Medium.position)).where(
            Medium.crisis_id == row.crisis_id, Medium.report_id == row.report_id
        )
    )
    return Medium(
        crisis_id=row.crisis_id,
        id=uuid.uuid4(),
        report_id=row.report_id,
        position=0 if last is None else last + 1,
        sha256=hashlib.sha256(warc).hexdigest(),
        content_type=WARC,
        size=len(warc),
        blob=blob,
        processed_at=store.clock(),  # it has no copy: nobody looks at a stranger's page here
        added_by=row.author_user_id,
    )
