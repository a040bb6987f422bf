"""The commitment to a report: what the ledger holds instead of what a person said."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.store.canonical import canonical
from mapper.store.keys import ReportSecret, commit
from mapper.store.tables import Medium

COMMITTED = (
    "channel",
    "sender_key",
    "sector",
    "asset",
    "damage_low",
    "damage_high",
    "service_state",
    "consent",
    "lon_e7",
    "lat_e7",
)

PLAIN_BY_VALUE = ("channel", "sender_key", "sector", "asset", "service_state", "consent")


def report_commitment(
    secret: ReportSecret, row: dict[str, Any], content: bytes, media: Sequence[str | None]
) -> str:
    """Return the salted commitment to a report's row, its content as plain bytes and its media's SHA-256."""
    return commit(secret, report_material(row, content, media))


def report_material(row: dict[str, Any], content: bytes, media: Sequence[str | None]) -> bytes:
    """Return the RFC 8785 bytes that a report's commitment is made of.

    Positions enter as whole 1e-7 degrees and times as RFC 3339, so that both engines commit alike.
    """
    material = {name: row[name] for name in COMMITTED}
    material["id"] = str(row["id"])
    material |= {name: rfc3339(row[name]) for name in ("received_at", "observed_at")}
    material["content"] = hashlib.sha256(content).hexdigest()
    material["media"] = list(media)
    return canonical(material)


def report_commitments(
    salts: Sequence[bytes], columns: Mapping[str, Sequence[Any]], hashes: Sequence[str]
) -> list[str]:
    """Return `report_commitment` of many rows without media, given column by column.

    Ids are text with dashes, `received_at` is one moment for all, `observed_at` are as `rfc3339` writes them,
    `hashes` are the contents' SHA-256.
    """
    texts: dict[str, Sequence[Any]] = {name: columns[name] for name in COMMITTED}
    texts["received_at"] = [rfc3339(columns["received_at"][0])] * len(hashes)
    texts["observed_at"] = columns["observed_at"]
    texts["id"] = columns["id"]
    texts["content"] = hashes
    texts["media"] = [[]] * len(hashes)
    names = sorted(texts)
    # Names in order and ASCII alone: then these are the bytes of `canonical`, without asking each value.
    plain = all(str(value).isascii() for name in PLAIN_BY_VALUE for value in set(columns[name]))
    write = orjson.dumps if plain else canonical
    rows, digest = zip(*(texts[name] for name in names), strict=True), hmac.digest
    pairs = zip(salts, rows, strict=True)
    return [digest(salt, write(dict(zip(names, row, strict=True))), "sha256").hex() for salt, row in pairs]


def rfc3339(value: datetime | None) -> str | None:
    """Return a moment of UTC as it is committed to."""
    return value.isoformat(timespec="microseconds") if value else None


def committed_media(
    session: Session, crisis_id: int, report_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[str | None]]:
    """Return the SHA-256 of the media that reports came with, in their order; what was added later is not
    part of what their senders said."""
    query = (
        select(Medium.report_id, Medium.sha256)
        .where(Medium.crisis_id == crisis_id, Medium.report_id.in_(report_ids), Medium.added_by.is_(None))
        .order_by(Medium.report_id, Medium.position)
    )
    found: dict[uuid.UUID, list[str | None]] = {}
    for report_id, sha256 in session.execute(query):
        found.setdefault(report_id, []).append(sha256)
    return found
