"""From a draft to rows: everything that can be done before the write transaction."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from mapper.files.exif import PhotoStamp
from mapper.geography.cells import MAX_LATITUDE, cell_key
from mapper.geography.positions import to_e7
from mapper.intake.drafts import ReportDraft, Sender
from mapper.store import custody, ledger
from mapper.store.commitments import report_commitment
from mapper.store.contents import ReportContent
from mapper.store.custody import Act
from mapper.store.keys import ReportSecret, seal
from mapper.store.store import Store
from mapper.store.tables import Crisis
from mapper.vocabulary.assets import hints_of
from mapper.vocabulary.crosswalk import to_interval

FROM_PHOTO = "position_from_photo"


@dataclass(frozen=True)
class Prepared:
    """A draft's rows, ready for one transaction."""

    report: dict[str, Any]
    key: dict[str, Any]
    entry: dict[str, Any]
    media: list[dict[str, Any]]
    custody: list[tuple[dict[str, Any], dict[str, Any]]]  # with the entry of each
    idempotency: dict[str, Any] | None
    receipt: str
    content_hash: str

    @property
    def identity(self) -> tuple[str, str, str] | None:
        """The sender's own name of this report: sender, channel, source id."""
        row = self.report
        return (row["sender_key"], row["channel"], row["source_id"]) if row["source_id"] else None


def prepare(store: Store, crisis: Crisis, draft: ReportDraft, sender: Sender) -> Prepared:
    """Seal, hash and derive. Keeps the media as blobs at once: a blob must exist before its row."""
    report_id = uuid.uuid4()
    secret, wrapped = store.keys.new_secret(report_id)
    receipt = store.keys.receipt(report_id)
    content = _content_of(draft)
    row = _derived(crisis, draft) | _fingerprints(store, crisis, draft)
    row |= {
        "crisis_id": crisis.id,
        "id": report_id,
        "received_at": (draft.received_at or store.clock()).astimezone(UTC),
        "channel": draft.channel,
        "source_id": draft.source_id,
        "sender_key": sender.key,
        "sender_user_id": sender.user_id,
        "receipt_hash": store.keys.receipt_hash(receipt),
        "content": seal(secret, content, report_id),
        "import_id": draft.import_id,
        "supersedes": draft.supersedes,
        "outside_areas": False,
    }
    row = {name: _storable(value) for name, value in row.items()}
    row["commitment"] = report_commitment(secret, row, content, [medium.sha256 for medium in draft.media])
    payload = {"commitment": row["commitment"], "media": len(draft.media)}
    entry = ledger.entry(crisis.id, "report", str(report_id), payload, row["received_at"])
    row["ledger_id"] = entry["id"]
    media = _media(store, crisis.id, report_id, secret, draft)
    return Prepared(
        report=row,
        key={"crisis_id": crisis.id, "report_id": report_id, "wrapped": wrapped},
        entry=entry,
        media=media,
        custody=[
            custody.rows(
                medium, Act.RECEIVED, sender.user_id, None, row["received_at"], {"channel": draft.channel}
            )
            for medium in media
        ],
        idempotency=_idempotency(crisis.id, report_id, draft, sender, store.clock()),
        receipt=receipt,
        content_hash=draft.content_hash,
    )


def _storable(value: Any) -> Any:
    """PostgreSQL keeps no NUL in a text; the raw payload, which is sealed, still holds it."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _content_of(draft: ReportDraft) -> bytes:
    content = ReportContent(draft.text, draft.location_text, draft.source_url, draft.contact, draft.raw)
    return orjson.dumps(content)


def _derived(crisis: Crisis, draft: ReportDraft) -> dict[str, Any]:
    hint = hints_of(draft.category or "")
    low, high = _damage(draft, hint.damage_low, hint.damage_high)
    return {
        "observed_at": draft.observed_at,
        "observed_until": draft.observed_until,
        "position_accuracy_m": draft.position_accuracy_m or None,
        "sector": hint.sector,
        "asset": hint.asset,
        "category": draft.category,
        "damage_low": low,
        "damage_high": high,
        "damage_scale": draft.damage_scale,
        "damage_value": draft.damage_value,
        "service_state": draft.service_state or hint.service_state,
        "needs": sorted({*draft.needs, *hint.needs}),
        "people_affected": draft.people_affected,
        "language": draft.language,
        "consent": draft.consent,
    } | _position(crisis, draft)


def _damage(
    draft: ReportDraft, hinted_low: int | None, hinted_high: int | None
) -> tuple[int | None, int | None]:
    if draft.damage_low is not None and draft.damage_high is not None:
        return draft.damage_low, draft.damage_high
    if draft.damage_scale and draft.damage_value is not None:
        graded = to_interval(draft.damage_scale, draft.damage_value)
        if graded is not None and graded.low is not None:
            return graded.low, graded.high
    return hinted_low, hinted_high


def _position(crisis: Crisis, draft: ReportDraft) -> dict[str, Any]:
    longitude, latitude, flag = draft.longitude, draft.latitude, draft.position_flag
    if longitude is None or latitude is None:
        if flag is None and (stamp := _placed_photo(crisis, draft)):
            return _from_photo(stamp)
        return {"lon_e7": None, "lat_e7": None, "cell_key": None, "position_flag": flag}
    inside = _inside(crisis, longitude, latitude)
    if longitude == 0 and latitude == 0 and not inside:
        return {"lon_e7": None, "lat_e7": None, "cell_key": None, "position_flag": "null_island"}
    if flag is None and not inside:
        flag = "swapped" if _inside(crisis, latitude, longitude) else "outside_bbox"
    if abs(latitude) > MAX_LATITUDE:
        flag = flag or "clamped"
    key = cell_key(longitude, latitude)
    return {"lon_e7": to_e7(longitude), "lat_e7": to_e7(latitude), "cell_key": key, "position_flag": flag}


def _placed_photo(crisis: Crisis, draft: ReportDraft) -> PhotoStamp | None:
    """Return the first photo that places itself in the crisis; asked only where the sender names no place."""
    stamps = (medium.stamp for medium in draft.media if medium.stamp and medium.stamp.is_placed)
    return next((stamp for stamp in stamps if _inside(crisis, *_degrees(stamp))), None)


def _from_photo(stamp: PhotoStamp) -> dict[str, Any]:
    """Propose a photo's own position, with how far the damage may lie from it; verifiers see the flag."""
    longitude, latitude = _degrees(stamp)
    return {
        "lon_e7": to_e7(longitude),
        "lat_e7": to_e7(latitude),
        "cell_key": cell_key(longitude, latitude),
        "position_flag": FROM_PHOTO,
        "position_accuracy_m": stamp.accuracy_m,
    }


def _degrees(stamp: PhotoStamp) -> tuple[float, float]:
    return stamp.longitude or 0.0, stamp.latitude or 0.0


def _inside(crisis: Crisis, longitude: float, latitude: float) -> bool:
    return crisis.west <= longitude <= crisis.east and crisis.south <= latitude <= crisis.north


def _fingerprints(store: Store, crisis: Crisis, draft: ReportDraft) -> dict[str, str | None]:
    words = " ".join(draft.text.split()).casefold()
    contact = "".join((draft.contact or "").split()).casefold()
    return {
        "text_fingerprint": store.keys.fingerprint(crisis.id, "text", words) if words else None,
        "contact_fingerprint": store.keys.fingerprint(crisis.id, "contact", contact) if contact else None,
    }


def _media(
    store: Store, crisis_id: int, report_id: uuid.UUID, secret: ReportSecret, draft: ReportDraft
) -> list[dict[str, Any]]:
    return [
        {
            "crisis_id": crisis_id,
            "id": uuid.uuid4(),
            "report_id": report_id,
            "position": position,
            "sha256": medium.sha256,
            "content_type": medium.content_type,
            "size": len(medium.data),
            "blob": store.blobs.put(seal(secret, medium.data, report_id)),
            "stamp": medium.stamp.as_json() if medium.stamp else None,
            "copy_is_cut": False,
        }
        for position, medium in enumerate(draft.media)
    ]


def _idempotency(
    crisis_id: int, report_id: uuid.UUID, draft: ReportDraft, sender: Sender, at: datetime
) -> dict[str, Any] | None:
    if draft.idempotency_key is None:
        return None
    return {
        "crisis_id": crisis_id,
        "sender_key": sender.owner,
        "key": draft.idempotency_key,
        "content_hash": draft.content_hash,
        "report_id": report_id,
        "created_at": at,
    }


def hash_content(document: Any, media: list[str]) -> str:
    """Return the hash that tells whether a repeated request has the same content.

    `document` is the parsed JSON, `media` the SHA-256 of each medium in order.
    """
    canonical = orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(canonical + b"\0" + ",".join(media).encode()).hexdigest()
