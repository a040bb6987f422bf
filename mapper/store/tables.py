"""The tables that rooms share. `crisis_id` leads every primary key; see `docs/decisions/005`.

Positions are kept as whole 1e-7 degrees (`lon_e7`, `lat_e7`) and as one sorted cell key
(`geography.cells`); all three are null together where a report has no position.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from mapper.store.types import SortedJson, UtcDateTime
from mapper.vocabulary.urgency import QUEUE_RANK_SQL, WAITING_SQL


class Base(DeclarativeBase):
    """Maps Python types to column types once for all tables."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain class attribute
        datetime: UtcDateTime,
        dict[str, Any]: SortedJson,
        dict[str, str]: SortedJson,
        list[str]: SortedJson,
        list[dict[str, Any]]: SortedJson,
        uuid.UUID: Uuid(),
        bytes: LargeBinary,
    }


def _crisis_key() -> Mapped[int]:
    return mapped_column(ForeignKey("crises.id"), primary_key=True)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Crisis(Base):
    """One deployment scope: its box, languages, time zone and publication policy."""

    __tablename__ = "crises"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    west: Mapped[float] = mapped_column(Float)
    south: Mapped[float] = mapped_column(Float)
    east: Mapped[float] = mapped_column(Float)
    north: Mapped[float] = mapped_column(Float)
    timezone: Mapped[str] = mapped_column(String(64))
    languages: Mapped[list[str]]
    mode: Mapped[str] = mapped_column(String(16))  # conflict | hazard
    embargo_hours: Mapped[int]
    minimum_count: Mapped[int]
    public_level: Mapped[int]
    blanked_at: Mapped[datetime | None]
    areas_version: Mapped[int] = mapped_column(default=0)  # rises with every areas layer; 0: none loaded
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Report(Base):
    """What one source said once. Never edited: work columns (`fused_at`, areas) are derived."""

    __tablename__ = "reports"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    observed_at: Mapped[datetime | None]
    observed_until: Mapped[datetime | None]
    channel: Mapped[str] = mapped_column(String(32))  # form | api | import | sms ...
    source_id: Mapped[str | None] = mapped_column(String(200))  # the sender's own id of this report
    sender_key: Mapped[str] = mapped_column(
        String(80)
    )  # whose idempotency keys these are: user:ID, import, anonymous
    sender_user_id: Mapped[int | None]  # the signed-in person or token owner
    receipt_hash: Mapped[str] = mapped_column(String(64))
    lon_e7: Mapped[int | None] = mapped_column(Integer)
    lat_e7: Mapped[int | None] = mapped_column(Integer)
    cell_key: Mapped[int | None] = mapped_column(BigInteger)
    position_flag: Mapped[str | None] = mapped_column(
        String(32)
    )  # clamped | outside_bbox | null_island | swapped | on_border | position_from_photo
    position_accuracy_m: Mapped[float | None]
    sector: Mapped[str] = mapped_column(String(32))  # vocabulary.sectors; "unknown" when the sender gave none
    asset: Mapped[str | None] = mapped_column(String(32))  # vocabulary.assets
    category: Mapped[str | None] = mapped_column(Text)  # the sender's own word
    damage_low: Mapped[int | None]
    damage_high: Mapped[int | None]
    damage_scale: Mapped[str | None] = mapped_column(String(32))
    damage_value: Mapped[str | None] = mapped_column(Text)
    service_state: Mapped[str | None] = mapped_column(String(16))
    needs: Mapped[list[str]]
    people_affected: Mapped[int | None] = mapped_column(BigInteger)
    language: Mapped[str | None] = mapped_column(String(16))
    consent: Mapped[str] = mapped_column(String(16))
    content: Mapped[
        bytes | None
    ]  # sealed: text, location_text, contact, source_url, raw payload; null once erased
    text_fingerprint: Mapped[str | None] = mapped_column(String(32))  # keyed hash: equal texts, one origin
    contact_fingerprint: Mapped[str | None] = mapped_column(String(32))
    commitment: Mapped[str] = mapped_column(String(64))
    ledger_id: Mapped[uuid.UUID]  # the entry that holds the commitment
    import_id: Mapped[uuid.UUID | None]
    claim_of: Mapped[uuid.UUID | None]  # the report of several places that a person divided into claims
    divided_by: Mapped[uuid.UUID | None]  # the decision: its claims speak for it, and it sits in no incident
    supersedes: Mapped[uuid.UUID | None]  # the report that a newer version of its sender's file replaced
    withdrawn_at: Mapped[datetime | None]  # its sender, or whoever undid its import, took it back
    withdrawn_by: Mapped[uuid.UUID | None]  # the import that replaced or undid it
    area_codes: Mapped[dict[str, str] | None]  # level -> P-code
    areas_version: Mapped[int | None]  # null or behind the crisis': areas wait to be looked up
    outside_areas: Mapped[bool] = mapped_column(default=False)
    fused_at: Mapped[datetime | None]  # null: fusion has not seen it
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        Index("reports_waiting_for_fusion", "crisis_id", "received_at", "id", **_where("fused_at IS NULL")),
        Index("reports_by_cell", "crisis_id", "cell_key"),
        Index("reports_by_areas_version", "crisis_id", "areas_version"),
        Index("reports_by_receipt", "receipt_hash"),
        Index(
            "reports_by_source",
            "crisis_id",
            "sender_key",
            "channel",
            "source_id",
            unique=True,
            **_where("source_id IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        Index("reports_by_import", "crisis_id", "import_id", **_where("import_id IS NOT NULL")),
        Index("reports_by_whole", "crisis_id", "claim_of", **_where("claim_of IS NOT NULL")),
        Index("reports_superseding", "crisis_id", "supersedes", **_where("supersedes IS NOT NULL")),
        Index(
            "reports_leaving",
            "crisis_id",
            "withdrawn_at",
            **_where("withdrawn_at IS NOT NULL AND fused_at IS NULL"),
        ),
        Index("reports_withdrawn", "crisis_id", "withdrawn_by", **_where("withdrawn_by IS NOT NULL")),
    )


class ReportKey(Base):
    """A report's own key and salt, wrapped by the key-encryption key. Deleting the row erases the person."""

    __tablename__ = "report_keys"

    crisis_id: Mapped[int] = _crisis_key()
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]


class Medium(Base):
    """A photo or document of a report. The original is sealed under the report's key, then kept as a blob."""

    __tablename__ = "media"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    report_id: Mapped[uuid.UUID]
    position: Mapped[int]  # order within the report
    sha256: Mapped[str | None] = mapped_column(String(64))  # of the original as it arrived; null once erased
    content_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]  # bytes
    blob: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the sealed bytes
    copy_blob: Mapped[str | None] = mapped_column(String(64))  # sealed working copy: re-encoded, no metadata
    thumbnail_blob: Mapped[str | None] = mapped_column(String(64))
    perceptual_hash: Mapped[str | None] = mapped_column(String(16))
    stamp: Mapped[dict[str, Any] | None]  # what its EXIF says (files/exif.py); null once erased
    processed_at: Mapped[datetime | None]  # null: waits for a worker
    problem: Mapped[str | None] = mapped_column(Text)
    copy_type: Mapped[str | None] = mapped_column(String(64))  # of the working copy; null: JPEG
    pages: Mapped[int | None]  # that the copy of a PDF has
    copy_is_cut: Mapped[bool] = mapped_column(default=False)  # the original is longer than its copy
    added_by: Mapped[int | None]  # who added it to the report later; null: it came with the report

    __table_args__ = (
        Index("media_by_report", "crisis_id", "report_id"),
        Index("media_waiting", "crisis_id", **_where("processed_at IS NULL AND blob IS NOT NULL")),
    )


class MediumPage(Base):
    """A page of a PDF as a picture, sealed; of the working copy (redaction 0) or of a redacted one."""

    __tablename__ = "media_pages"

    crisis_id: Mapped[int] = _crisis_key()
    medium_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    redaction: Mapped[int] = mapped_column(primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)  # from 1
    blob: Mapped[str] = mapped_column(String(64))


class Redaction(Base):
    """Boxes that hide faces and plates in a copy of a medium. The latest one is what everybody sees.

    The copy is made by a worker from the sealed original; until then the medium has no copy to show.
    """

    __tablename__ = "redactions"

    crisis_id: Mapped[int] = _crisis_key()
    medium_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # from 1
    boxes: Mapped[list[dict[str, Any]]]  # page, and left, top, width, height as shares of the picture
    author_user_id: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)  # null once the report was erased
    made_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]  # null: waits for a worker
    copy_blob: Mapped[str | None] = mapped_column(String(64))
    thumbnail_blob: Mapped[str | None] = mapped_column(String(64))
    copy_sha256: Mapped[str | None] = mapped_column(String(64))  # of the copy's own bytes
    problem: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("redactions_waiting", "crisis_id", **_where("processed_at IS NULL")),)


class CustodyEvent(Base):
    """Who received, opened, exported, archived or redacted a medium, when and why. Added, never changed.

    Each has an entry of kind `custody` in the ledger, which commits to the reason and the medium's SHA-256
    under this row's salt; erasing the report destroys salt and reason.
    """

    __tablename__ = "custody"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    medium_id: Mapped[uuid.UUID]
    report_id: Mapped[uuid.UUID]
    act: Mapped[str] = mapped_column(String(16))  # store.custody.Act
    actor_user_id: Mapped[int | None]  # null: nobody who was signed in, or a worker
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]]  # what the act was about: no personal data
    salt: Mapped[str | None] = mapped_column(String(64))
    ledger_id: Mapped[uuid.UUID]

    __table_args__ = (Index("custody_by_medium", "crisis_id", "medium_id", "at"),)


class LinkArchive(Base):
    """A report's link that a verifier asked to archive: how far that is. The link itself stays sealed."""

    __tablename__ = "link_archives"

    crisis_id: Mapped[int] = _crisis_key()
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))  # pending | archived | failed
    author_user_id: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)  # null once the report was erased
    asked_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]  # not tried before
    problem: Mapped[str | None] = mapped_column(Text)  # why the last try failed
    medium_id: Mapped[uuid.UUID | None]  # the WARC, once it is there

    __table_args__ = (Index("link_archives_waiting", "next_at", **_where("state = 'pending'")),)


class IdempotencyKey(Base):
    """What a sender's key was used for; kept 30 days, and for as long as the report for rows of files."""

    __tablename__ = "idempotency_keys"

    crisis_id: Mapped[int] = _crisis_key()
    sender_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    report_id: Mapped[uuid.UUID]
    created_at: Mapped[datetime]


class Incident(Base):
    """One instance of damage in the world, fused from reports. Derived, but its id stays."""

    __tablename__ = "incidents"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)  # rises with every visible change; the ETag
    status: Mapped[str] = mapped_column(String(16), default="new")
    sector: Mapped[str] = mapped_column(String(32))
    asset: Mapped[str | None] = mapped_column(String(32))
    damage_low: Mapped[int | None]
    damage_high: Mapped[int | None]
    damage_conflict: Mapped[bool] = mapped_column(default=False)  # the reports' intervals do not meet
    service_state: Mapped[str | None] = mapped_column(String(16))
    needs: Mapped[list[str]]
    people_affected_low: Mapped[int | None] = mapped_column(BigInteger)
    people_affected_high: Mapped[int | None] = mapped_column(BigInteger)
    reports: Mapped[int] = mapped_column(default=0)
    sources: Mapped[int] = mapped_column(default=0)
    origins: Mapped[int] = mapped_column(default=0)
    happened_from: Mapped[datetime | None]
    happened_to: Mapped[datetime | None]
    first_reported_at: Mapped[datetime]
    last_reported_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    repaired_at: Mapped[datetime | None]
    lon_e7: Mapped[int | None] = mapped_column(Integer)
    lat_e7: Mapped[int | None] = mapped_column(Integer)
    cell_key: Mapped[int | None] = mapped_column(BigInteger)
    position_accuracy_m: Mapped[float | None]
    area_codes: Mapped[dict[str, str] | None]
    areas_version: Mapped[int | None]  # null or behind the crisis': areas wait to be looked up
    outside_areas: Mapped[bool] = mapped_column(default=False)
    needs_review: Mapped[bool] = mapped_column(default=False)  # reports came in after it was verified
    merged_into: Mapped[uuid.UUID | None]  # set: this incident is a signpost, its reports are elsewhere
    changed_at: Mapped[datetime]  # last visible change; snapshots newer than this hold it
    # The queue's order, lowest first; the database works it out, so whoever writes an incident cannot forget.
    queue_rank: Mapped[int] = mapped_column(Computed(QUEUE_RANK_SQL, persisted=True), deferred=True)

    __table_args__ = (
        Index("incidents_by_cell", "crisis_id", "cell_key"),
        Index("incidents_by_areas_version", "crisis_id", "areas_version"),
        Index("incidents_by_status", "crisis_id", "status", "queue_rank", "first_reported_at", "id"),
        Index("incidents_by_change", "crisis_id", "changed_at"),
        # Sector and status ride along, so that a filter is decided before a row is fetched.
        Index(
            "incidents_waiting",
            "crisis_id",
            "queue_rank",
            "first_reported_at",
            "id",
            "sector",
            "status",
            **_where(WAITING_SQL),
        ),
        Index("incidents_waiting_by_age", "crisis_id", "first_reported_at", "id", **_where(WAITING_SQL)),
    )


class IncidentReport(Base):
    """Which incident a report belongs to, and why."""

    __tablename__ = "incident_reports"

    crisis_id: Mapped[int] = _crisis_key()
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[uuid.UUID]
    score: Mapped[float | None]  # probability that it is the same damage; null for the first report
    why: Mapped[dict[str, Any]]  # the explanation, in words and numbers
    decision_id: Mapped[uuid.UUID | None]  # set: a person put it here, and fusion leaves it
    joined_at: Mapped[datetime]

    __table_args__ = (Index("incident_reports_by_incident", "crisis_id", "incident_id"),)


class IncidentIdentity(Base):
    """The id a report founded an incident under: a rebuild gives the same reports the same id again."""

    __tablename__ = "incident_identities"

    crisis_id: Mapped[int] = _crisis_key()
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[uuid.UUID]


class IncidentLink(Base):
    """What joins or parts two incidents; each pair is kept once.

    Derived: `maybe_same` (a verifier is asked whether both are one; the lower id first) and `follows` (the
    first is a later strike at the place of the other). Decided: `kept_apart` (the lower id first).
    """

    __tablename__ = "incident_links"

    crisis_id: Mapped[int] = _crisis_key()
    incident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    other_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    probability: Mapped[float | None]  # that both are the same damage
    why: Mapped[dict[str, Any]]  # the explanation, in words and numbers
    decision_id: Mapped[uuid.UUID | None]  # of the person who keeps them apart
    linked_at: Mapped[datetime]

    __table_args__ = (Index("incident_links_by_other", "crisis_id", "other_id"),)


class LinkageKey(Base):
    """What fused reports can be found by: hashed cells, places, texts and links; see fusion/blocking.py.

    `value` sorts the rows of a key: minutes since 1970, or the code of the text where texts are counted.
    Rows of an erased report are deleted with its key.
    """

    __tablename__ = "linkage_keys"

    crisis_id: Mapped[int] = _crisis_key()
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        Index("linkage_keys_by_report", "crisis_id", "report_id"),
        {"sqlite_with_rowid": False},
    )


class SetAside(Base):
    """A report whose fusion failed: the others went on, and it is tried again from `retry_at`."""

    __tablename__ = "set_aside"

    crisis_id: Mapped[int] = _crisis_key()
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    problem: Mapped[str] = mapped_column(Text)  # kind of error and where; never what the report says
    attempts: Mapped[int]
    since: Mapped[datetime]
    retry_at: Mapped[datetime]


class Decision(Base):
    """What a person concluded. Append only; also in the ledger."""

    __tablename__ = "decisions"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[uuid.UUID]
    number: Mapped[int]  # 1, 2, 3 ... within the incident
    kind: Mapped[str] = mapped_column(String(16))
    round: Mapped[int]  # assessments of one round are compared; `reopen` starts the next
    effect: Mapped[str] = mapped_column(String(16))  # applied | assessment | proposed
    actor_user_id: Mapped[int]
    decided_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]]  # the kind's own fields
    state_before: Mapped[str] = mapped_column(String(16))
    state_after: Mapped[str] = mapped_column(String(16))

    __table_args__ = (
        Index("decisions_by_incident", "crisis_id", "incident_id", "number", unique=True),
        Index("decisions_by_kind", "crisis_id", "kind", "decided_at"),
    )


class LedgerEntry(Base):
    """One entry of the chain. `seq`, `previous` and `hash` stay null until the sealer chains it."""

    __tablename__ = "ledger"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(
        String(32)
    )  # report, decision, fusion, release, erasure, policy, access
    at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(String(80))  # kind-specific id, e.g. the report's
    payload: Mapped[str] = mapped_column(Text)  # RFC 8785 JSON
    previous: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index("ledger_by_seq", "crisis_id", "seq", unique=True, **_where("seq IS NOT NULL")),
        Index("ledger_unsealed", "crisis_id", "at", **_where("seq IS NULL")),
    )


class LedgerRoot(Base):
    """A signed Merkle root over the entries that were sealed since the root before."""

    __tablename__ = "ledger_roots"

    crisis_id: Mapped[int] = _crisis_key()
    number: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, 3 ... within the crisis
    first_seq: Mapped[int] = mapped_column(BigInteger)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text)  # RFC 8785 JSON: what is signed and timestamped
    signature: Mapped[bytes]  # Ed25519
    signed_at: Mapped[datetime]
    token: Mapped[bytes | None]  # RFC 3161 response of an authority; null: pending
    asked_at: Mapped[datetime | None]  # last time that an authority was asked in vain
    problem: Mapped[str | None] = mapped_column(Text)  # why in vain

    __table_args__ = (Index("ledger_roots_pending", "crisis_id", "number", **_where("token IS NULL")),)


class Layer(Base):
    """A loaded background layer: areas have rows in `areas`, every other kind in `layer_rows`."""

    __tablename__ = "layers"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[int | None]  # of areas, and of figures by area
    name: Mapped[str] = mapped_column(String(200))
    version_label: Mapped[str] = mapped_column(
        String(80)
    )  # the boundaries' own date, else the day of loading
    sha256: Mapped[str] = mapped_column(String(64))  # of the file
    features: Mapped[int]
    since_version: Mapped[int]  # crisis.areas_version from which it holds
    added_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class Area(Base):
    """One administrative area of one layer."""

    __tablename__ = "areas"

    crisis_id: Mapped[int] = _crisis_key()
    layer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)  # P-code
    level: Mapped[int]
    names: Mapped[dict[str, str]]  # language -> name
    parents: Mapped[dict[str, str]]  # level -> P-code, upward
    geometry: Mapped[bytes]  # WKB, longitude latitude, WGS 84
    population: Mapped[int | None] = mapped_column(BigInteger)


class LayerRow(Base):
    """One row of a layer that is no boundary: a population figure, an activity, a facility, a road."""

    __tablename__ = "layer_rows"

    crisis_id: Mapped[int] = _crisis_key()
    layer_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # of the row in its file, from 1
    codes: Mapped[dict[str, str]]  # level -> P-code, as far as the file says; may be empty
    properties: Mapped[dict[str, Any]]  # what the kind needs, see docs/reference.md
    geometry: Mapped[bytes | None]  # WKB, longitude latitude, WGS 84


class Snapshot(Base):
    """One immutable file that one audience may see of one crisis."""

    __tablename__ = "snapshots"

    crisis_id: Mapped[int] = _crisis_key()
    audience: Mapped[str] = mapped_column(String(16), primary_key=True)  # internal | partner | public
    version: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String(200))  # below the snapshot folder
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    data_until: Mapped[datetime]  # incidents changed up to here are in it
    created_at: Mapped[datetime]
    policy: Mapped[dict[str, Any]]  # the rules it was made under; shown beside it


class ReleaseMember(Base):
    """Which public row counts a verified incident; internal, it walks a public number back."""

    __tablename__ = "release_members"

    crisis_id: Mapped[int] = _crisis_key()
    incident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(String(40))
    sector: Mapped[str] = mapped_column(String(32))
    week: Mapped[str] = mapped_column(String(8))  # 2026-W07
    release: Mapped[int]  # the public snapshot's version that first counted it


class ImportRun(Base):
    """One file of reports: who brought it, how it is read, how far it is, and what became of its rows.

    A file that came through the page is kept as a blob, sealed under a key of its own, until the import
    ends: the reports hold what they need of it.
    """

    __tablename__ = "imports"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))  # intake.import_states
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    sender: Mapped[str] = mapped_column(String(64))  # whose file it is, as the person said; may be empty
    user_id: Mapped[int | None]  # who brought it through the page; null: the command line
    format: Mapped[str] = mapped_column(String(200))  # in words
    kind: Mapped[str | None] = mapped_column(String(32))  # the format that a person named, if any
    layer: Mapped[str | None] = mapped_column(String(200))
    headings: Mapped[str] = mapped_column(String(64))  # hash: files with the same columns share it
    chosen: Mapped[dict[str, str]]  # field -> column that a person chose; an empty one leaves it out
    mapping: Mapped[dict[str, str]]  # field -> column in force
    found: Mapped[dict[str, Any] | None]  # what one reading of the whole file told
    choices: Mapped[dict[str, Any]]  # how it compares with earlier versions of the file, and what to do then
    total: Mapped[int | None]  # rows in the file
    rows_read: Mapped[int] = mapped_column(default=0)
    summary: Mapped[dict[str, Any] | None]
    problem: Mapped[str | None] = mapped_column(Text)  # why it failed
    blob: Mapped[str | None] = mapped_column(String(64))
    wrapped: Mapped[bytes | None]  # the file's key
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index("imports_by_state", "state"),)


class ImportReject(Base):
    """A row of an imported file that was refused, and why. What the row said is not kept."""

    __tablename__ = "import_rejects"

    crisis_id: Mapped[int] = _crisis_key()
    import_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # 1 is the first row that was refused
    position: Mapped[int] = mapped_column(primary_key=True)  # of the reason, where a row has several
    line: Mapped[int]
    field: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)


class SavedMapping(Base):
    """Which columns a person chose for files of a sender that have the same headings."""

    __tablename__ = "saved_mappings"

    crisis_id: Mapped[int] = _crisis_key()
    sender: Mapped[str] = mapped_column(String(64), primary_key=True)
    headings: Mapped[str] = mapped_column(String(64), primary_key=True)
    chosen: Mapped[dict[str, str]]
    saved_at: Mapped[datetime]


class User(Base):
    """A person with an account; Flask-Security reads the columns it knows."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    organisation: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class CrisisRole(Base):
    """A person's role in one crisis."""

    __tablename__ = "crisis_roles"

    crisis_id: Mapped[int] = _crisis_key()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)

    __table_args__ = (Index("crisis_roles_by_user", "user_id"),)  # each request asks for a person's roles


class DeploymentRole(Base):
    """A role in every crisis: what `mapper user add` without --crisis gives."""

    __tablename__ = "deployment_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16), primary_key=True)


class ApiToken(Base):
    """A bearer token, kept only as its hash. Without a crisis it holds wherever its owner has a role."""

    __tablename__ = "api_tokens"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of a random 256-bit token
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    crisis_id: Mapped[int | None] = mapped_column(ForeignKey("crises.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Claim(Base):
    """Who works on an incident just now; past `expires_at` it holds nothing."""

    __tablename__ = "claims"

    crisis_id: Mapped[int] = _crisis_key()
    incident_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (Index("claims_by_user", "crisis_id", "user_id"),)


class SavedView(Base):
    """A verifier's own filter of the queue, under a name."""

    __tablename__ = "saved_views"

    crisis_id: Mapped[int] = _crisis_key()
    user_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    filters: Mapped[dict[str, str]]
    saved_at: Mapped[datetime]


class Comment(Base):
    """What one verifier says to the others about an incident. Not evidence, and never outside the desk."""

    __tablename__ = "comments"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[uuid.UUID]
    round: Mapped[int]  # hidden with its author's assessment of that round
    author_user_id: Mapped[int]
    said_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("comments_by_incident", "crisis_id", "incident_id", "said_at"),)


class Mention(Base):
    """A person whom a comment calls, until they have read it."""

    __tablename__ = "mentions"

    crisis_id: Mapped[int] = _crisis_key()
    user_id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    read_at: Mapped[datetime | None]


class Handover(Base):
    """What one shift leaves to the next: a note, and the cases that were in hand."""

    __tablename__ = "handovers"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    author_user_id: Mapped[int]
    left_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text)
    incidents: Mapped[list[str]]  # ids that the author had claimed

    __table_args__ = (Index("handovers_by_time", "crisis_id", "left_at"),)


class Translation(Base):
    """A report's text in a reader's language, sealed under the report's key: erasing the one erases both."""

    __tablename__ = "translations"

    crisis_id: Mapped[int] = _crisis_key()
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    content: Mapped[bytes]
    author_user_id: Mapped[int]
    written_at: Mapped[datetime]


class FeaturePin(Base):
    """A point of a photo and the point of the map that shows the same thing. Withdrawn, never deleted."""

    __tablename__ = "feature_pins"

    crisis_id: Mapped[int] = _crisis_key()
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[uuid.UUID]
    medium_id: Mapped[uuid.UUID]
    x: Mapped[float] = mapped_column(Float)  # share of the photo's width from its left edge, 0 to 1
    y: Mapped[float] = mapped_column(Float)  # share of its height from the top
    lon_e7: Mapped[int] = mapped_column(Integer)
    lat_e7: Mapped[int] = mapped_column(Integer)
    author_user_id: Mapped[int]
    placed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (Index("feature_pins_by_incident", "crisis_id", "incident_id"),)


class TrainingTruth(Base):
    """What really happened to the damage of a simulated report; only in crises made for training."""

    __tablename__ = "training_truths"

    crisis_id: Mapped[int] = _crisis_key()
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    true_incident: Mapped[str] = mapped_column(String(40))
    damage: Mapped[int | None]
    is_real: Mapped[bool]  # a hoax reports damage that is not there
