"""Bundles for outsiders: a ZIP with a manifest, signed roots and the script that checks them without us."""

from __future__ import annotations

import hashlib
import os
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import orjson
from sqlalchemy.orm import Session

from mapper.store import ledger, proof, roots
from mapper.store.blobs import sync_folder
from mapper.store.store import Store
from mapper.store.tables import Crisis

CHECK = Path(__file__).with_name("check.py")
MANIFEST = "manifest.json"
FORMAT = 1


class BundleRefused(Exception):
    """The bundle cannot be written; the message says why."""


class Bundle:
    """A ZIP that is being written; every file's SHA-256 ends up in its manifest."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.files: dict[str, str] = {}

    def add(self, name: str, data: bytes) -> None:
        """Add a file."""
        self._archive.writestr(name, data)
        self.files[name] = hashlib.sha256(data).hexdigest()

    def add_lines(self, name: str, lines: Iterator[bytes]) -> int:
        """Add a file of lines, in flat memory; return how many."""
        digest, count = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as file:
            for count, line in enumerate(lines, 1):  # noqa: B007 - counted
                _both(file, digest, line + b"\n")
        self.files[name] = digest.hexdigest()
        return count

    def finish(self, about: Mapping[str, object]) -> None:
        """Add the manifest."""
        body = {"format": FORMAT, **about, "files": self.files}
        self._archive.writestr(MANIFEST, orjson.dumps(body, option=orjson.OPT_INDENT_2))


@contextmanager
def writing(path: Path) -> Iterator[Bundle]:
    """A bundle that is seen whole or not at all, readable by its owner alone. Raises BundleRefused."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}")
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield Bundle(archive)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BundleRefused(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)


def export_ledger(store: Store, crisis: Crisis, path: Path) -> dict[str, int]:
    """Write the whole sealed ledger with its signed roots; return counts. It holds no personal data."""
    while ledger.seal(store, crisis.id):
        pass
    head = proof.signed_head(store, crisis)
    with store.read() as session, writing(path) as bundle:
        entries = bundle.add_lines("entries.jsonl", _lines(session, crisis.id, head["seq"]))
        counts = add_roots(bundle, session, store, crisis, head["seq"])
        bundle.add("head.json", orjson.dumps(head))
        about = {"kind": "ledger", "crisis": crisis.slug, "made_at": store.clock().isoformat()}
        bundle.finish(about)
    return {"entries": entries, **counts}


def add_roots(bundle: Bundle, session: Session, store: Store, crisis: Crisis, last: int) -> dict[str, int]:
    """Add the signed roots up to an entry, their timestamps, the key and the script; return counts."""
    found = [item for item in roots.all_roots(session, crisis.id) if item.last_seq <= last]
    for item in found:
        bundle.add(f"roots/{item.number}.json", item.statement.encode())
        bundle.add(f"roots/{item.number}.sig", item.signature)
        if item.token is not None:
            bundle.add(f"roots/{item.number}.tsr", item.token)
    bundle.add("key.pem", roots.public_key_pem(store.keys))
    bundle.add("check.py", CHECK.read_bytes())
    stamped = sum(item.token is not None for item in found)
    return {"roots": len(found), "timestamps": stamped, "timestamps_pending": len(found) - stamped}


def _lines(session: Session, crisis_id: int, last: int) -> Iterator[bytes]:
    for item in ledger.sealed_entries(session, crisis_id):
        if int(item.seq or 0) > last:
            return
        yield ledger.material_of(item, int(item.seq or 0), str(item.previous))


def _both(file: IO[bytes], digest: hashlib._Hash, data: bytes) -> None:
    file.write(data)
    digest.update(data)
