"""Blobs: immutable bytes under their SHA-256, in a folder or in S3.

The folder is written aside, synced and renamed, and its folder synced, because obstore's local store
does not sync; obstore serves S3.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

NAME = re.compile(r"[0-9a-f]{64}")


class BlobMissing(Exception):
    """No blob of that name is kept here."""


class Blobs(Protocol):
    """Where blobs are kept. Names are lower-case hexadecimal SHA-256 of the bytes."""

    def put(self, data: bytes) -> str:
        """Keep bytes durably and return their name; keeping them twice is one blob."""
        ...

    def get(self, name: str) -> bytes:
        """Return the bytes; raises BlobMissing."""
        ...

    def delete(self, name: str) -> None:
        """Forget a blob; forgetting one that is not there is no error."""
        ...


def open_blobs(address: str) -> Blobs:
    """Return the blob store at a folder or an `s3://bucket/prefix` address."""
    if address.startswith("s3://"):
        return S3Blobs(address)
    return FolderBlobs(Path(address))


class FolderBlobs:
    """Blobs as files, two levels of folders deep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """See Blobs."""
        name = hashlib.sha256(data).hexdigest()
        path = self._path(name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, data)
        return name

    def get(self, name: str) -> bytes:
        """See Blobs."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(name) from None

    def delete(self, name: str) -> None:
        """See Blobs."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / _checked(name)[:2] / name[2:4] / name


class S3Blobs:
    """Blobs as objects; credentials and endpoint come from the usual AWS_* variables."""

    def __init__(self, address: str) -> None:
        from obstore.store import S3Store

        parts = urlsplit(address)
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": endpoint.startswith("http://")},
        )

    def put(self, data: bytes) -> str:
        """See Blobs."""
        name = hashlib.sha256(data).hexdigest()
        self._store.put(name, data)
        return name

    def get(self, name: str) -> bytes:
        """See Blobs."""
        try:
            return bytes(self._store.get(_checked(name)).bytes())
        except FileNotFoundError:
            raise BlobMissing(name) from None

    def delete(self, name: str) -> None:
        """See Blobs."""
        self._store.delete(_checked(name))


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is seen whole or not at all, and survives a power cut."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise BlobMissing(name)
    return name
