"""Comments: what verifiers say to each other about a case, and whom they call by `@name`.

A comment is talk and no evidence: it stays at the desk, in no snapshot and no export. One by somebody whose
assessment is hidden is hidden with it (`store.blindness`), and so is its mention.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mapper.store.blindness import visible_comments
from mapper.store.store import Store
from mapper.store.tables import Comment, CrisisRole, DeploymentRole, Incident, Mention, User
from mapper.verification.refusals import DoesNotFit, NoSuchIncident
from mapper.verification.situations import current_round, decisions_of
from mapper.vocabulary.states import DECIDERS
from mapper.vocabulary.text import N_

LONGEST = 2_000
MOST_MENTIONS_SHOWN = 50
CALLED = re.compile(r"(?<![\w@.])@([\w.+-]+(?:@[\w.-]+\w)?)")


@dataclass(frozen=True)
class Said:
    """A comment as a person may read it."""

    id: uuid.UUID
    incident_id: uuid.UUID
    author: str
    said_at: datetime
    text: str


def say(store: Store, crisis_id: int, incident_id: uuid.UUID, user_id: int, text: str) -> list[str]:
    """Add a comment and call whom it names; return their addresses. Raises DoesNotFit or NoSuchIncident."""
    text = text.replace("\0", "").strip()
    if not 0 < len(text) <= LONGEST:
        raise DoesNotFit(N_("Write a comment of at most %(count)s characters."), count=LONGEST)
    with store.write() as session:
        if session.get(Incident, (crisis_id, incident_id)) is None:
            raise NoSuchIncident(N_("There is no such incident in this crisis."))
        comment = Comment(
            crisis_id=crisis_id,
            id=uuid.uuid4(),
            incident_id=incident_id,
            round=current_round(decisions_of(session, crisis_id, incident_id)),
            author_user_id=user_id,
            said_at=store.clock(),
            text=text,
        )
        called = _called(session, crisis_id, text)
        session.add(comment)
        session.add_all(
            Mention(crisis_id=crisis_id, user_id=called_id, comment_id=comment.id)
            for called_id in called
            if called_id != user_id
        )
        return sorted(called.values())


def said_about(session: Session, crisis_id: int, incident_id: uuid.UUID, user_id: int | None) -> list[Said]:
    """Return what a person may read of what was said about an incident, the first first."""
    query = select(Comment).where(Comment.crisis_id == crisis_id, Comment.incident_id == incident_id)
    every = session.scalars(query.order_by(Comment.said_at, Comment.id)).all()
    return _said(session, visible_comments(every, decisions_of(session, crisis_id, incident_id), user_id))


def unread_mentions(session: Session, crisis_id: int, user_id: int) -> list[Said]:
    """Return the comments that call a person and that they may read, the newest first."""
    query = (
        select(Comment)
        .join(Mention, (Mention.crisis_id == Comment.crisis_id) & (Mention.comment_id == Comment.id))
        .where(Mention.crisis_id == crisis_id, Mention.user_id == user_id, Mention.read_at.is_(None))
    )
    rows = session.scalars(query.order_by(Comment.said_at.desc()).limit(MOST_MENTIONS_SHOWN)).all()
    shown = [
        comment
        for comment in rows
        if visible_comments([comment], decisions_of(session, crisis_id, comment.incident_id), user_id)
    ]
    return _said(session, shown)


def mark_read(store: Store, crisis_id: int, user_id: int, comment_ids: Sequence[uuid.UUID]) -> None:
    """Note that a person has read these comments."""
    with store.write() as session:
        session.execute(
            update(Mention)
            .where(
                Mention.crisis_id == crisis_id,
                Mention.user_id == user_id,
                Mention.comment_id.in_(comment_ids),
            )
            .values(read_at=store.clock())
        )


def people(session: Session, crisis_id: int) -> dict[int, str]:
    """Return who may decide in a crisis: account to address."""
    here = select(CrisisRole.user_id).where(
        CrisisRole.crisis_id == crisis_id, CrisisRole.role.in_(sorted(DECIDERS))
    )
    everywhere = select(DeploymentRole.user_id).where(DeploymentRole.role.in_(sorted(DECIDERS)))
    rows = session.execute(
        select(User.id, User.email).where(User.active, User.id.in_(here) | User.id.in_(everywhere))
    )
    return {row.id: row.email for row in rows.all()}


def _called(session: Session, crisis_id: int, text: str) -> dict[int, str]:
    """Return whom a text names, by address or by what stands before its @."""
    names = {name.casefold().rstrip(".") for name in CALLED.findall(text)}
    if not names:
        return {}
    return {
        user_id: email
        for user_id, email in people(session, crisis_id).items()
        if names & {email.casefold(), email.casefold().partition("@")[0]}
    }


def _said(session: Session, comments: Sequence[Comment]) -> list[Said]:
    authors = {comment.author_user_id for comment in comments}
    rows = session.execute(select(User.id, User.email).where(User.id.in_(authors)))
    emails = {row.id: row.email for row in rows}
    return [
        Said(item.id, item.incident_id, emails.get(item.author_user_id, ""), item.said_at, item.text)
        for item in comments
    ]
