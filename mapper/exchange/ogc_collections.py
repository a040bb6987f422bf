"""The collections of the OGC API: of each crisis its incidents, or the release's rows, and its areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext as _

from mapper.accounts.access import principal
from mapper.exchange.ogc import (
    CRS84,
    GEOJSON,
    HTML,
    QUERYABLES,
    SCHEMA,
    SYSTEMS,
    TILESETS,
    extent,
    link,
    two_links,
)
from mapper.publication.gate import Seen, audience_seen, seen
from mapper.store.crises import all_crises, crisis_by_slug
from mapper.store.tables import Crisis
from mapper.web.context import current_store
from mapper.web.errors import Problem

INCIDENTS, AREAS = "incidents", "areas"
KINDS = (INCIDENTS, AREAS)


@dataclass(frozen=True)
class Collection:
    """One collection, as the asker may see it."""

    crisis: Crisis
    kind: str
    seen: Seen

    @property
    def id(self) -> str:
        """Its name in addresses, such as coast.incidents."""
        return f"{self.crisis.slug}.{self.kind}"

    @property
    def title(self) -> str:
        """Its name for people."""
        what = {
            AREAS: _("areas"),
            INCIDENTS: _("verified incidents by area, sector and week")
            if self.seen.is_public
            else _("incidents"),
        }[self.kind]
        return f"{self.crisis.name}: {what}"

    @property
    def takes_filters(self) -> bool:
        """Whether CQL2 may choose among its items: never among public numbers (`contract.md`)."""
        return self.kind == INCIDENTS and not self.seen.is_public


def collection_of(name: str) -> Collection:
    """Return the collection of that name; a 404 problem where the asker sees none."""
    slug, _dot, kind = name.rpartition(".")
    store = current_store()
    with store.read() as session:
        crisis = crisis_by_slug(session, slug)
    if crisis is None or kind not in KINDS:
        raise Problem(404, detail=_("There is no such collection."))
    g.crisis = crisis
    return Collection(crisis, kind, seen(store, crisis, principal().audience(crisis.id)))


def collections() -> Sequence[Collection]:
    """Return every collection that the asker sees; a crisis whose public side is blanked has none."""
    store = current_store()
    with store.read() as session:
        crises = all_crises(session)
    person = principal()
    shown = [
        crisis
        for crisis in crises
        if crisis.blanked_at is None or audience_seen(person.audience(crisis.id)) == "internal"
    ]
    return [
        Collection(crisis, kind, seen(store, crisis, person.audience(crisis.id)))
        for crisis in shown
        for kind in KINDS
    ]


def described(collection: Collection) -> dict[str, Any]:
    """Return what the standard says of a collection."""
    crisis, name = collection.crisis, collection.id
    values = {"collection_id": name}
    links = [
        *two_links("collection", collection.title, **values),
        link("items", GEOJSON, _("Items"), "items", **values),
        link("items", HTML, _("Items"), "items", **values, f="html"),
        link(QUERYABLES, SCHEMA, _("What to filter by"), "queryables", **values),
        link("describedby", SCHEMA, _("Properties"), "schema", **values),
    ]
    if collection.kind == INCIDENTS:
        links.append(link(TILESETS, "application/json", _("Vector tiles"), "tilesets", **values))
    until = collection.seen.snapshot.data_until.isoformat() if collection.seen.snapshot else None
    return {
        "id": name,
        "title": collection.title,
        "description": collection.title,
        "extent": extent((crisis.west, crisis.south, crisis.east, crisis.north), (None, until)),
        "itemType": "feature",
        "crs": list(SYSTEMS),
        "storageCrs": CRS84,
        "links": links,
    }
