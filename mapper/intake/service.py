"""The only door: `accept` for files and other bulk, `Committer` for the web."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence

from sqlalchemy.exc import IntegrityError

from mapper.intake.drafts import Fate, Outcome, ReportDraft, Sender
from mapper.intake.preparing import Prepared, prepare
from mapper.intake.turns import Turn
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

    Who finds nobody committing commits for all who came meanwhile; then one of those who came later does.
    """

    def __init__(self, store: Store) -> None:
        self.turn = Turn()
        self._store = store
        self._waiting: deque[_Waiting] = deque()
        self._lock = threading.Lock()
        self._is_committing = False

    def accept(self, crisis: Crisis, draft: ReportDraft, sender: Sender) -> Outcome:
        """Keep one report; returns after the commit that holds it."""
        mine = _Waiting(prepare(self._store, crisis, draft, sender))
        self.turn.give_back()
        with self._lock:
            self._waiting.append(mine)
            must_commit, self._is_committing = not self._is_committing, True
        if must_commit or mine.wait_for_turn():
            self._commit_those_waiting()
        return mine.result()

    def _commit_those_waiting(self) -> None:
        group: list[_Waiting] = []
        try:
            with self._lock:
                group += [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
            self._commit(group)
        except BaseException as error:  # the thread is interrupted: whom it commits for must hear of it
            for waiting in group:
                waiting.answer_if_waiting(error)
            raise
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._is_committing = following is not None
            if following:
                following.pass_turn()

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            outcomes = _write(self._store, [waiting.prepared for waiting in group])
        except Exception as error:
            self._commit_alone(group, error)
            return
        for waiting, outcome in zip(group, outcomes, strict=True):
            waiting.answer(outcome)

    def _commit_alone(self, group: Sequence[_Waiting], error: Exception) -> None:
        """One bad row must not refuse its neighbours: try each by itself."""
        if len(group) == 1:
            group[0].answer(error)
            return
        for waiting in group:
            self._commit([waiting])


class _Waiting:
    """A report on its way into a commit, and the thread that brought it.

    A bare lock wakes a thread at a tenth of what a `Future` costs.
    """

    __slots__ = ("_outcome", "_signal", "prepared")

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self._outcome: Outcome | BaseException | None = None
        self._signal = threading.Lock()
        self._signal.acquire()

    def wait_for_turn(self) -> bool:
        """Sleep until the report was committed, or until its thread is to commit (True)."""
        self._signal.acquire()
        return self._outcome is None

    def pass_turn(self) -> None:
        """Wake the thread to commit what waits."""
        self._signal.release()

    def answer(self, outcome: Outcome | BaseException) -> None:
        """Wake the thread with what became of the report."""
        self._outcome = outcome
        self._signal.release()

    def answer_if_waiting(self, outcome: BaseException) -> None:
        """The same, unless the thread has its answer."""
        if self._outcome is None:
            self.answer(outcome)

    def result(self) -> Outcome:
        """Return what became of the report; raises what its commit raised."""
        if isinstance(self._outcome, Outcome):
            return self._outcome
        raise self._outcome or RuntimeError("the report was neither kept nor refused")


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
