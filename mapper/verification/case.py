"""What the case's screen shows of one incident, gathered in one read of the store."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mapper.accounts.principal import Principal
from mapper.exchange.detail import incident_detail
from mapper.fusion.explain import in_words
from mapper.fusion.service import proposals
from mapper.geography.cells import covering_ranges
from mapper.geography.positions import degrees_around, distance_m, from_e7
from mapper.publication.policy import Policy
from mapper.store.store import Store
from mapper.store.tables import Crisis, Incident, LinkArchive
from mapper.verification.claims import Holder, holders
from mapper.verification.comments import Said, said_about
from mapper.verification.facilities import Facility, facilities_near
from mapper.verification.flags import Flag, risk_flags
from mapper.verification.gate import Condition, conditions, facts_of
from mapper.verification.links import archives_of
from mapper.verification.pins import Pin, standing_pins
from mapper.verification.queue import incidents_by_id, nearby
from mapper.verification.rules import Actor, is_own_organisation
from mapper.verification.situations import decisions_of, situation_of
from mapper.verification.sun import Sun, sun_at
from mapper.verification.translations import Translated, translations_of
from mapper.vocabulary.states import Kind, State, choices

NEARBY_M = 500.0
MOST_AROUND = 8


@dataclass(frozen=True)
class Neighbour:
    """Another incident, its distance in metres and its place in degrees."""

    incident: Incident
    metres: int
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Proposal:
    """Another incident that fusion takes for perhaps the same damage, how likely, and why in words."""

    incident: Incident
    probability: float | None
    why: str


@dataclass(frozen=True)
class Case:
    """One incident as one person may see it."""

    incident: Incident
    detail: dict[str, Any]
    kinds: list[Kind]
    holder: Holder | None
    is_own: bool
    is_own_organisation: bool
    own_assessment: int | None  # number of the assessment that the person can still correct
    flags: list[Flag]
    gate: list[Condition]
    proposals: list[Proposal]
    around: list[Neighbour]
    facilities: list[Facility]
    sun: Sun | None
    pins: list[Pin]
    translations: dict[str, list[Translated]]
    archives: dict[str, LinkArchive]
    comments: list[Said]
    public_from: datetime | None


def gather(
    session: Session,
    store: Store,
    crisis: Crisis,
    incident_id: uuid.UUID,
    person: Principal,
    sun_time: datetime | None = None,
) -> Case | None:
    """Return the case; None where the crisis has no such incident. `sun_time` replaces the stated time."""
    detail = incident_detail(session, store.keys, crisis.id, incident_id, person.user_id)
    incident = session.get(Incident, (crisis.id, incident_id))
    if detail is None or incident is None:
        return None
    roles = person.roles(crisis.id)
    actor = Actor(person.user_id or 0, roles, person.organisation)
    situation = situation_of(session, incident, decisions_of(session, crisis.id, incident_id))
    mine = [item.number for item in situation.assessments if item.user_id == actor.user_id]
    is_alone = len(mine) == len(situation.assessments)
    own_organisation = is_own_organisation(situation, actor)
    reports = detail["properties"]["report_list"]
    place = place_of(incident)
    return Case(
        incident=incident,
        detail=detail,
        kinds=[] if incident.merged_into else choices(roles, State(incident.status)),
        holder=holders(session, crisis.id, [incident_id], store.clock()).get(incident_id),
        is_own=actor.user_id in situation.senders,
        is_own_organisation=own_organisation,
        own_assessment=mine[-1] if mine and is_alone else None,
        flags=risk_flags(crisis, incident, reports, is_own_organisation=own_organisation),
        gate=conditions(facts_of(incident, {"own_organisation": own_organisation}), {}),
        proposals=_proposals(session, incident),
        around=_around(session, incident, place),
        facilities=facilities_near(session, crisis.id, *place, NEARBY_M) if place else [],
        sun=_sun(incident, place, sun_time),
        pins=standing_pins(session, crisis.id, incident_id),
        translations=translations_of(
            session, store.keys, crisis.id, [uuid.UUID(report["id"]) for report in reports]
        ),
        archives=archives_of(session, crisis.id, [uuid.UUID(report["id"]) for report in reports]),
        comments=said_about(session, crisis.id, incident_id, person.user_id),
        public_from=_public_from(crisis, incident),
    )


def place_of(incident: Incident) -> tuple[float, float] | None:
    """Return an incident's longitude and latitude in degrees."""
    if incident.lon_e7 is None or incident.lat_e7 is None:
        return None
    return from_e7(incident.lon_e7), from_e7(incident.lat_e7)


def _around(session: Session, incident: Incident, place: tuple[float, float] | None) -> list[Neighbour]:
    if place is None:
        return []
    wide, high = degrees_around(place[1], NEARBY_M)
    ranges = covering_ranges(place[0] - wide, place[1] - high, place[0] + wide, place[1] + high)
    found = []
    for other in nearby(session, incident, ranges):
        there = place_of(other)
        if there is not None:
            found.append((distance_m(*place, *there), str(other.id), other, there))
    return [
        Neighbour(other, round(metres), *there)
        for metres, _id, other, there in sorted(found, key=lambda item: item[:2])[:MOST_AROUND]
        if metres <= NEARBY_M
    ]


def _proposals(session: Session, incident: Incident) -> list[Proposal]:
    links = {link.incident_id: link for link in proposals(session, incident.crisis_id, incident.id)}
    return [
        Proposal(other, links[other.id].probability, in_words(links[other.id].why))
        for other in incidents_by_id(session, incident.crisis_id, list(links))
    ]


def _sun(incident: Incident, place: tuple[float, float] | None, at: datetime | None) -> Sun | None:
    at = at or incident.happened_from
    return sun_at(*place, at) if place and at else None


def _public_from(crisis: Crisis, incident: Incident) -> datetime | None:
    """Return from when the public may count it; None while it is not verified."""
    if incident.status != State.VERIFIED.value or incident.verified_at is None:
        return None
    event = incident.happened_to or incident.happened_from or incident.first_reported_at
    return Policy.of(crisis).visible_at(event, incident.verified_at, incident.sector, incident.asset)
