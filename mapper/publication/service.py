"""The public release, written when one is due from what was verified and may be seen; its kill switch."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from mapper.publication.areas import area_table, known_areas, partition_of
from mapper.publication.counting import WAITS, Verified, counted_before, hull, verified_incidents
from mapper.publication.partition import Key
from mapper.publication.policy import Policy, as_json
from mapper.publication.release import Plan, ReleaseUnsafe, Rules, apply, plan
from mapper.store import ledger, snapshots
from mapper.store.snapshot_format import PUBLIC_ROWS
from mapper.store.store import Store
from mapper.store.tables import Crisis, ReleaseMember, Snapshot

FEWEST_GRADED = 3  # an interval over fewer would be one incident's own
MEMBERS_AT_ONCE = 500
Hull = tuple[int | None, int | None]


class PublishRefused(Exception):
    """No release can be made so; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What `publish` did. Without a release there is no version."""

    written: bool
    why: str  # "released", or why nothing was written
    version: int | None
    as_of: datetime | None  # of the newest release
    rows: int
    incidents: int


@dataclass(frozen=True)
class _Next:
    """A release that is ready to be written."""

    version: int
    planned: Plan
    rows: Mapping[Key, frozenset[uuid.UUID]]
    table: pa.Table
    areas: pa.Table
    policy: dict[str, Any]


def publish(store: Store, crisis: Crisis, as_of: datetime) -> Outcome:
    """Write the release that is due as of a moment; embargoes are judged at that moment.

    Raises PublishRefused for a moment before the last release or while the crisis is blanked,
    SnapshotConflict where another process published meanwhile.
    """
    as_of = as_of.astimezone(UTC)
    if crisis.blanked_at is not None:
        raise PublishRefused(f"{crisis.slug} is blanked: nothing is published until it is unblanked")
    with store.read() as session:
        previous = snapshots.latest(session, crisis.id, "public")
        if previous is not None and as_of < previous.data_until:
            raise PublishRefused(
                f"the last release is as of {previous.data_until.isoformat()}, which is later"
            )
        if not Policy.of(crisis).is_due(previous.data_until if previous else None, as_of):
            return _unchanged("not due: one release a day", previous)
        prepared = _prepare(store, session, crisis, previous, as_of)
    if prepared is None:
        return _unchanged("nothing changed", previous)
    return _write(store, crisis, prepared, as_of)


def set_blank(store: Store, crisis_id: int, *, is_blank: bool) -> bool:
    """Switch everything public of a crisis off or on again; return whether that changed anything."""
    with store.write() as session:
        crisis = session.get_one(Crisis, crisis_id)
        if (crisis.blanked_at is not None) == is_blank:
            return False
        now = store.clock()
        crisis.blanked_at = now if is_blank else None
        ledger.append(session, crisis.id, "policy", crisis.slug, {"blanked": is_blank}, now)
        return True


def _prepare(
    store: Store, session: Session, crisis: Crisis, previous: Snapshot | None, as_of: datetime
) -> _Next | None:
    """Return the next release, or None where the public would see nothing new."""
    policy = Policy.of(crisis)
    known = known_areas(session, crisis.id)
    partition = partition_of(known, policy.level)
    published = _published(store, previous)
    verified = verified_incidents(session, crisis, policy, partition)
    rows, waiting = counted_before(session, crisis.id, partition, {key.area: key.level for key in published})
    _agree(published, rows)
    rules = Rules(policy.minimum_count, policy.fewest_distinct)
    pool = _pool(verified, {item for members in (*rows.values(), waiting) for item in members}, as_of)
    candidates = {item: incident.candidate for item, incident in verified.items()}
    planned = plan(
        partition, rules, rows, waiting, candidates, {item: verified[item].keys(partition) for item in pool}
    )
    after = apply(rows, planned, rules)
    kept = as_json(policy, as_of) | {"areas_version": crisis.areas_version}
    if not planned.changes_rows and not _says_more(previous, kept):
        return None
    hulls = _hulls(published, planned, after, verified, policy)
    used = {key.area for key in after}
    return _Next(
        version=previous.version + 1 if previous else 1,
        planned=planned,
        rows=after,
        table=_row_table(after, hulls),
        areas=area_table(session, crisis, known, partition, used),
        policy=kept,
    )


def _published(store: Store, previous: Snapshot | None) -> dict[Key, tuple[int, Hull]]:
    """Return the previous release's rows: counts and damage."""
    if previous is None:
        return {}
    return {
        Key(row["area_code"], row["area_level"], row["sector"], row["week"]): (
            row["count"],
            (row["damage_low"], row["damage_high"]),
        )
        for row in snapshots.open_table(store, previous).to_pylist()
    }


def _agree(published: Mapping[Key, tuple[int, Hull]], rows: Mapping[Key, Iterable[uuid.UUID]]) -> None:
    if {key: count for key, (count, _) in published.items()} != {
        key: len(list(members)) for key, members in rows.items()
    }:
        raise ReleaseUnsafe("the last release's file and the incidents it is said to count do not agree")


def _pool(
    verified: Mapping[uuid.UUID, Verified], counted: set[uuid.UUID], as_of: datetime
) -> list[uuid.UUID]:
    return [
        item
        for item, incident in verified.items()
        if item not in counted and incident.has_area and incident.visible_at <= as_of
    ]


def _says_more(previous: Snapshot | None, policy: Mapping[str, Any]) -> bool:
    """Whether the rules that people read beside the numbers have changed since the last release."""
    return previous is not None and previous.policy | {"as_of": ""} != {**policy, "as_of": ""}


def _hulls(
    published: Mapping[Key, tuple[int, Hull]],
    planned: Plan,
    after: Mapping[Key, frozenset[uuid.UUID]],
    verified: Mapping[uuid.UUID, Verified],
    policy: Policy,
) -> dict[Key, Hull]:
    """Return each row's damage; that of a row that did not change stays, or it would show one regrading."""
    fewest = min(FEWEST_GRADED, policy.minimum_count)
    return {
        key: hull(members, verified, fewest) if key in planned.batches else published[key][1]
        for key, members in after.items()
    }


def _row_table(rows: Mapping[Key, frozenset[uuid.UUID]], hulls: Mapping[Key, Hull]) -> pa.Table:
    ordered = sorted(rows)
    columns = {
        "area_code": [key.area for key in ordered],
        "area_level": [key.level for key in ordered],
        "sector": [key.sector for key in ordered],
        "week": [key.week for key in ordered],
        "count": [len(rows[key]) for key in ordered],
        "damage_low": [hulls[key][0] for key in ordered],
        "damage_high": [hulls[key][1] for key in ordered],
    }
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in PUBLIC_ROWS})


def _write(store: Store, crisis: Crisis, prepared: _Next, as_of: datetime) -> Outcome:
    files = {snapshots.ROWS: prepared.table, snapshots.AREAS: prepared.areas}
    staged = snapshots.stage(store, crisis.id, "public", prepared.version, files)
    now = store.clock()
    outcome = Outcome(
        written=True,
        why="released",
        version=prepared.version,
        as_of=as_of,
        rows=len(prepared.rows),
        incidents=sum(len(members) for members in prepared.rows.values()),
    )
    payload = {
        "version": prepared.version,
        "sha256": staged.sha256,
        "rows": outcome.rows,
        "incidents": outcome.incidents,
        "policy": prepared.policy,
    }
    with store.write() as session:
        snapshots.record(session, staged, data_until=as_of, created_at=now, policy=prepared.policy)
        _keep_members(session, crisis.id, prepared)
        ledger.append(session, crisis.id, "release", f"public:{prepared.version}", payload, now)
    return outcome


def _keep_members(session: Session, crisis_id: int, prepared: _Next) -> None:
    """Bring the table of who is counted where up to the release."""
    planned = prepared.planned
    counted = {item: (key, prepared.version) for key, batch in planned.batches.items() for item in batch}
    waits = {item: (key, WAITS) for item, key in planned.waiting.items()}
    gone = sorted(planned.withdrawn | counted.keys() | waits.keys())
    for start in range(0, len(gone), MEMBERS_AT_ONCE):
        chunk = gone[start : start + MEMBERS_AT_ONCE]
        session.execute(
            delete(ReleaseMember).where(
                ReleaseMember.crisis_id == crisis_id, ReleaseMember.incident_id.in_(chunk)
            )
        )
    rows = [
        {
            "crisis_id": crisis_id,
            "incident_id": item,
            "area_code": key.area,
            "sector": key.sector,
            "week": key.week,
            "release": release,
        }
        for item, (key, release) in (counted | waits).items()
    ]
    if rows:
        session.execute(insert(ReleaseMember), rows)


def _unchanged(why: str, previous: Snapshot | None) -> Outcome:
    return Outcome(
        written=False,
        why=why,
        version=previous.version if previous else None,
        as_of=previous.data_until if previous else None,
        rows=previous.rows if previous else 0,
        incidents=0,
    )
