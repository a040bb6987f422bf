"""The only door: `accept` for files and other bulk, `Committer` for the web."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future

from sqlalchemy.exc import IntegrityError

from mapper.intake.drafts import Fate, Outcome, ReportDraft, Sender
from mapper.intake.preparing import Prepared, prepare
from mapper.intake.writing import write_batch
from mapper.store.store import Store
from mapper.store.tables import Crisis

GROUP = 500  # most reports in one commit
TRIES = 5  # another process may write the same key between our look-up and our insert


def accept(store: Store, crisis: Crisis, drafts: Iterable[ReportDraft], sender: Sender) -> list[Outcome]:
    """Keep a batch of reports in one transaction and return what became of each, in order.

    Returns only after the commit. Raises what the store raises, and then nothing was kept.
    """
    return _write(store, [prepare(store, crisis, draft, sender) for draft in drafts])


class Committer:
    """Groups what waits into one commit: no timer, the commit in progress is the wait.

    One thread per process, started with the first report, because a forked server must not share it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[tuple[Prepared, Future[Outcome]]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def accept(self, crisis: Crisis, draft: ReportDraft, sender: Sender) -> Outcome:
        """Keep one report; returns after the commit that holds it."""
        prepared = prepare(self._store, crisis, draft, sender)
        answer: Future[Outcome] = Future()
        with self._changed:
            self._waiting.append((prepared, answer))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()
            self._changed.notify()
        return answer.result()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
            self._commit(group)

    def _commit(self, group: Sequence[tuple[Prepared, Future[Outcome]]]) -> None:
        try:
            outcomes = _write(self._store, [prepared for prepared, _ in group])
        except Exception as error:
            self._commit_alone(group, error)
            return
        for (_, answer), outcome in zip(group, outcomes, strict=True):
            answer.set_result(outcome)

    def _commit_alone(self, group: Sequence[tuple[Prepared, Future[Outcome]]], error: Exception) -> None:
        """One bad row must not refuse its neighbours: try each by itself."""
        if len(group) == 1:
            group[0][1].set_exception(error)
            return
        for pair in group:
            self._commit([pair])


def _write(store: Store, batch: Sequence[Prepared]) -> list[Outcome]:
    if not batch:
        return []
    for attempt in range(TRIES):
        try:
            with store.writing() as connection:
                outcomes = write_batch(connection, store.keys, batch)
            break
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
    _drop_unused_blobs(store, batch, outcomes)
    return outcomes


def _drop_unused_blobs(store: Store, batch: Sequence[Prepared], outcomes: Sequence[Outcome]) -> None:
    """A repetition's media were sealed anew and nobody refers to them."""
    for item, outcome in zip(batch, outcomes, strict=True):
        if outcome.fate is not Fate.ACCEPTED:
            for medium in item.media:
                store.blobs.delete(medium["blob"])
