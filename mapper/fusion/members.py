"""Members: reports as fusion needs them, read from the store, opened once and kept for a while."""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import nan
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapper.fusion.aggregate import Witness
from mapper.fusion.blocking import Blocking, Crowding
from mapper.fusion.traits import Traits, category_codes
from mapper.fusion.words import code_of, names_of, numbers_of, words_of
from mapper.geography.positions import from_e7
from mapper.store.contents import ReportContent, open_contents
from mapper.store.keys import Keyring
from mapper.store.tables import CrisisRole, DeploymentRole, Medium, Report
from mapper.vocabulary.assets import ASSETS
from mapper.vocabulary.damage import DamageInterval

IDS_AT_ONCE = 500
MOST_KEPT = 20_000  # opened reports a process keeps: about 40 MB
PERSON = "reporter"
WORKING = "working"


@dataclass(frozen=True)
class Member:
    """One report: what links it, and what it says."""

    id: uuid.UUID
    received_at: datetime
    traits: Traits
    witness: Witness
    crowding: Crowding | None  # None without a position
    areas: tuple[dict[str, str] | None, int | None, bool]  # codes, version, whether outside every area
    is_erased: bool

    @property
    def order(self) -> tuple[datetime, uuid.UUID]:
        """By what reports stand in line: receipt, then id."""
        return self.received_at, self.id


class Members:
    """The reports of one crisis by id, kept across batches of one process."""

    def __init__(self, keys: Keyring, crisis_id: int) -> None:
        self._keys = keys
        self._crisis_id = crisis_id
        self.blocking = Blocking(keys, crisis_id)
        self._kept: OrderedDict[uuid.UUID, Member] = OrderedDict()
        self._lock = Lock()

    def load(self, session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Member]:
        """Return the reports of these ids that exist."""
        with self._lock:
            found = {one: self._kept[one] for one in ids if one in self._kept}
            for one in found:
                self._kept.move_to_end(one)
        missing = [one for one in ids if one not in found]
        for some in portions(missing):
            condition = (Report.crisis_id == self._crisis_id, Report.id.in_(some))
            read = self.read(session, session.scalars(select(Report).where(*condition)).all())
            found |= {member.id: member for member in read}
        return found

    def read(self, session: Session, reports: Sequence[Report]) -> list[Member]:
        """Return rows as members, opened; and keep those that can no longer change."""
        contents = open_contents(session, self._keys, reports)
        photos, unfinished = _photos(session, self._crisis_id, [report.id for report in reports])
        people = _people(session, self._crisis_id, reports)
        read = [
            member_of(
                report,
                contents.get(report.id),
                photos[report.id],
                report.sender_user_id in people,
                self.blocking,
            )
            for report in reports
        ]
        with self._lock:
            self._kept |= {member.id: member for member in read if member.id not in unfinished}
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return read

    def forget(self, ids: Iterable[uuid.UUID]) -> None:
        """Forget what was read of these reports, for instance because they were erased."""
        with self._lock:
            for one in ids:
                self._kept.pop(one, None)


def member_of(
    report: Report,
    content: ReportContent | None,
    photos: tuple[int, ...],
    is_person: bool,
    blocking: Blocking,
) -> Member:
    """Return a report's row as a member. `content` is None once it was erased."""
    content = content or ReportContent()
    link = code_of((content.source_url or "").strip())
    traits = _traits(report, content, link, photos)
    known_asset = report.asset if report.asset in ASSETS else None
    return Member(
        id=report.id,
        received_at=report.received_at,
        traits=traits,
        witness=Witness(
            report=report.id,
            received_at=report.received_at,
            source=_source(report, is_person),
            observed_at=report.observed_at,
            observed_until=report.observed_until,
            position=(traits.lon, traits.lat) if traits.is_located else None,
            sector=report.sector,
            asset=known_asset,
            damage=_damage(report),
            service_state=report.service_state,
            needs=tuple(report.needs),
            people=report.people_affected,
            text=report.text_fingerprint,
            words=traits.words,
            link=link,
            photos=photos,
        ),
        crowding=blocking.crowding(traits) if traits.is_located else None,
        areas=(report.area_codes, report.areas_version, report.outside_areas),
        is_erased=report.erased_at is not None,
    )


def with_accuracy(member: Member, accuracy_m: float) -> Witness:
    """Return what a member says, with its accuracy as its surroundings betray it."""
    return replace(member.witness, accuracy_m=accuracy_m)


def portions(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield ids in groups that fit one statement."""
    for start in range(0, len(ids), IDS_AT_ONCE):
        yield ids[start : start + IDS_AT_ONCE]


def _traits(report: Report, content: ReportContent, link: int, photos: tuple[int, ...]) -> Traits:
    at = hours_of(report.observed_at or report.received_at)
    kind, sector = category_codes(report.asset, report.sector, report.category)
    located = report.lon_e7 is not None and report.lat_e7 is not None
    return Traits(
        report=report.id,
        at=at,
        until=max(at, hours_of(report.observed_until)) if report.observed_until else at,
        is_observed=report.observed_at is not None,
        lon=from_e7(report.lon_e7) if located and report.lon_e7 is not None else nan,
        lat=from_e7(report.lat_e7) if located and report.lat_e7 is not None else nan,
        accuracy_m=nan if report.position_accuracy_m is None else report.position_accuracy_m,
        kind=kind,
        sector=sector,
        words=words_of(content.text),
        place=words_of(content.location_text),
        names=names_of(content.location_text),
        address=numbers_of(content.location_text),
        link=link,
        restores=report.service_state == WORKING and not report.damage_high,
        photos=photos,
    )


def hours_of(moment: datetime) -> float:
    """Return hours since 1970 UTC."""
    return moment.timestamp() / 3600


def _source(report: Report, is_person: bool) -> str:
    if report.contact_fingerprint:
        return f"contact:{report.contact_fingerprint}"
    if is_person:
        return f"account:{report.sender_user_id}"
    return f"report:{report.claim_of or report.id}"


def _damage(report: Report) -> DamageInterval | None:
    if report.damage_low is None or report.damage_high is None:
        return None
    return DamageInterval(report.damage_low, report.damage_high)


def _photos(
    session: Session, crisis_id: int, ids: Sequence[uuid.UUID]
) -> tuple[dict[uuid.UUID, tuple[int, ...]], set[uuid.UUID]]:
    """Return the hashes of each report's photos, and which reports have a photo still waiting for its own.

    A photo not yet looked at goes by its exact bytes.
    """
    found: dict[uuid.UUID, tuple[int, ...]] = defaultdict(tuple)
    unfinished: set[uuid.UUID] = set()
    columns = (Medium.report_id, Medium.sha256, Medium.perceptual_hash, Medium.processed_at)
    for some in portions(ids):
        query = select(*columns).where(Medium.crisis_id == crisis_id, Medium.report_id.in_(some))
        for row in session.execute(query.order_by(Medium.report_id, Medium.position)):
            if row.perceptual_hash:
                found[row.report_id] += (int(row.perceptual_hash, 16),)
            elif row.sha256:
                exact = hashlib.blake2b(row.sha256.encode(), digest_size=8).digest()
                found[row.report_id] += (int.from_bytes(exact, "big"),)
            if row.processed_at is None:
                unfinished.add(row.report_id)
    return found, unfinished


def _people(session: Session, crisis_id: int, reports: Sequence[Report]) -> set[int | None]:
    """Return which senders are single people: accounts that hold the role of a reporter."""
    senders = {report.sender_user_id for report in reports if report.sender_user_id is not None}
    if not senders:
        return set()
    here = select(CrisisRole.user_id).where(
        CrisisRole.crisis_id == crisis_id, CrisisRole.role == PERSON, CrisisRole.user_id.in_(senders)
    )
    everywhere = select(DeploymentRole.user_id).where(
        DeploymentRole.role == PERSON, DeploymentRole.user_id.in_(senders)
    )
    return {*session.scalars(here), *session.scalars(everywhere)}
