"""Atom feeds (RFC 4287) with GeoRSS Simple: what is new, for feed readers and other programs.

Every text in one comes from the vocabulary or from the crisis' own people, never from a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import shapely
from flask_babel import gettext as _

from mapper.exchange.titles import damage_words, title_of
from mapper.geography.positions import from_e7
from mapper.store.snapshot_format import WHOLE_CRISIS
from mapper.store.tables import Incident
from mapper.vocabulary.sectors import MULTIPLE, MULTIPLE_LABEL, SECTORS
from mapper.vocabulary.states import STATES, State

ATOM = "http://www.w3.org/2005/Atom"
GEORSS = "http://www.georss.org/georss"
ET.register_namespace("", ATOM)
ET.register_namespace("georss", GEORSS)


@dataclass(frozen=True)
class Entry:
    """One entry. `place` is a GeoRSS element's name and its text, latitude before longitude."""

    id: str  # stays the same whatever becomes of the entry
    title: str
    summary: str
    updated: datetime
    published: datetime | None
    categories: Sequence[str]
    link: str
    place: tuple[str, str] | None


@dataclass(frozen=True)
class Feed:
    """A feed's own head."""

    id: str
    title: str
    link: str  # of itself
    page: str
    updated: datetime


def feed_xml(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Return an Atom document."""
    root = ET.Element(f"{{{ATOM}}}feed")
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    _link(root, "self", feed.link, "application/atom+xml")
    _link(root, "alternate", feed.page, "text/html")
    _add(ET.SubElement(root, f"{{{ATOM}}}author"), "name", feed.title)
    for entry in entries:
        _entry(root, entry)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(root: ET.Element, entry: Entry) -> None:
    made = ET.SubElement(root, f"{{{ATOM}}}entry")
    _add(made, "id", entry.id)
    _add(made, "title", entry.title)
    _add(made, "updated", entry.updated.isoformat())
    if entry.published is not None:
        _add(made, "published", entry.published.isoformat())
    _add(made, "summary", entry.summary)
    for category in entry.categories:
        ET.SubElement(made, f"{{{ATOM}}}category", {"term": category})
    _link(made, "alternate", entry.link, "text/html")
    if entry.place is not None:
        name, text = entry.place
        ET.SubElement(made, f"{{{GEORSS}}}{name}").text = text


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = _printable(text)


def _link(parent: ET.Element, relation: str, address: str, kind: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"rel": relation, "href": address, "type": kind})


def _printable(text: str) -> str:
    """Return a text without the control characters that XML cannot hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n")


def incident_entry(incident: Incident, page: str) -> Entry:
    """Return the entry of an incident; its point is the incident's own."""
    state = _(STATES[State(incident.status)].label)
    return Entry(
        id=f"urn:uuid:{incident.id}",
        title=title_of(incident.sector, incident.asset, incident.damage_low, incident.damage_high),
        summary=_(
            "%(state)s. Reports: %(reports)s, sources: %(sources)s, origins: %(origins)s.",
            state=state,
            reports=incident.reports,
            sources=incident.sources,
            origins=incident.origins,
        ),
        updated=incident.changed_at,
        published=incident.first_reported_at,
        categories=[incident.sector, incident.status],
        link=f"{page}?incident={incident.id}",
        place=_point(incident.lon_e7, incident.lat_e7),
    )


def _point(lon_e7: int | None, lat_e7: int | None) -> tuple[str, str] | None:
    if lon_e7 is None or lat_e7 is None:
        return None
    return "point", f"{from_e7(lat_e7)} {from_e7(lon_e7)}"


def release_entry(row: dict[str, Any], area: dict[str, Any], key: str, page: str, updated: datetime) -> Entry:
    """Return the entry of a row of the release: a count of an area, with the area's outline."""
    name = _("Several areas together") if row["area_code"] == WHOLE_CRISIS else area["name"]
    sector = MULTIPLE_LABEL if row["sector"] == MULTIPLE else SECTORS[row["sector"]].label
    return Entry(
        id=f"{page}#{key}",
        title=_("%(sector)s, %(area)s, %(week)s", sector=_(sector), area=name, week=row["week"]),
        summary=_(
            "%(count)s verified incidents. %(damage)s.",
            count=row["count"],
            damage=damage_words(row["damage_low"], row["damage_high"]),
        ),
        updated=updated,
        published=None,
        categories=[row["sector"], row["week"]],
        link=f"{page}?area={row['area_code']}",
        place=_outline(area["geometry"]),
    )


def _outline(wkb: bytes) -> tuple[str, str]:
    """Return an outline of one ring, or, where there are several, the box around them."""
    shape = shapely.from_wkb(wkb)
    parts = shapely.get_parts(shape)
    if len(parts) == 1:
        return "polygon", " ".join(f"{lat} {lon}" for lon, lat in parts[0].exterior.coords)
    west, south, east, north = shape.bounds
    return "box", f"{south} {west} {north} {east}"
