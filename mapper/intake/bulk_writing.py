"""What `preparing` and `writing` do to reports one by one, done to the columns of a batch.

The rows are the same: sealed under a key each, with their commitment in an unsealed ledger entry and the
sender's key, in one transaction. Reports of files bring no photos.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from mapper.geography.cells import MAX_LATITUDE, cell_keys
from mapper.geography.positions import E7
from mapper.intake.bulk_reading import Name, ReadColumns
from mapper.intake.drafts import Sender
from mapper.intake.positions import Degrees
from mapper.store import ledger
from mapper.store.bulk import bound, run_bound
from mapper.store.commitments import report_commitments, rfc3339
from mapper.store.ids import neighbouring_ids
from mapper.store.store import Store
from mapper.store.tables import Crisis, IdempotencyKey, LedgerEntry, Report, ReportKey
from mapper.vocabulary.assets import CategoryHint, hints_of
from mapper.vocabulary.crosswalk import to_interval

LOOKUP = 4_000  # keys in one query
NO_RECEIPT = ""  # nobody is handed a receipt for a file's rows, and no receipt's hash is empty

Columns = dict[str, Sequence[Any]]


@dataclass(frozen=True)
class PreparedColumns:
    """Rows of the four tables, column by column."""

    report: Columns
    key: Columns
    entry: Columns
    idempotency: Columns


@dataclass(frozen=True)
class BulkWriter:
    """Writes one import's reports."""

    store: Store
    crisis: Crisis
    sender: Sender
    import_id: uuid.UUID

    def known(self, keys: Sequence[str], names: Sequence[Name | None]) -> set[int]:
        """Return the places of rows that the store has: by their own key, or their sender's id of them."""
        with self.store.engine.connect() as connection:
            old_keys = self._known_keys(connection, keys)
            old_names = self._known_names(connection, [name for name in names if name is not None])
        pairs = enumerate(zip(keys, names, strict=True))
        return {place for place, (key, name) in pairs if key in old_keys or name in old_names}

    def statements(self, read: ReadColumns, rows: Sequence[int]) -> list[tuple[str, list[Any]]]:
        """Return what inserts the rows: a statement for each table, and its values in the rows' order."""
        prepared, dialect = self.prepare(read, rows), self.store.engine.dialect
        tables = (Report, ReportKey, LedgerEntry, IdempotencyKey)
        columns = (prepared.report, prepared.key, prepared.entry, prepared.idempotency)
        return [bound(dialect, *pair) for pair in zip(tables, columns, strict=True)]

    def write(self, statements: Sequence[tuple[str, list[Any]]]) -> None:
        """Insert rows in one transaction. Raises IntegrityError where another process was there first."""
        with self.store.writing() as connection:
            for sql, rows in statements:
                run_bound(connection, sql, rows)

    def prepare(self, read: ReadColumns, rows: Sequence[int]) -> PreparedColumns:
        """Seal, hash and derive the rows."""
        size = len(rows)
        at = self.store.clock().astimezone(UTC)
        reports, ids = neighbouring_ids(size), neighbouring_ids(size).digits
        report = self._derived(read, rows)
        report |= self._constants(at, size)
        contents = self._contents(read, rows)
        salts, wrapped, sealed, hashes = self.store.keys.seal_many(reports.raw, contents)
        report |= {"content": sealed, **self._fingerprints(read, rows)}
        commitments = report_commitments(salts, report | {"id": reports.texts}, hashes)
        entries = ledger.report_entries(self.crisis.id, reports.texts, ids, commitments, at)
        report |= {"id": reports.digits, "commitment": commitments, "ledger_id": ids}
        identities = [read.identities[row] for row in rows]
        crisis = repeat_of(self.crisis.id, size)
        return PreparedColumns(
            report,
            {"crisis_id": crisis, "report_id": reports.digits, "wrapped": wrapped},
            entries,
            {
                "crisis_id": crisis,
                "sender_key": repeat_of(self.sender.owner, size),
                "key": [f"row:{identity}" for identity in identities],
                "content_hash": identities,
                "report_id": reports.digits,
                "created_at": repeat_of(at, size),
            },
        )

    def _known_keys(self, connection: Connection, identities: Sequence[str]) -> set[str]:
        table = IdempotencyKey
        mine = (table.crisis_id == self.crisis.id, table.sender_key == self.sender.owner)
        found: set[str] = set()
        for start in range(0, len(identities), LOOKUP):
            keys = [f"row:{identity}" for identity in identities[start : start + LOOKUP]]
            query = select(table.content_hash).where(*mine, table.key.in_(keys))
            found.update(connection.scalars(query))
        return found

    def _known_names(self, connection: Connection, names: Sequence[Name]) -> set[Name]:
        mine = (Report.crisis_id == self.crisis.id, Report.sender_key == self.sender.key)
        found: set[Name] = set()
        for start in range(0, len(names), LOOKUP):
            ids = [name for _, name in names[start : start + LOOKUP]]
            query = select(Report.channel, Report.source_id).where(
                *mine, Report.source_id.in_(ids), Report.withdrawn_at.is_(None)
            )
            found.update((str(row[0]), str(row[1])) for row in connection.execute(query))
        return found

    def _constants(self, at: datetime, size: int) -> Columns:
        values: dict[str, Any] = {
            "crisis_id": self.crisis.id,
            "received_at": at,
            "sender_key": self.sender.key,
            "sender_user_id": self.sender.user_id,
            "import_id": self.import_id,
            "supersedes": None,
            "outside_areas": False,
            "receipt_hash": NO_RECEIPT,
        }
        return {name: repeat_of(value, size) for name, value in values.items()}

    def _derived(self, read: ReadColumns, rows: Sequence[int]) -> Columns:
        """Return what the fields tell, and what the category hints at where they tell nothing."""
        plain = (
            "observed_at", "observed_until", "channel", "source_id", "position_accuracy_m", "category",
            "damage_scale", "damage_value", "people_affected", "language", "consent",
        )  # fmt: skip
        found: Columns = {name: [read.fields[name][row] for row in rows] for name in plain}
        for name in ("observed_at", "observed_until"):
            found[name] = [rfc3339(moment.astimezone(UTC)) if moment else None for moment in found[name]]
        hints = [hints_of(category or "") for category in found["category"]]
        grades = [read.fields["damage_grade"][row] for row in rows]
        scales = zip(grades, found["damage_scale"], found["damage_value"], hints, strict=True)
        damage = [(parts[0], parts[0]) if parts[0] is not None else _damage(*parts[1:]) for parts in scales]
        found["sector"] = [hint.sector for hint in hints]
        found["asset"] = [hint.asset for hint in hints]
        found["damage_low"], found["damage_high"] = zip(*damage, strict=True)
        states = (read.fields["service_state"][row] for row in rows)
        found["service_state"] = [
            state or hint.service_state for state, hint in zip(states, hints, strict=True)
        ]
        needs = (read.fields["needs"][row] for row in rows)
        found["needs"] = [_needs(given or (), hint.needs) for given, hint in zip(needs, hints, strict=True)]
        return found | _positions(read, rows)

    def _contents(self, read: ReadColumns, rows: Sequence[int]) -> Iterator[bytes]:
        names = ("text", "location_text", "source_url", "contact")
        texts, places, links, contacts = (read.fields[name] for name in names)
        dumps, raws = orjson.dumps, read.raws
        return (
            dumps(
                {
                    "text": texts[row],
                    "location_text": places[row],
                    "source_url": links[row],
                    "contact": contacts[row],
                    "raw": raws[row],
                }
            )
            for row in rows
        )

    def _fingerprints(self, read: ReadColumns, rows: Sequence[int]) -> Columns:
        fingerprints, crisis = self.store.keys.fingerprints, self.crisis.id
        texts = read.fields["text"]
        words = [" ".join(texts[row].split()).casefold() for row in rows]
        contacts = (read.fields["contact"][row] for row in rows)
        plain = ["".join(contact.split()).casefold() if contact else "" for contact in contacts]
        return {
            "text_fingerprint": fingerprints(crisis, "text", words),
            "contact_fingerprint": fingerprints(crisis, "contact", plain),
        }


def repeat_of(value: Any, size: int) -> list[Any]:
    """Return a column that holds one value throughout."""
    return list(repeat(value, size))


def _damage(scale: str | None, value: str | None, hint: CategoryHint) -> tuple[int | None, int | None]:
    if scale and value is not None:
        graded = to_interval(scale, value)
        if graded is not None and graded.low is not None:
            return graded.low, graded.high
    return hint.damage_low, hint.damage_high


@lru_cache(maxsize=4_096)
def _needs(given: tuple[str, ...], hinted: tuple[str, ...]) -> list[str]:
    """Return the needs in order; equal ones are one list, which nobody changes."""
    return sorted({*given, *hinted})


def _positions(read: ReadColumns, rows: Sequence[int]) -> Columns:
    """Return positions as they are kept; what is outside of the window of cells is flagged."""
    where = np.asarray(rows, dtype=np.int64)
    longitude, latitude = read.longitude[where], read.latitude[where]
    known = np.isfinite(longitude)
    flags = [read.fields["position_flag"][row] for row in rows]
    for index in np.flatnonzero(known & (np.abs(latitude) > MAX_LATITUDE)):
        flags[index] = flags[index] or "clamped"
    keys = cell_keys(longitude, latitude).tolist()
    found = {"lon_e7": _whole(longitude, known), "lat_e7": _whole(latitude, known), "cell_key": keys}
    for index in np.flatnonzero(~known):
        for values in found.values():
            values[index] = None
    return found | {"position_flag": flags}


def _whole(degrees: Degrees, known: NDArray[np.bool_]) -> list[int | None]:
    """Return `to_e7` of degrees, half to even as Python rounds."""
    whole: list[int | None] = np.rint(np.where(known, degrees, 0) * E7).astype(np.int64).tolist()
    return whole
