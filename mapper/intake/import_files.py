"""The file of an import: sealed while it is kept, and laid out in a private folder while it is read."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapper.store.keys import seal, unseal
from mapper.store.store import Store
from mapper.store.tables import ImportRun

PREFIX = "mapper-import-"


def keep(store: Store, run: ImportRun, data: bytes) -> None:
    """Keep a file durably under a key of its own; the caller writes the run's row."""
    secret, run.wrapped = store.keys.new_secret(run.id)
    run.blob = store.blobs.put(seal(secret, data, run.id))


@contextmanager
def laid_out(store: Store, run: ImportRun) -> Iterator[Path]:
    """Lay the file of an import out for the block. Raises BlobMissing where it is kept no longer."""
    sealed = store.blobs.get(run.blob or "")
    data = unseal(store.keys.unwrap(run.id, run.wrapped or b""), sealed, run.id)
    with private_folder() as folder:
        path = folder / "file"
        path.write_bytes(data)
        yield path


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that only this account can read, gone after the block."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def _sweep() -> None:
    """Remove what processes left behind that were killed while they read."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(folder, ignore_errors=True)
