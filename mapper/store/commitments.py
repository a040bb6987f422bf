"""The commitment to a report: what the ledger holds instead of what a person said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from mapper.store.canonical import canonical
from mapper.store.keys import ReportSecret, commit

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


def report_commitment(
    secret: ReportSecret, row: dict[str, Any], content: bytes, media: Sequence[str | None]
) -> str:
    """Return the salted commitment to a report's row, its content as plain bytes and its media's SHA-256.

    Positions enter as whole 1e-7 degrees and times as RFC 3339, so that both engines commit alike.
    """
    material = {name: row[name] for name in COMMITTED}
    material["id"] = str(row["id"])
    material["received_at"] = row["received_at"].isoformat(timespec="microseconds")
    material["observed_at"] = (
        row["observed_at"].isoformat(timespec="microseconds") if row["observed_at"] else None
    )
    material["content"] = hashlib.sha256(content).hexdigest()
    material["media"] = list(media)
    return commit(secret, canonical(material))
