"""Work done ahead in another process: it makes the next piece while this one uses the last.

Threads would not do: each row that SQLite writes gives Python's lock away and waits to get it back from
whoever is computing.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import TypeVar

from mapper.files.refusals import FileRefused
from mapper.vocabulary.text import N_

T = TypeVar("T")
END = "end"


class WorkerEnded(FileRefused):
    """The other process was ended, for lack of memory or by somebody."""

    def __init__(self) -> None:
        super().__init__(N_("The process that reads the file was ended: is there enough memory?"))


def is_possible() -> bool:
    """Whether there is a second processor, and a way to start a process that shares what was read."""
    return hasattr(os, "fork") and (os.cpu_count() or 1) > 1


def ahead(make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """Yield what `make()` yields in another process, which is one piece ahead at most.

    What it raises is raised here. `make` must open its own connections to the store.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(theirs, make), daemon=True)
    process.start()
    theirs.close()
    try:
        while True:
            kind, piece = ours.recv()
            if kind == END:
                if piece is not None:
                    raise piece
                return
            yield piece
    except EOFError:
        raise WorkerEnded from None
    finally:
        ours.close()
        process.terminate()
        process.join()


def _send(out: Connection, make: Callable[[], Iterator[T]]) -> None:
    try:
        for piece in make():
            out.send(("piece", piece))
        out.send((END, None))
    except BrokenPipeError:
        return  # nobody wants the rest
    except Exception as error:
        out.send((END, error))
